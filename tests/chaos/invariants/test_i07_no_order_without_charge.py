"""I7 seen failing: paid by card, and no money was taken, or it was given back."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i07_no_order_without_charge import check
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import GOOD_BOOKS, PLAN, Part, charge, order, readings, told

CAPTURED = charge("capture", "o1")


def judged(*parts: Part) -> Finding:
    """Return the finding on books alone."""
    return check(Books.of(told(), readings(*parts)), PLAN)


@pytest.mark.parametrize(
    "money",
    [
        pytest.param((), id="the ledger knows nothing"),
        pytest.param((charge("authorize", "o1"),), id="authorized only"),
        pytest.param((CAPTURED, charge("refund", "o1")), id="given back, and still paid"),
        pytest.param((CAPTURED, charge("void", "o1")), id="voided"),
        pytest.param((charge("capture", "o2"),), id="another order's"),
    ],
)
def test_given_away(money: tuple[Part, ...]) -> None:
    """An order that is paid by card and was not charged is a FAIL."""
    finding = judged(order("o1"), *money)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(GOOD_BOOKS, id="each charged"),
        pytest.param(
            (order("o1"), CAPTURED, charge("capture", "o1", payment="p2")), id="twice: another's matter"
        ),
        pytest.param((order("o1"), CAPTURED, order("o2", "confirmed", channel="pay_later")), id="on account"),
        pytest.param((order("o1"), CAPTURED, order("o2", total_cents=0)), id="it costs nothing"),
        pytest.param((order("o1"), CAPTURED, order("o2", "cancelled")), id="cancelled"),
    ],
)
def test_charged(parts: tuple[Part, ...]) -> None:
    """Whoever owes by card was charged."""
    assert Status.PASS is judged(*parts).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(orders=(order("o1"),)), "the provider's ledger", id="no ledger"),
        pytest.param(FinalReadings(charges=(CAPTURED,)), "the orders", id="no orders"),
        pytest.param(readings(order("o1", "expired")), "no order was paid by card", id="nobody paid"),
        pytest.param(readings(order("o1", channel="")), "no order was paid by card", id="nobody says how"),
        pytest.param(
            readings(order("o1"), CAPTURED, charge("chargeback", "o2")),
            "nobody can read",
            id="a strange entry",
        ),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without both books, or an order paid by card, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert Status.INCONCLUSIVE is finding.status
    assert words in finding.summary.lower()
