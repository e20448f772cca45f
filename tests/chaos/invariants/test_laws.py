"""Laws that every audit keeps: order does not matter, separate shops do not mix, doubt accuses nobody."""

from typing import TypeVar

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chaos.invariants.audit import INVARIANTS
from chaos.invariants.books import Books
from rehearsal.model.history import Outcome, Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.invariants.conftest import PLAN
from tests.chaos.invariants.worlds import books, histories

T = TypeVar("T", bound=msgspec.Struct)

#: Invariants whose offenders depend on nothing but themselves.
EACH_ALONE = (
    "I4.no_double_charge",
    "I5.no_lost_paid_order",
    "I6.no_charge_without_order",
    "I7.no_order_without_charge",
    "I8.fail_means_fail",
    "I9.indeterminate_resolves",
    "I10.idempotent_replay",
    "I17.unique_ids",
    "I18.cart_isolation",
    "I20.no_lost_order",
    "I21.ledger_balance",
)


def found(rows: list[Row], final: FinalReadings) -> dict[str, Finding]:
    """Return what each invariant finds."""
    record = Books.of(frame_of(rows, timeline_of(PLAN)), final)
    return {name: check(record, PLAN) for name, check in INVARIANTS.items()}


def offenders(finding: Finding) -> set[str]:
    """Return whom a finding blames."""
    return set(finding.ids) if finding.status is Status.FAIL else set()


def elsewhere(rows: list[Row], final: FinalReadings) -> tuple[list[Row], FinalReadings]:
    """Return the same story under other names: every id gets a mark."""
    marked = [_marked(row, ("order_id", "intent", "shopper", "payment_id")) for row in rows]
    orders = tuple(_marked(order, ("order_id", "intent", "shopper")) for order in final.orders or ())
    charges = tuple(_marked(one, ("order_id", "payment_id", "entry_id")) for one in final.charges or ())
    return marked, replace(final, orders=orders, charges=charges)


def _marked(value: T, names: tuple[str, ...]) -> T:
    marks = {name: f"{getattr(value, name)}'" for name in names if getattr(value, name)}
    return replace(value, **marks)


@settings(max_examples=20, deadline=None)
@given(rows=histories(), final=books())
def test_the_order_of_the_books_does_not_matter(rows: list[Row], final: FinalReadings) -> None:
    """Orders and entries may be listed in any order: every verdict, and whom it blames, stays."""
    turned = replace(final, orders=(final.orders or ())[::-1], charges=(final.charges or ())[::-1])
    before, after = found(rows, final), found(rows, turned)

    assert {name: one.status for name, one in before.items()} == {
        name: one.status for name, one in after.items()
    }
    assert {name: offenders(before[name]) for name in EACH_ALONE} == {
        name: offenders(after[name]) for name in EACH_ALONE
    }


@settings(max_examples=20, deadline=None)
@given(first=st.tuples(histories(), books()), second=st.tuples(histories(), books()))
def test_separate_stories_do_not_mix(
    first: tuple[list[Row], FinalReadings], second: tuple[list[Row], FinalReadings]
) -> None:
    """Two shops' histories in one: just those are blamed who are blamed in their own."""
    rows, final = elsewhere(*second)
    both = replace(
        final,
        orders=(*(first[1].orders or ()), *(final.orders or ())),
        charges=(*(first[1].charges or ()), *(final.charges or ())),
    )
    alone, other, together = found(*first), found(rows, final), found([*first[0], *rows], both)

    for name in EACH_ALONE:
        assert offenders(alone[name]) | offenders(other[name]) == offenders(together[name]), name


@pytest.mark.parametrize("check", ["I5.no_lost_paid_order", "I16.legal_states", "I20.no_lost_order"])
@settings(max_examples=15, deadline=None)
@given(rows=histories(), final=books())
def test_doubt_accuses_nobody(check: str, rows: list[Row], final: FinalReadings) -> None:
    """Where every answer was lost no promise was made, so none can be broken."""
    lost = [replace(row, outcome=Outcome.INFO, error="timeout") for row in rows]

    assert Status.FAIL is not found(lost, final)[check].status
