"""I21 seen failing: the provider's books and the shop's differ, in sum or order by order."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i21_ledger_balance import check
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import GOOD_BOOKS, PLAN, charge, order, readings, told


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(readings(order("o1")), id="paid, but never charged"),
        pytest.param(readings(charge("capture", "o1")), id="charged, but no order"),
        pytest.param(readings(charge("refund", "o1")), id="refunded, but never charged"),
        pytest.param(readings(order("o1"), charge("capture", "o1", cents=99)), id="a cent too little"),
        pytest.param(
            readings(order("o1"), charge("capture", "o1"), charge("refund", "o1")), id="refunded, still paid"
        ),
        pytest.param(
            readings(
                order("o1"),
                order("o2"),
                charge("capture", "o1", cents=50),
                charge("capture", "o2", cents=150),
            ),
            id="equal in sum only",
        ),
    ],
)
def test_unbalanced(final: FinalReadings) -> None:
    """Books that differ for an order are a FAIL naming it."""
    finding = check(Books.of(told(), final), PLAN)

    assert Status.FAIL is finding.status
    assert "o1" in finding.ids


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(readings(*GOOD_BOOKS), id="equal"),
        pytest.param(
            readings(*GOOD_BOOKS, order("o3", "confirmed", channel="pay_later")),
            id="pay later is not the provider's",
        ),
        pytest.param(
            readings(*GOOD_BOOKS, order("o3", "expired"), charge("capture", "o3"), charge("refund", "o3")),
            id="a refund for an expired order",
        ),
        pytest.param(
            readings(*GOOD_BOOKS, charge("capture", "canary-1", cents=1)), id="the nemesis's own payment"
        ),
    ],
)
def test_balanced(final: FinalReadings) -> None:
    """Books that agree order by order are a PASS."""
    assert Status.PASS is check(Books.of(told(), final), PLAN).status


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(FinalReadings(charges=()), id="no orders"),
        pytest.param(FinalReadings(orders=()), id="no ledger"),
        pytest.param(readings(order("o1", "expired")), id="no money moved"),
    ],
)
def test_unproven(final: FinalReadings) -> None:
    """Without both books, or any money moved, nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(), final), PLAN).status
