import asyncio
from pathlib import Path

import pytest

from mock_store import payments
from mock_store.defects import Defect
from tests.mock_store.lab import PRICE_CENTS, Lab, answering, open_lab

pytestmark = pytest.mark.anyio

UNAVAILABLE = {"error": "payment_unavailable", "fallback": "pay_later"}


async def test_a_card_payment_pays_the_order(lab: Lab) -> None:
    """Authorized and captured once: 200 with the payment's id, and the units are sold."""
    order_id = await lab.bought("ann")

    response = await lab.pay(order_id)

    assert response.status_code == 200
    (capture,) = lab.ledger("capture")
    paid = {"order_id": order_id, "status": "paid", "channel": "card", "amount_cents": PRICE_CENTS}
    assert {**paid, "payment_id": capture["payment_id"], "region": "a"} == response.json()
    assert await lab.flash() == {"initial": 10, "available": 9, "reserved": 0, "sold": 1}
    assert {
        **paid,
        "payment": "captured",
        "payment_id": capture["payment_id"],
        "region": "a",
    } == await lab.get(f"/orders/{order_id}")


async def test_pay_later_needs_no_provider(lab: Lab) -> None:
    """With the provider gone an order can be confirmed on the other channel; nothing is charged."""
    order_id = await lab.bought("ann")
    lab.net.break_("refused")

    response = await lab.pay(order_id, channel="pay_later")

    assert (response.status_code, response.json()["status"]) == (200, "confirmed")
    assert lab.net.calls == []
    assert await lab.pending() == (0, 0, 0)


async def test_a_provider_out_of_reach_is_said_truthfully(lab: Lab) -> None:
    """Refused at once: 503 with the fallback, and nothing is ever charged for the attempt."""
    order_id = await lab.bought("ann")
    lab.net.break_("refused")

    response = await lab.pay(order_id)

    assert (response.status_code, response.json()) == (503, UNAVAILABLE)
    await lab.settle()
    assert lab.charged_cents() == 0


async def test_a_key_whose_attempt_was_never_sent_is_free(lab: Lab) -> None:
    """After a 503 the same key may try again, even by the other channel."""
    order_id = await lab.bought("ann")
    lab.net.break_("refused")
    await lab.pay(order_id, "p")

    response = await lab.pay(order_id, "p", channel="pay_later")

    assert (response.status_code, response.json()["status"]) == (200, "confirmed")


async def test_an_open_breaker_answers_without_a_call(lab: Lab) -> None:
    """After three refusals in a row the fourth payment gets its 503 without touching the network."""
    order_id = await lab.bought("ann")
    lab.net.break_("refused")
    for _ in range(3):
        await lab.pay(order_id)
    calls = len(lab.net.calls)

    response = await lab.pay(order_id)

    assert (response.status_code, response.json()) == (503, UNAVAILABLE)
    assert calls == len(lab.net.calls)


async def test_the_breaker_lets_payments_through_a_second_after_healing(lab: Lab) -> None:
    """One second after it opened, the first probe pays and closes the breaker."""
    order_id = await lab.bought("ann")
    lab.net.break_("refused")
    for _ in range(3):
        await lab.pay(order_id)
    lab.net.heal()
    lab.clock.advance(1)

    assert (await lab.pay(order_id)).status_code == 200
    assert (await lab.pay(await lab.bought("bob"), shopper="bob")).status_code == 200


@pytest.mark.parametrize("fault", ["lost", "error", "garbled", "dropped"])
@pytest.mark.parametrize("step", ["authorize", "capture"])
async def test_a_lost_answer_is_unknown(lab: Lab, step: str, fault: str) -> None:
    """Whatever swallows an answer, the shopper is told 202 and the reconciler makes it one charge, paid."""
    order_id = await lab.bought("ann")
    lab.net.break_(fault, [step])

    response = await lab.pay(order_id)

    expected = {"order_id": order_id, "status": "pending", "region": "a"}
    assert (202, expected) == (response.status_code, response.json())
    assert (await lab.get(f"/orders/{order_id}"))["payment"] == "pending"
    assert await lab.pending() == (1, 1, 1)
    lab.net.heal()
    await lab.tick()
    await lab.tick()
    assert await lab.status(order_id) == "paid"
    assert lab.charged_cents() == PRICE_CENTS
    assert await lab.pending() == (0, 0, 0)


async def test_while_unknown_no_other_payment_begins(lab: Lab) -> None:
    """An unknown payment keeps out another card and pay later; its own key stays pending."""
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    await lab.pay(order_id, "p")

    answers = [await lab.pay(order_id, "q", channel=channel) for channel in ("card", "pay_later")]

    assert [(a.status_code, a.json()) for a in answers] == [(409, {"error": "payment_in_progress"})] * 2
    assert (await lab.pay(order_id, "p")).status_code == 202
    assert len(lab.ledger("capture")) == 1


async def test_authorized_but_not_captured_stays_pending(lab: Lab) -> None:
    """Only capture out of reach: 202; nothing is charged until the reconciler captures."""
    order_id = await lab.bought("ann")
    lab.net.break_("refused", ["capture"])

    response = await lab.pay(order_id)

    assert (response.status_code, lab.charged_cents()) == (202, 0)
    lab.net.heal()
    await lab.tick()
    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


async def test_a_replay_of_a_paid_order_charges_nothing(two_regions: Lab) -> None:
    """Any key, at any region, gets the paid order again."""
    order_id = await two_regions.bought("ann")
    first = (await two_regions.pay(order_id, "p", at="a")).json()

    again = [await two_regions.pay(order_id, key, at="b") for key in "pq"]

    assert [{**first, "region": "b"}] * 2 == [answer.json() for answer in again]
    assert len(two_regions.ledger("capture")) == 1


async def test_concurrent_attempts_charge_once(two_regions: Lab) -> None:
    """One key at both regions at once: a single charge; each attempt is told paid or pending."""
    order_id = await two_regions.bought("ann")

    answers = await asyncio.gather(*(two_regions.pay(order_id, at=at) for at in "abab"))

    assert {answer.status_code for answer in answers} <= {200, 202}
    assert two_regions.charged_cents() == PRICE_CENTS


async def test_concurrent_confirmations_sell_once(two_regions: Lab) -> None:
    """One pay-later key at both regions at once confirms once."""
    order_id = await two_regions.bought("ann")

    attempts = [two_regions.pay(order_id, channel="pay_later", at=at) for at in "abab"]
    answers = await asyncio.gather(*attempts)

    assert len({answer.json()["payment_id"] for answer in answers}) == 1
    assert await two_regions.flash() == {"initial": 10, "available": 9, "reserved": 0, "sold": 1}


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"amount_cents": 1}, 409, "amount_mismatch"),
        ({"shopper": "bob"}, 404, "unknown_order"),
        ({"channel": "barter"}, 400, "bad_request"),
        ({"amount_cents": -1}, 400, "bad_request"),
        ({"key": ""}, 400, "bad_request"),
        ({"shopper": "s" * 201}, 400, "bad_request"),
    ],
    ids=[
        "another amount than the order's",
        "somebody else's order",
        "no such channel",
        "a negative amount",
        "no idempotency key",
        "an overlong name",
    ],
)
async def test_bad_payments_are_refused(lab: Lab, change: dict[str, object], status: int, error: str) -> None:
    """A payment that cannot be right is refused without effect."""
    order_id = await lab.bought("ann")

    response = await lab.pay(order_id, **{"key": "p", **change})  # type: ignore[arg-type]

    assert (status, {"error": error}) == (response.status_code, response.json())
    assert lab.net.calls == []


async def test_a_key_that_paid_otherwise_is_refused(lab: Lab) -> None:
    """The same key with another channel is another request."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id, "p")

    response = await lab.pay(order_id, "p", channel="pay_later")

    assert (response.status_code, response.json()) == (422, {"error": "idempotency_mismatch"})


async def test_an_overdue_order_cannot_be_paid(lab: Lab) -> None:
    """At its deadline, and after it has expired, an order is refused as expired."""
    order_id = await lab.bought("ann")
    lab.clock.advance(6)
    answers = [await lab.pay(order_id, "p")]
    await lab.tick()
    answers.append(await lab.pay(order_id, "p"))

    assert [(a.status_code, a.json()) for a in answers] == [(409, {"error": "expired"})] * 2


async def test_a_declined_card_can_be_followed_by_another(lab: Lab) -> None:
    """A decline is final for its key and leaves the order payable under a new one."""
    order_id = await lab.bought("ann")
    working = lab.net.apps["authorize"]
    lab.net.apps["authorize"] = answering(402, b'{"error":"declined"}')
    answers = [await lab.pay(order_id, "p") for _ in range(2)]
    lab.net.apps["authorize"] = working

    assert [(a.status_code, a.json()) for a in answers] == [(402, {"error": "declined"})] * 2
    assert (await lab.pay(order_id, "q")).status_code == 200


async def test_a_provider_that_declines_with_200_makes_the_shop_lie(tmp_path: Path) -> None:
    """With the defect on, every payment is answered 200 with a body that says declined."""
    async with open_lab(tmp_path, defects=[Defect.ALL_PAYMENTS_DECLINED]) as lab:
        order_id = await lab.bought("ann")
        response = await lab.pay(order_id)

    expected = {"order_id": order_id, "status": "declined", "region": "a"}
    assert (200, expected) == (response.status_code, response.json())


@pytest.mark.parametrize(
    ("step", "status", "body"),
    [
        ("authorize", 409, b'{"error":"key_in_use"}'),
        ("authorize", 200, b'{"status":"authorized"}'),
        ("authorize", 200, b"{}"),
        ("capture", 409, b'{"error":"key_in_use"}'),
        ("capture", 200, b'{"status":"captured"}'),
        ("capture", 200, b"{}"),
    ],
    ids=[
        "somebody is at the authorization",
        "an authorization of no payment",
        "an empty authorization",
        "somebody is at the capture",
        "a capture of no payment",
        "an empty capture",
    ],
)
async def test_an_answer_that_proves_nothing_is_unknown(
    lab: Lab, step: str, status: int, body: bytes
) -> None:
    """Only a whole answer is believed: 202, and the order is not paid."""
    order_id = await lab.bought("ann")
    lab.net.apps[step] = answering(status, body)

    assert (await lab.pay(order_id)).status_code == 202
    assert await lab.pending() == (1, 1, 1)


@pytest.mark.parametrize("step", ["authorize", "capture"])
async def test_a_payment_at_work_is_left_alone(two_regions: Lab, step: str) -> None:
    """While one region waits for the provider, the other's reconciler does not touch its attempt."""
    order_id = await two_regions.bought("ann")
    two_regions.net.before[step] = lambda: two_regions.tick("b")

    assert (await two_regions.pay(order_id, at="a")).status_code == 200
    assert "status/payments" not in two_regions.net.calls


async def test_an_attempt_closed_meanwhile_is_not_captured(lab: Lab) -> None:
    """If the attempt was voided while it was authorized, no capture follows."""
    order_id = await lab.bought("ann")
    region = lab.regions["a"]

    async def void() -> None:
        found = region.storage.read(payments.open_of, order_id)
        assert found is not None
        await region.storage.write(payments.void, found, lab.clock.at_ns)

    lab.net.before["authorize"] = void

    assert (await lab.pay(order_id)).status_code == 202
    assert lab.ledger("capture") == []
