"""I9 seen failing: an order pending for ever behind a payment nobody knows the state of."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i09_indeterminate_resolves import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import PLAN, charge, order, paid, readings, told

UNKNOWN = paid("o1", outcome="info", error="pending")
STUCK = order("o1", "pending_payment")


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([UNKNOWN], readings(STUCK), id="the shopper was left in doubt"),
        pytest.param([UNKNOWN], FinalReadings(orders=(STUCK,)), id="the same without a ledger"),
        pytest.param([], readings(STUCK, charge("authorize", "o1")), id="the provider knows of a payment"),
    ],
)
def test_stuck(rows: list[Row], final: FinalReadings) -> None:
    """A pending order with a payment of unknown state is a FAIL."""
    finding = check(Books.of(told(paid("o2"), *rows), final), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([UNKNOWN], readings(order("o1")), id="became paid"),
        pytest.param([UNKNOWN], readings(order("o1", "expired")), id="never was, and expired"),
        pytest.param([], readings(STUCK), id="pending, but nobody tried to pay"),
        pytest.param([paid("o1", outcome="fail", error="declined")], readings(STUCK), id="clearly declined"),
    ],
)
def test_resolved(rows: list[Row], final: FinalReadings) -> None:
    """Payments that became something, or certainly nothing, are a PASS."""
    assert Status.PASS is check(Books.of(told(paid("o2"), *rows), final), PLAN).status


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([UNKNOWN, paid("o2")], FinalReadings(), id="the orders cannot be read"),
        pytest.param([UNKNOWN], readings(STUCK), id="no payment succeeded at all"),
    ],
)
def test_unproven(rows: list[Row], final: FinalReadings) -> None:
    """Without the orders or a single success nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(*rows), final), PLAN).status
