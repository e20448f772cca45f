"""The shop's bugs of payments, each in a scenario in which the correct shop keeps its books."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mock_store.defects import Defect
from tests.mock_store.lab import PRICE_CENTS, Lab, open_lab

pytestmark = pytest.mark.anyio

Scenario = Callable[[Lab], Awaitable[tuple[Any, ...]]]


async def three_callbacks(lab: Lab) -> tuple[Any, ...]:
    """One event arrives three times."""
    order_id = await lab.bought("ann")
    payment_id = (await lab.pay(order_id)).json()["payment_id"]
    event = {"event_id": "e", "type": "payment.captured", "payment_id": payment_id}
    for _ in range(3):
        await lab.post("/callbacks/payment", {**event, "order_id": order_id, "amount_cents": PRICE_CENTS})
    (seen,) = await lab.books("events")
    return seen["received"], seen["effects"]


async def zombie_capture(lab: Lab) -> tuple[Any, ...]:
    """Let a capture request arrive after the order has expired, and be called back."""
    order_id = await lab.bought("ann")
    lab.net.break_("dropped", ["capture"])
    await lab.pay(order_id)
    lab.clock.advance(6)
    await lab.tick()
    lab.net.heal()
    (entry,) = lab.ledger("authorize")
    bank = lab.regions["a"].channels.of("first")
    await bank.capture(entry["payment_id"], order_id, PRICE_CENTS, key="zombie")
    await lab.deliver_callbacks()
    await lab.settle()
    return await lab.status(order_id), lab.charged_cents(), (await lab.flash())["sold"]


async def lost_capture(lab: Lab) -> tuple[Any, ...]:
    """Lose the answer to a capture."""
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    answer = await lab.pay(order_id)
    await lab.deliver_callbacks()
    await lab.settle()
    return answer.status_code, await lab.status(order_id), lab.charged_cents()


async def lost_authorization(lab: Lab) -> tuple[Any, ...]:
    """Drop a request to authorize."""
    await lab.pay(await lab.bought("ann"))
    await lab.settle()
    lab.net.break_("dropped", ["authorize"])
    await lab.pay(await lab.bought("bob"), shopper="bob")
    await lab.settle()
    return await lab.pending()


async def lost_refund(lab: Lab) -> tuple[Any, ...]:
    """Lose the answer to a refund."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    await lab.cancel(order_id)
    lab.net.break_("lost", ["refund"])
    await lab.tick()
    await lab.settle()
    return len(lab.ledger("refund")), lab.charged_cents()


async def dropped_capture(lab: Lab) -> tuple[Any, ...]:
    """Drop a request to capture; a moment later the provider can be asked again."""
    order_id = await lab.bought("ann")
    lab.net.break_("dropped", ["capture"])
    await lab.pay(order_id)
    lab.net.heal()
    await lab.tick()
    return await lab.status(order_id), lab.charged_cents()


async def garbled_authorization(lab: Lab) -> tuple[Any, ...]:
    """Answer an authorization with a 200 that nobody can read."""
    order_id = await lab.bought("ann")
    lab.net.break_("garbled", ["authorize"])
    await lab.pay(order_id)
    lab.net.heal()
    await lab.tick()
    return await lab.status(order_id), lab.charged_cents()


async def partial_capture(lab: Lab) -> tuple[Any, ...]:
    """Take half of what was asked for."""
    lab.provider.modes.put("partial_capture", b'{"share": 1, "part": 0.5}')
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    await lab.settle()
    return await lab.status(order_id), lab.charged_cents()


async def paid(lab: Lab) -> tuple[Any, ...]:
    """Nothing goes wrong."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    await lab.deliver_callbacks()
    return await lab.status(order_id), len(lab.ledger("authorize")), len(lab.ledger("capture"))


TABLE = [
    (Defect.CALLBACK_NOT_DEDUPLICATED, three_callbacks, (3, 0), (3, 3)),
    (Defect.CALLBACK_RESURRECTS, zombie_capture, ("expired", 0, 0), ("paid", PRICE_CENTS, 1)),
    (Defect.LATE_CAPTURE_KEPT, zombie_capture, ("expired", 0, 0), ("expired", PRICE_CENTS, 0)),
    (Defect.CAPTURE_BEFORE_COMMIT, lost_capture, (202, "paid", PRICE_CENTS), (202, "expired", PRICE_CENTS)),
    (Defect.PENDING_FOR_EVER, lost_authorization, (0, 0, 0), (1, 1, 1)),
    (Defect.REFUNDED_TWICE, lost_refund, (1, 0), (2, -PRICE_CENTS)),
    (Defect.FAIL_BUT_CHARGED, lost_capture, (202, "paid", PRICE_CENTS), (402, "paid", PRICE_CENTS)),
    (Defect.PAID_WITHOUT_CAPTURE, dropped_capture, ("paid", PRICE_CENTS), ("paid", 0)),
    (Defect.EMPTY_200_IS_PAID, garbled_authorization, ("paid", PRICE_CENTS), ("paid", 0)),
    (Defect.PARTIAL_CAPTURE_TAKEN, partial_capture, ("expired", 0), ("paid", PRICE_CENTS // 2)),
    (
        Defect.CHARGED_ON_BOTH_PROVIDERS,
        lost_capture,
        (202, "paid", PRICE_CENTS),
        (200, "paid", 2 * PRICE_CENTS),
    ),
    (Defect.CAPTURE_WITHOUT_AUTHORIZATION, paid, ("paid", 1, 1), ("paid", 0, 1)),
]


@pytest.mark.parametrize(("defect", "scenario", "right", "wrong"), TABLE, ids=[row[0] for row in TABLE])
async def test_the_books_with_and_without_the_bug(
    tmp_path: Path, defect: Defect, scenario: Scenario, right: tuple[Any, ...], wrong: tuple[Any, ...]
) -> None:
    """The same misfortune: the correct shop keeps its books, the bug breaks them."""
    found = []
    for number, defects in enumerate(([], [defect])):
        folder = tmp_path / str(number)
        async with open_lab(folder, second=True, defects=defects) as lab:
            found.append(await scenario(lab))

    assert found == [right, wrong]


async def test_a_resurrected_order_sells_what_was_sold_to_others(tmp_path: Path) -> None:
    """The last unit went to bob; ann's expired order, paid late, takes it too."""
    async with open_lab(tmp_path, stock=1, defects=[Defect.CALLBACK_RESURRECTS]) as lab:
        order_id = await lab.bought("ann")
        lab.net.break_("dropped", ["capture"])
        await lab.pay(order_id)
        lab.clock.advance(6)
        await lab.tick()
        lab.net.heal()
        await lab.pay(await lab.bought("bob"), shopper="bob")
        (entry, _) = lab.ledger("authorize")
        await (
            lab.regions["a"].channels.of("first").capture(entry["payment_id"], order_id, PRICE_CENTS, key="z")
        )
        await lab.deliver_callbacks()
        flash = await lab.flash()

    assert (flash["sold"], flash["available"], flash["initial"]) == (2, -1, 1)
