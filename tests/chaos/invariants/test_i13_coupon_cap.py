"""I13 seen failing: more uses than the cap, than one shopper's share, and counts that disagree."""

from typing import Any

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i13_coupon_cap import check
from rehearsal.model.history import Row
from rehearsal.model.plan import Coupon
from rehearsal.model.readings import CouponReading, FinalReadings, OrderReading
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, asked, order, readings, told

PLANNED = PLAN.model_copy(update={"coupon": Coupon(code="save", cents=10, cap=2)})
TWICE = PLAN.model_copy(update={"coupon": Coupon(code="save", cents=10, cap=2, per_shopper=2)})
USED_UP = asked("coupon", 1, shopper="late", outcome="fail", error="coupon_used_up")


def counted(used: int, code: str = "save") -> CouponReading:
    """Return the shop's own counter."""
    return CouponReading(code=code, cap=2, per_shopper=1, used=used)


def cheap(order_id: str, status: str = "paid", coupon: str = "save", **rest: Any) -> OrderReading:
    """Return an order that bears the coupon."""
    return order(order_id, status, coupon=coupon, discount_cents=10, **rest)


def judged(*parts: Part, rows: tuple[Row, ...] = ()) -> Finding:
    """Return the finding on rows and books under a cap of two, one each."""
    return check(Books.of(told(*rows), readings(*parts)), PLANNED)


FULL = (cheap("o1"), cheap("o2"))


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        pytest.param((*FULL, cheap("o3"), counted(3)), "o3", id="beyond the cap, honestly counted"),
        pytest.param((*FULL, cheap("o3", "pending_payment"), counted(2)), "o3", id="beyond it, not counted"),
        pytest.param((cheap("o1"), cheap("o2", shopper="s-o1"), counted(2)), "o2", id="one shopper twice"),
        pytest.param((cheap("o1"), counted(2)), "save", id="counted, and on no order"),
        pytest.param((*FULL, counted(1)), "save", id="on an order, and not counted"),
        pytest.param((cheap("o1"), cheap("o2", "expired"), counted(2)), "save", id="expired, not given back"),
        pytest.param((*FULL, cheap("o3", coupon=""), counted(2)), "o3", id="a discount without a coupon"),
    ],
)
def test_broken(parts: tuple[Part, ...], named: str) -> None:
    """A use too many, or a counter that says something else than the orders, is a FAIL."""
    finding = judged(*parts, rows=(USED_UP,))

    assert Status.FAIL is finding.status
    assert named in finding.ids


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        pytest.param((*FULL, counted(2)), (), id="the cap was reached"),
        pytest.param(
            (*FULL, order("o3"), order("o4", shopper="s-o3"), counted(2)), (), id="others paid in full"
        ),
        pytest.param((cheap("o1"), counted(1)), (USED_UP,), id="somebody was refused"),
        pytest.param((*FULL, cheap("o3", "cancelled"), counted(2)), (), id="one was given back"),
        pytest.param((*FULL, cheap("o3", coupon="other"), counted(2), counted(9, "other")), (), id="others"),
    ],
)
def test_held(parts: tuple[Part, ...], rows: tuple[Row, ...]) -> None:
    """At most the cap, counted rightly, with somebody who wanted more, is a PASS."""
    assert Status.PASS is judged(*parts, rows=rows).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(coupons=(counted(2),)), "reading the orders", id="no orders"),
        pytest.param(FinalReadings(orders=FULL), "reading the coupons", id="no counter"),
        pytest.param(readings(*FULL), "reading the coupons", id="the counter does not list it"),
        pytest.param(readings(cheap("o1"), counted(1)), "the cap was never reached", id="nobody was refused"),
        pytest.param(readings(counted(0)), "the cap was never reached", id="nobody used one"),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """A cap that nobody ran into was not put to the test, and the count alone is not enough."""
    finding = check(Books.of(told(), final), PLANNED)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_orders_alone_prove_too_many_uses() -> None:
    """No counter is needed to see three uses of two."""
    final = FinalReadings(orders=(*FULL, cheap("o3")))

    assert check(Books.of(told(), final), PLANNED).ids == ("o3",)


def test_more_than_one_each_if_the_plan_says_so() -> None:
    """A shopper may use it as often as the plan allows."""
    books = Books.of(told(), readings(cheap("o1"), cheap("o2", shopper="s-o1"), counted(2)))

    assert Status.PASS is check(books, TWICE).status


def test_counts_that_were_read_while_orders_were_open_are_not_compared() -> None:
    """An order may have expired between the two readings."""
    books = Books.of(told(), readings(*FULL, counted(1), undecided=1))

    assert Status.INCONCLUSIVE is check(books, PLANNED).status


def test_a_plan_without_a_coupon() -> None:
    """There is nothing to count."""
    assert Status.INCONCLUSIVE is check(Books.of(told(), readings()), PLAN).status
