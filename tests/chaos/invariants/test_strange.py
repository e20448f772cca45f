"""Entries of a kind nobody knows: each check of the ledger is seen not passing, and not blaming."""

import pytest

from chaos.invariants import (
    i04_no_double_charge,
    i06_no_charge_without_order,
    i21_ledger_balance,
    i26_capture_authorized,
)
from chaos.invariants.audit import Check
from chaos.invariants.books import Books
from chaos.invariants.reading_tables import tables_of
from chaos.invariants.strange import Strange, strange_of
from rehearsal.model.readings import ChargeReading, OrderReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import GOOD_BOOKS, GOOD_ROWS, PLAN, charge, order, readings, told

CHECKS = [
    i04_no_double_charge.check,
    i06_no_charge_without_order.check,
    i21_ledger_balance.check,
    i26_capture_authorized.check,
]
REVERSED = charge("chargeback", "o1")


@pytest.mark.parametrize("check", CHECKS)
def test_correct_books_with_a_strange_entry_prove_nothing(check: Check) -> None:
    """Good books pass; with one entry that nobody can read they are INCONCLUSIVE, and its kind is named."""
    good = check(Books.of(told(*GOOD_ROWS), readings(*GOOD_BOOKS)), PLAN)
    strange = check(Books.of(told(*GOOD_ROWS), readings(*GOOD_BOOKS, REVERSED)), PLAN)

    assert (good.status, strange.status) == (Status.PASS, Status.INCONCLUSIVE)
    assert "entries that nobody can read (1 of kind 'chargeback')" in strange.summary
    assert strange.evidence["unknown_kinds"] == {"chargeback": 1}


@pytest.mark.parametrize("check", CHECKS)
def test_an_order_with_a_strange_entry_is_not_blamed(check: Check) -> None:
    """The entry may be the one that sets it right."""
    wrong = (charge("capture", "o1"), charge("capture", "lost", cents=7))
    books = (*GOOD_BOOKS, *wrong, REVERSED, charge("chargeback", "lost"))

    assert Status.INCONCLUSIVE is check(Books.of(told(*GOOD_ROWS), readings(*books)), PLAN).status


@pytest.mark.parametrize("check", CHECKS)
def test_another_order_is_still_broken(check: Check) -> None:
    """A strange entry excuses the orders it touches, and no others."""
    third: tuple[OrderReading | ChargeReading, ...] = (
        order("o3", "expired"),
        charge("authorize", "o3"),
        *(charge("capture", "o3") for _ in "ab"),
    )
    finding = check(Books.of(told(*GOOD_ROWS), readings(*GOOD_BOOKS, *third, REVERSED)), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o3",))


@pytest.mark.parametrize(
    ("charges", "expected"),
    [
        pytest.param([], Strange({}, frozenset()), id="an empty ledger"),
        pytest.param([charge("void", "o1"), charge("refund", "o2")], Strange({}, frozenset()), id="known"),
        pytest.param(
            [charge("fee", "o1"), charge("fee", "o2"), charge("capture", "o3")],
            Strange({"fee": 2}, frozenset({"o1", "o2"})),
            id="by order",
        ),
        pytest.param(
            [charge("capture", "o1", payment="p"), charge("chargeback", "", payment="p")],
            Strange({"chargeback": 1}, frozenset({"", "o1"})),
            id="by payment",
        ),
    ],
)
def test_whom_strange_entries_touch(charges: list[ChargeReading], expected: Strange) -> None:
    """An entry touches its order, and the orders of its payment."""
    ledger = tables_of([readings(*charges)]).charges
    assert ledger is not None

    assert expected == strange_of(ledger)
