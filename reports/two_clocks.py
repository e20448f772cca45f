"""What was waited for, on both clocks, by path; and what a tool with one clock would have said. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

import polars as pl

from capacity.samples import requests_of, response_ms, service_ms, timed_of
from rehearsal.model.history import Kind, Step
from reports.phases import PhaseRow
from reports.series import Percentiles, percentiles_of, send_lag_p99_of, share_of
from reports.words import duration

#: Paths shown; a stranger's locustfile may name hundreds.
MOST_PATHS = 24
#: By how much response and service time must differ to be worth a sentence: of the longer one, and in ms.
_SHARE, _LEAST_MS = 0.10, 5.0
_STEPS = list(Step)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRow:
    """A path's numbers over the whole run: response time from due, service time and send lag from sent."""

    path: str
    requests: int
    goodput: float
    response: Percentiles
    service: Percentiles
    send_lag_p99_ms: float


def paths_of(frame: pl.DataFrame) -> tuple[PathRow, ...]:
    """Return every path that was asked for: our steps in their order, others after them, busiest first."""
    parts = requests_of(frame).partition_by("f", as_dict=True)
    lags = timed_of(frame.filter(pl.col("kind") == Kind.OP)).partition_by("f", as_dict=True)
    rows = [_row(str(path), rows, lags[path,]) for (path,), rows in parts.items()]
    return tuple(sorted(rows, key=_reading_order))


def remarks_of(phases: Iterable[PhaseRow], paths: Iterable[PathRow]) -> tuple[str, ...]:
    """Return a sentence for each phase whose p95 a closed-loop tool would have told otherwise, and one path.

    The path is the one on which it would have been furthest from the truth.
    """
    told = [(f"In phase {row.phase.name}", row.response, row.service) for row in phases]
    widest = max(paths, key=lambda row: _gap_ms(row.response, row.service), default=None)
    if widest:
        told.append((f"On path {widest.path.replace('_', ' ')}", widest.response, widest.service))
    return tuple(
        f"{where}, a closed-loop tool would have said p95 = {duration(service.p95_ms)}, for it counts from"
        f" the send; from when requests were due, p95 is {duration(response.p95_ms)}."
        for where, response, service in told
        if response and service and _gap_ms(response, service) > max(_LEAST_MS, _SHARE * response.p95_ms)
    )


def _gap_ms(response: Percentiles, service: Percentiles) -> float:
    """Return how much longer the 95th percentile is from due; what never ended is as long on both clocks."""
    return response.p95_ms - service.p95_ms if isfinite(response.p95_ms) else 0.0


def _row(path: str, requests: pl.DataFrame, timed: pl.DataFrame) -> PathRow:
    return PathRow(
        path=path,
        requests=requests.height,
        goodput=share_of(requests["good"]),
        response=percentiles_of(response_ms(requests)),
        service=percentiles_of(service_ms(requests)),
        send_lag_p99_ms=send_lag_p99_of(timed),
    )


def _reading_order(row: PathRow) -> tuple[int, int, str]:
    known = row.path in _STEPS
    return (_STEPS.index(Step(row.path)), 0, "") if known else (len(_STEPS), -row.requests, row.path)
