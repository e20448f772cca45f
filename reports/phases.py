"""One row a phase: what was asked, what came back, on both clocks. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from capacity.samples import payments_of, requests_of, response_ms, service_ms, timed_of
from rehearsal.model.history import Kind
from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.timeline import Timeline, Window
from reports.series import Percentiles, percentiles_of, send_lag_p99_of, share_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRow:
    """A phase's numbers; None where nothing was measured.

    Response time counts from the due time, service time from the send. A phase without promises has no `slo`.
    """

    phase: Phase
    window: Window
    started: int
    dropped: int
    requests: int
    good: int
    goodput: float | None
    response: Percentiles | None
    service: Percentiles | None
    send_lag_p99_ms: float | None
    payments: int
    payment_success: float | None
    slo: Slo | None

    @property
    def planned(self) -> int:
        """Return how many visits were due."""
        return self.started + self.dropped

    @property
    def good_per_s(self) -> float:
        """Return good requests a second."""
        return self.good / self.window.duration_s


def phases_of(frame: pl.DataFrame, timeline: Timeline, slos: Mapping[PhaseKind, Slo]) -> tuple[PhaseRow, ...]:
    """Return the phases in order, each over what was due in it. `slos` are keyed by the kind of a phase."""
    requests = requests_of(frame)
    tables = (requests, payments_of(requests), timed_of(frame), frame)
    return tuple(
        _row(phase, window, slos.get(phase.kind), *(_due_in(table, phase) for table in tables))
        for phase, window in zip(timeline.phases, timeline.windows, strict=True)
    )


def _due_in(table: pl.DataFrame, phase: Phase) -> pl.DataFrame:
    return table.filter(pl.col("phase") == phase.name)


def _row(phase: Phase, window: Window, slo: Slo | None, *tables: pl.DataFrame) -> PhaseRow:
    requests, payments, timed, rows = tables
    return PhaseRow(
        phase=phase,
        window=window,
        started=rows.filter(pl.col("kind") == Kind.VISIT).height,
        dropped=rows.filter(pl.col("kind") == Kind.DROP).height,
        requests=requests.height,
        good=int(requests["good"].sum()),
        goodput=_measured(requests, lambda rows: share_of(rows["good"])),
        response=_measured(requests, lambda rows: percentiles_of(response_ms(rows))),
        service=_measured(requests, lambda rows: percentiles_of(service_ms(rows))),
        send_lag_p99_ms=_measured(timed, send_lag_p99_of),
        payments=payments.height,
        payment_success=_measured(payments, lambda rows: share_of(rows["ok"])),
        slo=slo,
    )


def _measured(rows: pl.DataFrame, measure: Callable[[pl.DataFrame], T]) -> T | None:
    return None if rows.is_empty() else measure(rows)
