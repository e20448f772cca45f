"""I17 seen failing: order ids given twice, payments of two orders, entries with one id."""

import pytest
from msgspec.structs import replace

from chaos.invariants.books import Books
from chaos.invariants.i17_unique_ids import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    Part,
    bought,
    charge,
    order,
    readings,
    told,
)

CAPTURE = charge("capture", "o1")


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


@pytest.mark.parametrize(
    ("rows", "parts", "named"),
    [
        pytest.param((bought("o1"), bought("o1", intent="buy:o2")), (), "o1", id="given for two intents"),
        pytest.param(
            (bought("o1"), bought("o1", f="order", intent="buy:o2")), (), "o1", id="one from the cart"
        ),
        pytest.param((), (order("o1"), order("o1", shopper="other")), "o1", id="twice in the books"),
        pytest.param(
            (), (CAPTURE, charge("refund", "o2", payment="p-o1")), "p-o1", id="one payment, two orders"
        ),
        pytest.param(
            (),
            (CAPTURE, replace(charge("refund", "o2"), entry_id=CAPTURE.entry_id)),
            CAPTURE.entry_id,
            id="one entry id twice",
        ),
    ],
)
def test_shared(rows: tuple[Row, ...], parts: tuple[Part, ...], named: str) -> None:
    """An id that stands for two things is a FAIL naming it."""
    finding = judged(rows, *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, (named,))


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param(GOOD_ROWS, GOOD_BOOKS, id="all their own"),
        pytest.param((bought("o1"), bought("o1")), GOOD_BOOKS, id="an answer that was repeated"),
        pytest.param(
            (bought("o1"), bought("o1", intent="buy:o2", outcome="info")),
            GOOD_BOOKS,
            id="unknown proves nothing",
        ),
        pytest.param((bought("o1", intent=""), bought("o1")), GOOD_BOOKS, id="an intent nobody names"),
        pytest.param(
            (),
            (order("o1"), charge("void", "o1", payment=""), replace(charge("void", ""), payment_id="")),
            id="entries without ids",
        ),
        pytest.param(
            (),
            tuple(replace(charge("capture", name), entry_id="") for name in ("o1", "o2")),
            id="a ledger without ids",
        ),
    ],
)
def test_unique(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """Ids of their own, and things without one, are a PASS."""
    assert Status.PASS is judged(rows, *parts).status


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(FinalReadings(), id="nothing was read"),
        pytest.param(FinalReadings(orders=(order("o1"),)), id="no ledger"),
        pytest.param(FinalReadings(charges=(CAPTURE,)), id="no orders"),
        pytest.param(readings(), id="nothing there"),
    ],
)
def test_unproven(final: FinalReadings) -> None:
    """Without both books, or anything in them, nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(*GOOD_ROWS), final), PLAN).status


def test_the_history_alone_is_proof() -> None:
    """One order id for two intents needs no reading."""
    rows = told(bought("o1"), bought("o1", intent="buy:o2"))

    assert check(Books.of(rows, FinalReadings()), PLAN).ids == ("o1",)
