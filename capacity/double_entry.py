"""The recording's double entry: history and histograms are about the same requests, and tell the same times.

Both are written by the load processes, by different code. Requests that a worker wrote into its history and,
being killed, no longer into its histograms (at most those of its last seconds) are counted apart as unbooked:
they must make the counts whole to the last request, and where there are any, percentiles are not compared,
for they are of different requests.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from rehearsal.model.clock import NS_PER_MS
from rehearsal.model.histogram import NEVER_NS, RELATIVE_ERROR, Ints, Quantile, percentile, rank_of
from rehearsal.model.history import Kind
from rehearsal.model.percent import percent
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.histogram_file import UNBOOKED, Clock, histogram_of

CHECK = "history.histograms"
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_BEGIN = {Clock.RESPONSE: "due_ns", Clock.SERVICE: "sent_ns"}


@dataclass(frozen=True, slots=True)
class _Compared:
    """One percentile told twice: exactly by the history, within a bucket by the histograms."""

    where: str
    exact_ns: float
    bucket: Quantile

    @property
    def agrees(self) -> bool:
        return self.exact_ns in self.bucket


def judge_double_entry(frame: pl.DataFrame, histograms: pl.DataFrame) -> Finding:
    """Compare counts by phase and outcome on each clock, and percentiles by phase; INVALID if any differ.

    `frame` is the history (history_file.SCHEMA), `histograms` are of histogram_file.SCHEMA.
    """
    requests = frame.filter(pl.col("kind") == Kind.OP)
    unbooked = histograms.filter(pl.col("clock") == UNBOOKED)
    surplus = {clock: _surplus(requests, histograms, clock) for clock in Clock}
    told = list(_compared(requests, histograms, unbooked["phase"].unique().to_list()))
    apart = [each for each in told if not each.agrees]
    counts = {clock: each for clock, each in surplus.items() if each}
    status, summary = _said(requests.height, int(unbooked["count"].sum()), counts, apart)
    return Finding(
        check=CHECK,
        status=status,
        summary=summary,
        measured=float(max(sum(map(abs, each.values())) for each in surplus.values())),
        limit=0.0,
        unit="requests",
        evidence={
            "requests": requests.height,
            "unbooked": int(unbooked["count"].sum()),
            "surplus": counts,
            "percentiles_compared": len(told),
            "apart_ms": {each.where: _both_ms(each) for each in apart},
        },
    )


def _said(
    requests: int, unbooked: int, surplus: dict[Clock, dict[str, int]], apart: list[_Compared]
) -> tuple[Status, str]:
    if surplus:
        clock, each = next(iter(surplus.items()))
        told = ", ".join(f"{where} {count:+d}" for where, count in each.items())
        return Status.INVALID, f"the histograms ({clock}) hold other requests than the history: {told}"
    if apart:
        exact_ms, low_ms, high_ms = _both_ms(apart[0])
        words = f"{exact_ms:g} ms by the history, {low_ms:g} to {high_ms:g} ms by the histograms"
        return Status.INVALID, f"history and histograms tell other times, {apart[0].where}: {words}"
    if not requests:
        return Status.INCONCLUSIVE, "no request was recorded, so the double entry proves nothing"
    died = f" ({unbooked} of them of the last seconds of a worker that died)" if unbooked else ""
    agree = f"their p50, p95 and p99 agree within {percent(RELATIVE_ERROR, 2)}"
    return Status.PASS, f"history and histograms hold the same {requests} requests{died}, and {agree}"


def _surplus(requests: pl.DataFrame, histograms: pl.DataFrame, clock: Clock) -> dict[str, int]:
    """Return by how many requests a clock's histograms exceed the history, as `phase/outcome`."""
    keys = ("phase", "outcome")
    held = histograms.filter(pl.col("clock").is_in([clock.value, UNBOOKED])).select(*keys, "count")
    history = requests.select(*keys, pl.lit(-1, pl.Int64).alias("count"))
    sums = pl.concat([held, history]).group_by(keys).agg(pl.col("count").sum()).sort(keys)
    return {f"{phase}/{outcome}": count for phase, outcome, count in sums.iter_rows() if count}


def _compared(requests: pl.DataFrame, histograms: pl.DataFrame, incomplete: list[str]) -> Iterator[_Compared]:
    phases = set(requests["phase"].unique()) & set(histograms["phase"].unique()) - set(incomplete)
    for phase in sorted(phases):
        rows = requests.filter(pl.col("phase") == phase)
        for clock, begin in _BEGIN.items():
            held = histograms.filter((pl.col("phase") == phase) & (pl.col("clock") == clock))
            if held.is_empty():
                continue
            histogram, times_ns = histogram_of(held), _times_ns(rows, begin)
            for name, share in _SHARES.items():
                exact_ns = _exact_ns(times_ns, share)
                yield _Compared(f"{phase}, {clock} {name}", exact_ns, percentile(histogram, share))


def _times_ns(rows: pl.DataFrame, begin: str) -> Ints:
    times_ns = (rows["done_ns"] - rows[begin]).to_numpy()
    return np.where(times_ns < 0, NEVER_NS, times_ns)


def _exact_ns(times_ns: Ints, share: float) -> float:
    rank = rank_of(share, times_ns.size) - 1
    exact_ns = int(np.partition(times_ns, rank)[rank])
    return np.inf if exact_ns >= NEVER_NS else float(exact_ns)


def _both_ms(each: _Compared) -> tuple[float, float, float]:
    return each.exact_ns / NS_PER_MS, each.bucket.low_ns / NS_PER_MS, each.bucket.high_ns / NS_PER_MS
