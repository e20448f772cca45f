"""The table by phase, on a history of a few rows."""

import pytest

from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import PhaseKind
from rehearsal.rundir.history_file import frame_of
from reports.phases import phases_of
from tests.reports.run_factory import plan_of
from tests.reports.test_series import op, short, visit


def test_a_phase_counts_what_was_due_in_it() -> None:
    """Visits started and dropped, requests and the good ones, payments and the successful ones."""
    rows = (
        visit(0.1),
        visit(0.2, "fail"),
        Row(kind=Kind.DROP, f="pool_exhausted", due_ns=1),
        op(0.1, took_ms=30, lag_ms=10),
        op(0.2, f="pay", intent="a", outcome="info", error="timeout", took_ms=30, lag_ms=10),
    )
    (row,) = phases_of(frame_of(rows, short()), short(), plan_of().slo)

    assert (row.planned, row.started, row.dropped) == (3, 2, 1)
    assert (row.requests, row.good, row.goodput, row.good_per_s) == (2, 1, 0.5, 0.25)
    assert (row.payments, row.payment_success) == (1, 0.0)
    assert row.slo == plan_of().slo[PhaseKind.BURST]


def test_two_clocks_stand_beside_each_other() -> None:
    """Response time counts from due, service time from sent; their difference is the send lag."""
    (row,) = phases_of(frame_of([op(0.1, took_ms=30, lag_ms=10)], short()), short(), {})

    assert row.response is not None
    assert row.service is not None
    assert (row.response.p99_ms, row.service.p99_ms) == (30, 20)
    assert row.send_lag_p99_ms == pytest.approx(10)


def test_an_empty_phase_measures_nothing() -> None:
    """Counts are zero, measurements None, and a phase without promises has none."""
    (row,) = phases_of(frame_of([], short()), short(), {})

    assert (row.planned, row.requests, row.good_per_s) == (0, 0, 0.0)
    assert {row.goodput, row.response, row.service, row.send_lag_p99_ms, row.payment_success, row.slo} == {
        None
    }
