"""I14: sums that are right, sums that are not, and orders whose lines nobody read."""

from typing import Any

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i14_price_honoured import check
from rehearsal.model.plan import Coupon
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


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        pytest.param({"discount_cents": 10, "coupon": "save", "total_cents": 90}, Status.PASS, id="a coupon"),
        pytest.param({"gift_cents": 40, "gift_card": "g", "total_cents": 60}, Status.PASS, id="a gift card"),
        pytest.param({"discount_cents": 10, "gift_cents": 90, "total_cents": 0}, Status.PASS, id="all of it"),
        pytest.param({"discount_cents": 10, "coupon": "save"}, Status.FAIL, id="shown, and not taken off"),
        pytest.param({"total_cents": 90}, Status.FAIL, id="taken off, and not shown"),
        pytest.param(
            {"discount_cents": 11, "coupon": "save", "total_cents": 89},
            Status.FAIL,
            id="worth more than it is",
        ),
        pytest.param(
            {"discount_cents": 11, "coupon": "x", "total_cents": 89}, Status.PASS, id="another coupon"
        ),
        pytest.param({"discount_cents": -1, "total_cents": 101}, Status.FAIL, id="a discount below nothing"),
        pytest.param({"gift_cents": -1, "total_cents": 101}, Status.FAIL, id="a gift card below nothing"),
        pytest.param({"gift_cents": 200, "total_cents": -100}, Status.FAIL, id="paid out"),
    ],
)
def test_what_is_taken_off(facts: dict[str, Any], status: Status) -> None:
    """The total is what the lines come to, less coupon and gift card, and never below nothing."""
    plan = PLAN.model_copy(update={"coupon": Coupon(code="save", cents=10)})

    assert status is check(Books.of(told(), readings(order("o1", **facts))), plan).status


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
