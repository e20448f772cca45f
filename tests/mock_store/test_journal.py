import asyncio

import pytest

from mock_store import provider_ledger
from tests.mock_store.lab import PRICE_CENTS, Lab

pytestmark = pytest.mark.anyio


async def test_a_callback_pays_what_a_lost_answer_left_unknown(lab: Lab) -> None:
    """The callback alone makes the order paid, without a question to the provider."""
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    await lab.pay(order_id)
    await lab.deliver_callbacks()

    assert await lab.status(order_id) == "paid"
    assert await lab.pending() == (0, 0, 0)
    assert "status/payments" not in lab.net.calls


async def test_duplicated_callbacks_have_one_effect(two_regions: Lab) -> None:
    """The same event at both regions, many times and at once, sells the units once."""
    order_id = await two_regions.bought("ann")
    two_regions.net.break_("lost", ["capture"])
    await two_regions.pay(order_id)
    (event,) = two_regions.provider.storage.read(provider_ledger.undelivered)

    answers = await asyncio.gather(
        *(two_regions.clients[at].post("/callbacks/payment", content=event.body) for at in "ababab")
    )

    assert {200} == {answer.status_code for answer in answers}
    assert await two_regions.flash() == {"initial": 10, "available": 9, "reserved": 0, "sold": 1}
    assert two_regions.ledger("refund") == []


async def test_an_event_counts_once_whatever_it_says(lab: Lab) -> None:
    """A second delivery of an event is ignored even if its body has changed on the way."""
    order_id = await lab.bought("ann")
    event = {"event_id": "e", "type": "payment.captured", "order_id": order_id, "amount_cents": PRICE_CENTS}
    for payment_id in ("p-1", "p-2"):
        await lab.clients["a"].post("/callbacks/payment", json={**event, "payment_id": payment_id})

    assert await lab.status(order_id) == "paid"
    assert await lab.pending() == (0, 0, 0)


async def test_a_callback_before_the_answer_is_legal(lab: Lab) -> None:
    """The callback overtakes the capture's answer: the order is paid once, and the shopper told so."""
    order_id = await lab.bought("ann")
    loop = asyncio.get_running_loop()
    callbacks = []
    lab.net.after["capture"] = lambda: callbacks.append(loop.create_task(lab.deliver_callbacks()))
    response = await lab.pay(order_id)
    await asyncio.gather(*callbacks)

    assert (response.status_code, response.json()["status"]) == (200, "paid")
    assert await lab.flash() == {"initial": 10, "available": 9, "reserved": 0, "sold": 1}


async def test_a_late_callback_of_a_paid_order_changes_nothing(lab: Lab) -> None:
    """After the answer, the callback is acknowledged and nothing more."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    await lab.deliver_callbacks()

    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (
            {
                "event_id": "e",
                "type": "payment.captured",
                "payment_id": "p",
                "order_id": "o-nobody",
                "amount_cents": 1,
            },
            200,
        ),
        ({"event_id": "e"}, 400),
    ],
    ids=["of an order nobody knows", "that is not one"],
)
async def test_strange_callbacks_do_no_harm(lab: Lab, body: dict[str, object], status: int) -> None:
    """What cannot concern us is acknowledged or refused, without effect."""
    response = await lab.clients["a"].post("/callbacks/payment", json=body)

    assert status == response.status_code
    assert await lab.pending() == (0, 0, 0)
