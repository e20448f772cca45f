"""I14: sums that are right, sums that are not, and orders whose lines nobody read."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i14_price_honoured import check
from rehearsal.model.readings import FinalReadings, OrderLine, OrderReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import PLAN, PRICE, order, readings, told


def lines(*cents: int) -> tuple[OrderLine, ...]:
    """Return a line of one unit for each price."""
    return tuple(OrderLine(sku=f"p{number}", qty=1, price_cents=price) for number, price in enumerate(cents))


@pytest.mark.parametrize(
    ("orders", "status", "ids"),
    [
        pytest.param([order("o1", qty=2), order("o2")], Status.PASS, (), id="all add up"),
        pytest.param([order("o1", total_cents=PRICE - 1)], Status.FAIL, ("o1",), id="a cent too little"),
        pytest.param(
            [order("o1"), order("o2", "confirmed", total_cents=1)], Status.FAIL, ("o2",), id="billed"
        ),
        pytest.param(
            [order("o1", total_cents=350, lines=lines(400, -100, 50))],
            Status.PASS,
            (),
            id="discount and fee",
        ),
        pytest.param([order("o1"), order("o2", lines=())], Status.FAIL, ("o2",), id="sold, but empty"),
        pytest.param([order("o1"), order("o2", "expired", total_cents=1)], Status.PASS, (), id="not sold"),
        pytest.param([order("o1", "expired")], Status.INCONCLUSIVE, (), id="nothing was sold"),
        pytest.param([order("o1", lines=())], Status.INCONCLUSIVE, (), id="no lines were read"),
    ],
)
def test_prices(orders: list[OrderReading], status: Status, ids: tuple[str, ...]) -> None:
    """A sold order costs what its lines come to."""
    finding = check(Books.of(told(), readings(*orders)), PLAN)

    assert (status, ids) == (finding.status, finding.ids)


def test_the_sums_are_shown() -> None:
    """The evidence sets both sums side by side."""
    finding = check(Books.of(told(), readings(order("o1", total_cents=90))), PLAN)

    assert finding.evidence["wrong"] == [
        {"order_id": "o1", "total_cents": 90, "lines_cents": PRICE, "discount_cents": 0, "gift_cents": 0}
    ]


def test_without_orders_nothing_is_known() -> None:
    """The sentence says which reading would settle it."""
    finding = check(Books.of(told(), FinalReadings()), PLAN)

    assert (finding.status, "Reading the orders" in finding.summary) == (Status.INCONCLUSIVE, True)
