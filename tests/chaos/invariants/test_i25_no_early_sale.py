"""I25: orders before T-0, refusals before T-0, and sales whose T-0 nobody put to the test."""

from typing import Any

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i25_no_early_sale import DOUBT_NS, check
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Target
from rehearsal.model.readings import FinalReadings, OrderReading
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.invariants.conftest import LATER, PLAN, bought, order, readings

T0 = 10 * NS_PER_S
CLOSED: dict[str, Any] = {"outcome": "fail", "error": "not_open", "status": 403}


def refused(at: int) -> Row:
    """Return the answer to a buy that came too soon."""
    return bought("x", at=at, **CLOSED)


def judged(*rows: Row, orders: tuple[OrderReading, ...] = (), plan: Plan = LATER) -> Finding:
    """Return the finding on a history of a plan whose sale opens at T0."""
    return check(Books.of(frame_of(rows, timeline_of(plan)), readings(*orders)), plan)


@pytest.mark.parametrize(
    ("rows", "status", "ids"),
    [
        pytest.param([refused(1), bought("o1", at=T0)], Status.PASS, (), id="refused before, sold after"),
        pytest.param([refused(1)], Status.PASS, (), id="refused, and then nobody came"),
        pytest.param(
            [refused(1), bought("o1", at=T0 - DOUBT_NS - 1)], Status.FAIL, ("o1",), id="a moment too early"
        ),
        pytest.param([refused(1), bought("o1", at=T0 - DOUBT_NS)], Status.PASS, (), id="too close to tell"),
        pytest.param([bought("o1", at=5)], Status.FAIL, ("o1",), id="sold at once"),
        pytest.param(
            [bought("o1", at=T0 + 1), refused(T0 + 2)], Status.INCONCLUSIVE, (), id="all came later"
        ),
        pytest.param(
            [bought("o1", at=5, outcome="info", error="timeout")],
            Status.INCONCLUSIVE,
            (),
            id="nobody was answered",
        ),
        pytest.param([refused(1), bought("o1", at=5, sku="p1")], Status.PASS, (), id="another product"),
    ],
)
def test_before_the_sale_opens(rows: list[Row], status: Status, ids: tuple[str, ...]) -> None:
    """Whoever is told before T-0 that the order is theirs proves that the shop opened early."""
    finding = judged(*rows)

    assert (status, ids) == (finding.status, finding.ids)


def test_the_cart_is_no_way_around_the_sale() -> None:
    """An order from the cart that holds the sale's product counts by its lines."""
    from_cart = bought("o1", at=5, f="order", sku="")

    assert judged(from_cart, refused(1), orders=(order("o1"),)).ids == ("o1",)
    assert judged(from_cart, refused(1), orders=(order("o1", lines=()),)).status is Status.PASS


def test_a_shop_that_was_never_told_when_to_open_is_not_blamed() -> None:
    """The plan of another shop may be wrong about T-0; the orders are named all the same."""
    plan = LATER.model_copy(update={"target": Target(shop="url", url="http://127.0.0.1:1")})
    finding = judged(bought("o1", at=5), plan=plan)

    assert Status.INCONCLUSIVE is finding.status
    assert "see whether its sale was open: o1" in finding.summary


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        pytest.param([bought("o1", at=0)], Status.PASS, id="sold"),
        pytest.param([], Status.INCONCLUSIVE, id="nothing happened"),
    ],
)
def test_a_sale_that_is_open_from_the_start(rows: list[Row], status: Status) -> None:
    """Where T-0 is the run's first moment nothing can come before it."""
    assert status is judged(*rows, plan=PLAN).status


def test_a_plan_without_a_sale_has_no_t0() -> None:
    """Nothing can come before what never is."""
    plan = LATER.model_copy(update={"sale": LATER.sale.model_copy(update={"opens_with": ""})})

    assert Status.INCONCLUSIVE is judged(bought("o1", at=5), plan=plan).status


def test_without_orders_the_answers_count() -> None:
    """What shoppers were told needs no reading."""
    frame = frame_of([bought("o1", at=5)], timeline_of(LATER))

    assert Status.FAIL is check(Books.of(frame, FinalReadings()), LATER).status
