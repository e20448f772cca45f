"""I1 seen failing: in the shop's books, in the shoppers' answers, and on history alone."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i01_no_oversell import check
from rehearsal.model.history import Kind, Row
from rehearsal.model.readings import FinalReadings, OrderLine, RegionReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    bought,
    cancelled,
    order,
    paid,
    readings,
    sold_out,
    told,
)

UNREAD = FinalReadings()
CALLED_OTHERWISE = (OrderLine(sku="17", qty=1, price_cents=100),)
BOTH = (bought("o1", at=1), bought("o2", at=1), paid("o1"), paid("o2"))
IN_TWO_REGIONS = FinalReadings(
    orders=(order("o1"), order("o2")),
    regions=(
        RegionReading(region="a", orders=(order("o1"), order("o2"))),
        RegionReading(region="b", orders=(order("o2"), order("o3"))),
    ),
)


def made(order_id: str, at: int, sku: str = "flash") -> Row:
    """Return a payment whose answer gives the order that it pays."""
    return paid(order_id, at=at, sku=sku, qty=1, intent=f"pay:{order_id}")


EMPTY_STOCK = Row(kind=Kind.STOCK, f="flash", sent_ns=5, qty=0)


@pytest.mark.parametrize(
    ("rows", "final", "ids"),
    [
        pytest.param(
            [bought("o1", at=1), bought("o3", at=3), bought("o2", at=2), paid("o1")],
            readings(order("o3"), order("o2"), order("o1")),
            ("o3",),
            id="three units sold of two, the last buyer named",
        ),
        pytest.param(
            [bought("o1", at=1), bought("o2", at=2, qty=2), paid("o1"), paid("o2")],
            readings(order("o1"), order("o2", "confirmed", qty=2)),
            ("o2",),
            id="by units, not by orders; pay later counts",
        ),
        pytest.param(
            [bought("o1", at=1), bought("o2", at=2), bought("o3", at=3), paid("o1")],
            readings(order("o1"), order("o2", "pending_payment"), order("o3", "pending_payment")),
            ("o3",),
            id="reserved units promised twice",
        ),
        pytest.param(
            [bought("o1", at=1), bought("o2", at=2), bought("o3", at=3), paid("o1"), paid("o2"), paid("o3")],
            readings(order("o1"), order("o2"), order("o3", "expired")),
            ("o3",),
            id="told paid, then dropped from the books",
        ),
        pytest.param(
            [bought("o1", at=1), bought("o2", at=2), bought("o3", at=3), paid("o1"), paid("o2"), paid("o3")],
            UNREAD,
            ("o3",),
            id="history alone is proof",
        ),
        pytest.param(
            [bought(f"o{at}", at=at, channel="pay_later") for at in (1, 2, 3)],
            UNREAD,
            ("o3",),
            id="orders on account stand as they are given",
        ),
        pytest.param(
            [made("o1", at=1), made("o2", at=2), made("o3", at=3)],
            UNREAD,
            ("o3",),
            id="where paying makes the order",
        ),
        pytest.param(
            [paid("o1")],
            readings(order("o1"), order("o2"), order("o3")),
            ("o3",),
            id="sold to people the history does not know",
        ),
        pytest.param(
            [*BOTH, bought("o3", at=3), paid("o3", at=4), cancelled("o1", at=5)],
            readings(order("o1", "cancelled"), order("o2"), order("o3")),
            ("o3",),
            id="promised before the one that came back was cancelled",
        ),
        pytest.param(
            [*BOTH, bought("o3", at=3), paid("o3", at=4), cancelled("o1", at=3, outcome="fail")],
            UNREAD,
            ("o3",),
            id="a cancellation that was refused gives nothing back",
        ),
        pytest.param(
            [*BOTH, bought("o3", at=3), paid("o3", at=4)],
            readings(order("o1", "cancelled"), order("o2"), order("o3")),
            ("o3",),
            id="cancelled by the shop itself, after it was promised",
        ),
        pytest.param(
            [paid("o1")],
            IN_TWO_REGIONS,
            ("o3",),
            id="each region sold its own two",
        ),
    ],
)
def test_oversell(rows: list[Row], final: FinalReadings, ids: tuple[str, ...]) -> None:
    """More units sold or promised than there were is a FAIL naming the orders beyond the stock."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert (Status.FAIL, ids) == (finding.status, finding.ids)


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param(GOOD_ROWS, readings(*GOOD_BOOKS), id="sold out exactly"),
        pytest.param(
            [*GOOD_ROWS, bought("o3", at=9)],
            readings(*GOOD_BOOKS, order("o3", "expired")),
            id="an order expired",
        ),
        pytest.param(
            [*GOOD_ROWS, bought("o2", at=9)], readings(*GOOD_BOOKS), id="a replayed answer is no second order"
        ),
        pytest.param(
            [bought("o1"), paid("o1"), EMPTY_STOCK], readings(order("o1")), id="the stock was seen at zero"
        ),
        pytest.param(
            [bought("o1"), paid("o1"), sold_out()], readings(order("o1")), id="a shopper was turned away"
        ),
        pytest.param(
            [*GOOD_ROWS, bought("o4", sku="p1", qty=9)], readings(*GOOD_BOOKS), id="other SKUs do not count"
        ),
        pytest.param(
            [*BOTH, cancelled("o1", at=3), bought("o3", at=4), paid("o3", at=5)],
            readings(order("o1", "cancelled"), order("o2"), order("o3")),
            id="one was cancelled and sold again",
        ),
        pytest.param(
            [*BOTH, cancelled("o1", at=3, outcome="info"), bought("o3", at=4), paid("o3", at=5)],
            readings(order("o1", "cancelled"), order("o2"), order("o3")),
            id="a cancellation whose answer was lost",
        ),
        pytest.param(
            [*BOTH, cancelled("o1", at=4), bought("o3", at=3), paid("o3", at=4)],
            readings(order("o1", "cancelled"), order("o2"), order("o3")),
            id="at the same moment",
        ),
    ],
)
def test_no_oversell(rows: list[Row], final: FinalReadings) -> None:
    """A sale that ran out and sold no more than it had is a PASS."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert (finding.status, finding.ids) == (Status.PASS, ())


@pytest.mark.parametrize(
    ("rows", "final", "words"),
    [
        pytest.param(GOOD_ROWS, UNREAD, "reading the orders", id="the orders cannot be read"),
        pytest.param([bought("o1"), sold_out()], readings(), "no payment succeeded", id="nobody could pay"),
        pytest.param([bought("o1"), paid("o1")], readings(order("o1")), "never sold out", id="no contention"),
        pytest.param([], readings(), "no payment succeeded", id="an empty history"),
        pytest.param(
            [*(made(f"o{at}", at=at, sku="") for at in (1, 2, 3)), sold_out()],
            readings(*(order(name, lines=CALLED_OTHERWISE) for name in ("o1", "o2", "o3"))),
            "name a unit of flash",
            id="the books call the SKU otherwise",
        ),
    ],
)
def test_unproven(rows: list[Row], final: FinalReadings, words: str) -> None:
    """Without a reading, a payment or a fight for the last unit, nothing is proven."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert Status.INCONCLUSIVE is finding.status
    assert words.lower() in finding.summary.lower()
