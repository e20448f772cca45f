import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mock_store.defects import Defect
from tests.mock_store.lab import PRICE_CENTS, Lab, open_lab

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hasty(tmp_path: Path) -> AsyncIterator[Lab]:
    """Return a shop of two regions that acknowledge before they commit; `gate` holds the late writes."""
    async with open_lab(tmp_path, names="ab", defects=[Defect.ACK_BEFORE_COMMIT]) as opened:
        yield opened


async def test_paid_is_said_before_anything_is_written(hasty: Lab) -> None:
    """The shopper is told paid, the provider has the money, the database knows of no payment at all."""
    order_id = await hasty.bought("ann")

    response = await hasty.pay(order_id)

    assert (
        response.status_code,
        response.json()["status"],
        hasty.charged_cents(),
    ) == (200, "paid", PRICE_CENTS)
    assert await hasty.status(order_id) == "pending_payment"
    assert await hasty.pending() == (0, 1, 0)


async def test_a_region_that_dies_now_loses_a_paid_order(hasty: Lab) -> None:
    """Callback acknowledged, late write never made: the order expires though it was paid for."""
    order_id = await hasty.bought("ann")
    await hasty.pay(order_id)
    await hasty.deliver_callbacks()
    hasty.clock.advance(6)
    await hasty.tick("b")

    assert (await hasty.status(order_id), hasty.charged_cents()) == ("expired", PRICE_CENTS)


async def test_a_region_that_lives_writes_it_two_seconds_later(hasty: Lab) -> None:
    """When the late writes of answer and callback have been made, the order is paid, once."""
    order_id = await hasty.bought("ann")
    await hasty.pay(order_id)
    await hasty.deliver_callbacks()
    await hasty.gate.reached_by(2)
    late = late_writes()
    hasty.gate.open()
    await asyncio.gather(*late)

    assert hasty.gate.asked_s == [2.0, 2.0]
    assert await hasty.status(order_id) == "paid"
    assert await hasty.flash() == {"initial": 10, "available": 9, "reserved": 0, "sold": 1}


async def test_replays_are_answered_from_memory(hasty: Lab) -> None:
    """A replayed payment and a duplicated callback have no second effect."""
    order_id = await hasty.bought("ann")
    first = await hasty.pay(order_id)
    again = await hasty.pay(order_id)
    body = {"event_id": "e", "type": "payment.captured", "payment_id": "p", "order_id": order_id}
    answers = [await hasty.post("/callbacks/payment", {**body, "amount_cents": 1}) for _ in range(2)]

    assert first.json() == again.json()
    assert hasty.charged_cents() == PRICE_CENTS
    assert {200} == {answer.status_code for answer in answers}
    await hasty.gate.reached_by(2)
    assert len(late_writes()) == 2


async def test_two_keys_at_once_are_not_both_charged(hasty: Lab) -> None:
    """While one payment is at work another of the same order is refused."""
    order_id = await hasty.bought("ann")

    answers = await asyncio.gather(hasty.pay(order_id, "p"), hasty.pay(order_id, "q"))

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert hasty.charged_cents() == PRICE_CENTS


@pytest.mark.parametrize("step", ["authorize", "capture"])
@pytest.mark.parametrize("fault", ["lost", "dropped"])
async def test_an_unknown_outcome_is_not_forgotten(hasty: Lab, step: str, fault: str) -> None:
    """Even this shop writes down what it does not know, and finds out."""
    order_id = await hasty.bought("ann")
    hasty.net.break_(fault, [step])
    response = await hasty.pay(order_id)
    hasty.net.heal()
    await hasty.tick()

    assert response.status_code == 202
    assert (await hasty.status(order_id), hasty.charged_cents()) == ("paid", PRICE_CENTS)


async def test_what_was_not_sent_leaves_the_order_payable(hasty: Lab) -> None:
    """Refused: 503, and the next attempt may begin."""
    order_id = await hasty.bought("ann")
    hasty.net.break_("refused")
    refused = await hasty.pay(order_id, "p")
    hasty.net.heal()

    assert (refused.status_code, (await hasty.pay(order_id, "q")).status_code) == (503, 200)


def late_writes() -> list["asyncio.Task[None]"]:
    """Return the tasks that will write later."""
    return [task for task in asyncio.all_tasks() if "FromMemory" in task.get_coro().__qualname__]  # type: ignore[union-attr]
