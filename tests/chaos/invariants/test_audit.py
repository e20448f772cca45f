"""The whole audit: a correct shop raises no alarm, an unread one proves nothing, a crash is no pass."""

import pytest

from chaos.invariants.audit import INVARIANTS, audit
from chaos.invariants.books import Books
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import GOOD_BOOKS, GOOD_ROWS, PLAN, readings, told

NAMES = [
    "invariant.I1.no_oversell",
    "invariant.I2.stock_conserved",
    "invariant.I3.no_leak",
    "invariant.I4.no_double_charge",
    "invariant.I5.no_lost_paid_order",
    "invariant.I6.no_charge_without_order",
    "invariant.I7.no_order_without_charge",
    "invariant.I8.fail_means_fail",
    "invariant.I9.indeterminate_resolves",
    "invariant.I11.callback_once",
    "invariant.I12.limit_per_shopper",
    "invariant.I14.price_honoured",
    "invariant.I16.legal_states",
    "invariant.I17.unique_ids",
    "invariant.I19.sold_out_stable",
    "invariant.I20.no_lost_order",
    "invariant.I21.ledger_balance",
    "invariant.I22.confirmed_once",
    "invariant.I25.no_early_sale",
    "invariant.I26.capture_authorized",
]


def test_a_correct_shop_raises_no_alarm() -> None:
    """Every invariant passes on a correct history, in a stable order, and says why."""
    findings = audit(told(*GOOD_ROWS), readings(*GOOD_BOOKS), PLAN)

    assert [finding.check for finding in findings] == NAMES
    assert {(Status.PASS, True)} == {(finding.status, bool(finding.summary)) for finding in findings}


def test_an_empty_run_passes_nothing() -> None:
    """Where nothing happened nothing is proven, readable or not."""
    unread = audit(told(), FinalReadings(), PLAN)
    empty = audit(told(), readings(), PLAN)

    assert {Status.INCONCLUSIVE} == {finding.status for finding in (*unread, *empty)}


def test_a_crashed_invariant_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """An invariant that dies says so with the exception's name; the others are judged."""

    def dies(books: Books, plan: Plan) -> Finding:
        raise KeyError(plan.name, books.tables.undecided)

    monkeypatch.setitem(INVARIANTS, "I99.dies", dies)
    *others, finding = audit(told(), readings(), PLAN)

    assert (finding.check, finding.status) == ("invariant.I99.dies", Status.INCONCLUSIVE)
    assert "KeyError: ('a sale', 0)" in finding.summary
    assert [other.check for other in others] == NAMES


def test_every_invariant_has_a_file_of_its_own() -> None:
    """No two invariants of the audit share a module."""
    assert len(INVARIANTS) == len({check.__module__ for check in INVARIANTS.values()})
