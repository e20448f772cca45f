"""I15 seen failing: refunded twice, not at all, restocked twice, and told cancelled but kept."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i15_refund_once import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import (
    PLAN,
    Part,
    became,
    cancelled,
    charge,
    order,
    paid,
    readings,
    stock,
    told,
)

GONE = order("o1", "cancelled")
TAKEN, BACK = charge("capture", "o1"), charge("refund", "o1")
SOLD_ONCE = became("o1", "paid", "cancelled")


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


@pytest.mark.parametrize(
    ("rows", "parts", "named"),
    [
        pytest.param((), (GONE, TAKEN, BACK, BACK), "o1", id="refunded twice"),
        pytest.param((), (GONE, TAKEN, charge("refund", "o1", cents=101)), "o1", id="a cent too much"),
        pytest.param((), (order("o1", "expired"), TAKEN, BACK, BACK), "o1", id="expired, refunded twice"),
        pytest.param((), (BACK,), "o1", id="refunded, never captured"),
        pytest.param((), (GONE, TAKEN), "o1", id="cancelled, and the money kept"),
        pytest.param((), (GONE, TAKEN, charge("refund", "o1", cents=40)), "o1", id="refunded in part"),
        pytest.param((cancelled("o1"),), (order("o1"), TAKEN), "o1", id="told cancelled, and kept"),
        pytest.param(
            (), (GONE, TAKEN, BACK, *SOLD_ONCE, stock(0, restocked=2)), "flash", id="restocked twice"
        ),
        pytest.param(
            (), (GONE, TAKEN, BACK, stock(0, restocked=2)), "flash", id="twice, by the orders alone"
        ),
        pytest.param(
            (),
            (GONE, TAKEN, BACK, *became("o1", "cancelled"), stock(0, restocked=1)),
            "flash",
            id="restocked, and never sold",
        ),
    ],
)
def test_not_once(rows: tuple[Row, ...], parts: tuple[Part, ...], named: str) -> None:
    """Money or units that come back twice, or never, are a FAIL."""
    finding = judged(rows, *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, (named,))


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param((cancelled("o1"),), (GONE, TAKEN, BACK, *SOLD_ONCE, stock(0, restocked=1)), id="once"),
        pytest.param((), (GONE, TAKEN, BACK, *SOLD_ONCE, stock(0)), id="a shop that does not count them"),
        pytest.param(
            (),
            (order("o1"), TAKEN, charge("capture", "o1", payment="p2"), charge("refund", "o1", payment="p2")),
            id="one of two payments",
        ),
        pytest.param((), (GONE, TAKEN, BACK, order("o2", "cancelled"), charge("void", "o2")), id="voided"),
        pytest.param(
            (cancelled("o2", outcome="info"),), (GONE, TAKEN, BACK, order("o2")), id="an unknown cancellation"
        ),
        pytest.param(
            (cancelled("o2", outcome="fail"),), (GONE, TAKEN, BACK, order("o2")), id="a refused one"
        ),
        pytest.param((paid("o1"),), (order("o1", "confirmed"), GONE, TAKEN, BACK), id="another, on account"),
    ],
)
def test_once(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """What was captured came back once, or was not to come back."""
    assert Status.PASS is judged(rows, *parts).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(orders=(GONE,)), "the provider's ledger", id="no ledger"),
        pytest.param(FinalReadings(charges=(TAKEN, BACK)), "the orders", id="no orders"),
        pytest.param(readings(order("o1"), TAKEN), "nothing was refunded", id="nobody cancelled"),
        pytest.param(readings(GONE, TAKEN, BACK, charge("fee", "o2")), "nobody can read", id="strange"),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without both books, or a refund, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_units_are_not_counted_without_the_stock() -> None:
    """The money is judged all the same."""
    final = FinalReadings(orders=(GONE,), charges=(TAKEN, BACK))

    assert Status.PASS is check(Books.of(told(), final), PLAN).status
