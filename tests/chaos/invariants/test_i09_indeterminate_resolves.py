"""I9 seen failing: an order pending for ever behind a payment nobody knows the state of."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i09_indeterminate_resolves import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, OrderReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import PLAN, bought, charge, order, paid, readings, told

UNKNOWN = paid("o1", outcome="info", error="pending")
STUCK = order("o1", "pending_payment")


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([UNKNOWN], readings(STUCK), id="the shopper was left in doubt"),
        pytest.param([UNKNOWN], FinalReadings(orders=(STUCK,)), id="the same without a ledger"),
        pytest.param([], readings(STUCK, charge("authorize", "o1")), id="the provider knows of a payment"),
        pytest.param([UNKNOWN, paid("o1", outcome="fail")], readings(STUCK), id="unknown, then refused"),
        pytest.param([paid("o1", outcome="fail"), UNKNOWN], readings(STUCK), id="refused, then unknown"),
    ],
)
def test_stuck(rows: list[Row], final: FinalReadings) -> None:
    """A pending order with a payment of unknown state is a FAIL."""
    finding = check(Books.of(told(paid("o2"), *rows), final), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))


@pytest.mark.parametrize(
    ("outcome", "second", "ids"),
    [
        pytest.param(
            "info", order("o9", shopper="s-o1", intent="buy:o1"), ("o1", "o9"), id="came about twice"
        ),
        pytest.param(
            "info", order("o9", "expired", shopper="s-o1", intent="buy:o1"), ("o1", "o9"), id="and expired"
        ),
        pytest.param("info", order("o9", intent="buy:o1"), (), id="another shopper's intent of that name"),
        pytest.param("info", order("o9"), (), id="another intent"),
        pytest.param("ok", order("o9", shopper="s-o1", intent="buy:o1"), (), id="no doubt: another's matter"),
    ],
)
def test_buys_of_unknown_outcome(outcome: str, second: OrderReading, ids: tuple[str, ...]) -> None:
    """A buy whose answer was lost makes one order or none, never two."""
    rows = told(bought("", intent="buy:o1", outcome=outcome), bought("o1"), paid("o1"))
    finding = check(Books.of(rows, readings(order("o1"), second)), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL if ids else Status.PASS, ids)


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
        pytest.param([UNKNOWN], readings(order("o1", "expired")), id="no payment succeeded at all"),
    ],
)
def test_unproven(rows: list[Row], final: FinalReadings) -> None:
    """Without the orders or a single success nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(*rows), final), PLAN).status


def test_a_stuck_payment_needs_no_success_beside_it() -> None:
    """Where no payment at all succeeded, one that is pending for ever is broken all the same."""
    assert check(Books.of(told(UNKNOWN), readings(STUCK)), PLAN).ids == ("o1",)
