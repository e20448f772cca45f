import asyncio

import pytest

from tests.mock_store.lab import CLASSES, PRICE_CENTS, RESERVATION_S, Lab

pytestmark = pytest.mark.anyio

WHOLE = {"initial": 10, "available": 10, "reserved": 0, "sold": 0}


@pytest.mark.parametrize(
    ("channel", "restocked", "refunds"),
    [("card", 2, 1), ("pay_later", 2, 0), ("", 0, 0)],
    ids=["paid by card", "to be paid later", "not paid"],
)
async def test_cancelling_undoes_the_order(lab: Lab, channel: str, restocked: int, refunds: int) -> None:
    """Units come back, money goes back; sold ones count as restocked, and the order stays cancelled."""
    order_id = await lab.bought("ann", qty=2)
    if channel:
        await lab.pay(order_id, channel=channel, amount_cents=2 * PRICE_CENTS)

    response = await lab.cancel(order_id)
    owed = await lab.pending()
    await lab.settle()
    await lab.deliver_callbacks()

    assert (200, {"order_id": order_id, "status": "cancelled", "region": "a"}) == (
        response.status_code,
        response.json(),
    )
    assert ((0, 0, refunds), (0, 0, 0)) == (owed, await lab.pending())
    assert (WHOLE, restocked) == (await lab.flash(), (await lab.shelf("flash"))["restocked"])
    assert (refunds, 0) == (len(lab.ledger("refund")), lab.charged_cents())
    assert await lab.status(order_id) == "cancelled"
    assert (await lab.get(f"/orders/{order_id}/logistics"))["state"] == "cancelled"


async def test_cancelling_again_changes_nothing(two_regions: Lab) -> None:
    """The same key many times at both regions, and another key, get one answer and undo once."""
    order_id = await two_regions.bought("ann")
    await two_regions.pay(order_id)

    answers = await asyncio.gather(*(two_regions.cancel(order_id, key, at=key) for key in "abab"))
    await two_regions.settle()
    again = await two_regions.cancel(order_id, "z")

    assert {(200, "cancelled")} == {(a.status_code, a.json()["status"]) for a in [*answers, again]}
    assert (await two_regions.flash(), (await two_regions.shelf("flash"))["restocked"]) == (WHOLE, 1)
    assert len(two_regions.ledger("refund")) == 1


async def test_a_cancelled_order_frees_the_limit_and_cannot_be_paid(lab: Lab) -> None:
    """Its shopper may buy again; to pay it is refused in so many words, whatever the key."""
    order_id = await lab.bought("ann", qty=2)
    await lab.cancel(order_id)

    response = await lab.pay(order_id, amount_cents=2 * PRICE_CENTS)

    assert (response.status_code, response.json()) == (409, {"error": "cancelled"})
    assert await lab.bought("ann", "another", qty=2)


@pytest.mark.parametrize(
    ("case", "status", "error"),
    [
        ("nobody", 404, "unknown_order"),
        ("another's", 404, "unknown_order"),
        ("expired", 409, "not_cancellable"),
        ("being paid", 409, "not_cancellable"),
    ],
)
async def test_what_cannot_be_cancelled(lab: Lab, case: str, status: int, error: str) -> None:
    """Orders that are not there, not one's own, given up already, or whose payment is under way."""
    order_id = await lab.bought("ann")
    if case == "expired":
        lab.clock.advance(RESERVATION_S)
        await lab.tick()
    if case == "being paid":
        lab.net.break_("lost", CLASSES)
        await lab.pay(order_id)
    before = await lab.flash()

    shopper = "bob" if case == "another's" else "ann"
    response = await lab.cancel("o-nobody" if case == "nobody" else order_id, shopper=shopper)

    assert (status, {"error": error}, before) == (response.status_code, response.json(), await lab.flash())


async def test_the_log_of_transitions_has_every_status_in_order(two_regions: Lab) -> None:
    """One row for each status that an order ever had, whoever changed it, rising by order."""
    first = await two_regions.bought("ann")
    second = await two_regions.bought("bob", at="b")
    await two_regions.pay(first, at="b")
    await two_regions.cancel(first)
    two_regions.clock.advance(RESERVATION_S)
    await two_regions.tick()

    log = await two_regions.books("transitions", at="b")

    assert [e["status"] for e in log if e["order_id"] == first] == ["pending_payment", "paid", "cancelled"]
    assert [e["status"] for e in log if e["order_id"] == second] == ["pending_payment", "expired"]
    assert sorted({entry["seq"] for entry in log}) == [entry["seq"] for entry in log]


async def test_events_are_counted_as_they_come_and_as_they_take_effect(two_regions: Lab) -> None:
    """Each arrival counts; only what changed something is an effect: the answer was lost, or it came."""
    lost, told = await two_regions.bought("ann"), await two_regions.bought("bob")
    two_regions.net.break_("lost", ["capture"])
    await two_regions.pay(lost)
    two_regions.net.heal()
    await two_regions.pay(told, shopper="bob")
    for _ in range(2):
        await two_regions.deliver_callbacks()
        two_regions.provider.storage._reader.execute("UPDATE callbacks SET delivered = 0")

    events = await two_regions.books("events")

    assert {lost: (2, 1), told: (2, 0)} == {e["order_id"]: (e["received"], e["effects"]) for e in events}
