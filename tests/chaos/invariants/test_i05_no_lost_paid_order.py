"""I5 seen failing: told paid, and in the end missing, expired or still pending."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i05_no_lost_paid_order import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, OrderReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import PLAN, cancelled, order, paid, readings, told


@pytest.mark.parametrize(
    ("row", "kept", "now"),
    [
        pytest.param(paid("o1"), [], "missing", id="the order is gone"),
        pytest.param(paid("o1"), [order("o1", "expired")], "expired", id="the order expired"),
        pytest.param(
            paid("o1", f="query"), [order("o1", "pending_payment")], "pending_payment", id="a query said paid"
        ),
        pytest.param(paid("o1", channel="pay_later"), [], "missing", id="pay later, gone"),
    ],
)
def test_lost(row: Row, kept: list[OrderReading], now: str) -> None:
    """An order acknowledged as paid that is not sold in the end is a FAIL with its state."""
    finding = check(Books.of(told(row, paid("o2")), readings(order("o2"), *kept)), PLAN)

    assert (finding.status, finding.ids, finding.measured) == (Status.FAIL, ("o1",), 1.0)
    assert finding.evidence["status_now"] == {"o1": now}


@pytest.mark.parametrize("status", ["paid", "confirmed"])
def test_kept(status: str) -> None:
    """Paid or confirmed in the end is a PASS; unknown attempts are not promises."""
    rows = [paid("o1"), paid("o2", outcome="info", error="timeout"), paid("o3", outcome="fail")]

    assert Status.PASS is check(Books.of(told(*rows), readings(order("o1", status))), PLAN).status


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        pytest.param(cancelled("o1"), Status.PASS, id="cancelled as asked"),
        pytest.param(cancelled("o1", outcome="info"), Status.PASS, id="the answer was lost"),
        pytest.param(cancelled("o1", outcome="fail"), Status.FAIL, id="refused, and cancelled"),
        pytest.param(cancelled("o2"), Status.FAIL, id="another's"),
    ],
)
def test_cancelled(asked: Row, status: Status) -> None:
    """A paid order is gone only if its shopper may have taken it back."""
    books = Books.of(told(paid("o1"), paid("o2"), asked), readings(order("o1", "cancelled"), order("o2")))

    assert status is check(books, PLAN).status


def test_paid_orders_that_nobody_was_told_of_are_counted() -> None:
    """They are Jepsen's recovered: fine, and worth a number."""
    rows = told(paid("o1"), paid("o2", outcome="info", error="timeout"))
    finding = check(Books.of(rows, readings(order("o1"), order("o2"))), PLAN)

    assert (finding.status, finding.evidence["recovered"]) == (Status.PASS, 1)


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([paid("o1")], FinalReadings(), id="the orders cannot be read"),
        pytest.param([paid("o1", outcome="info")], readings(), id="no payment succeeded"),
    ],
)
def test_unproven(rows: list[Row], final: FinalReadings) -> None:
    """Without the orders or a single success nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(*rows), final), PLAN).status


def test_twenty_are_named_and_all_are_counted() -> None:
    """A finding names the first twenty offenders in order of time and counts them all."""
    rows = [paid(f"o{i}", at=100 - i) for i in range(25)]
    finding = check(Books.of(told(*rows), readings()), PLAN)

    assert (25.0, tuple(f"o{i}" for i in range(24, 4, -1))) == (finding.measured, finding.ids)
