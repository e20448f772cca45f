"""Where does the shop bend? limit.<phase>: the highest rate at which goodput was kept.

A phase of kind limit is cut into its steps, or into two seconds each if it is a slope. A cut bends if beyond
doubt fewer requests were good than the plan's `slo.limit` asks (95 % without one), or if their p99, of 20
requests at least, was above its limit. Measured is the highest rate offered below the first cut that bends,
in the order of rates.

A phase is driven to its limit on purpose: bending is what it is for, so this is a number and never a FAIL.
If it bends at the lowest rate already, there is no such number: INCONCLUSIVE.
Where the machine starved, a bend is not laid at the shop's door: the cut is left out, and the number says "at
least".
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from capacity.latency import percentile
from capacity.recovery import RECOVERED
from capacity.samples import response_ms
from capacity.share import HELD_S, due_in, falls_short
from capacity.starvation import Starved
from rehearsal.model.clock import seconds
from rehearsal.model.plan import Phase
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

#: Fewer requests have no p99 to speak of.
_TIMED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part of a limit phase: its rate (visits/s), and how its requests fared."""

    window: Window
    rate_per_s: float
    good: int
    requests: int
    p99_ms: float | None
    bent: bool

    def told(self) -> dict[str, Any]:
        """Return the cut as evidence."""
        return {
            "start_s": seconds(self.window.start_ns),
            "rate_per_s": self.rate_per_s,
            "good": self.good,
            "requests": self.requests,
            "p99_ms": self.p99_ms,
            "bent": self.bent,
        }


def judge_limit(
    requests: pl.DataFrame,
    due_ns: pl.Series,
    *,
    placed: tuple[Phase, Window],
    slo: Slo | None,
    starved: Starved,
) -> Finding:
    """Measure the limit in a phase; `due_ns` is when visits were due."""
    phase, window = placed
    cuts = [_cut(requests, due_ns, part, slo) for part in _parts(phase, window)]
    known = [cut for cut in sorted(cuts, key=lambda cut: cut.rate_per_s) if cut.requests]
    blamed = [cut for cut in known if not (cut.bent and starved.near(cut.window))]
    excused = len(known) - len(blamed)
    first = next((cut for cut in blamed if cut.bent), None)
    kept = [cut for cut in blamed if not cut.bent and (first is None or cut.rate_per_s < first.rate_per_s)]
    limit_per_s = max((cut.rate_per_s for cut in kept), default=0.0)
    least = "at least " if first is None else ""
    words = f"{phase.name}: goodput was kept up to {least}{limit_per_s:.1f} visits/s"
    if first is not None:
        share = f"{first.good} of {first.requests} requests good"
        words += f" and bent at {first.rate_per_s:.1f} ({share}, p99 {first.p99_ms or 0:.0f} ms)"
    if excused:
        words += f"; in {excused} parts the machine starved, and they say nothing"
    return Finding(
        check=f"limit.{phase.name}",
        subject=phase.name,
        status=Status.PASS if kept else Status.INCONCLUSIVE,
        summary=words
        if blamed
        else f"{phase.name}: nothing was asked of the shop, or the machine starved all along",
        measured=limit_per_s if blamed else None,
        unit="visits/s",
        evidence={"cuts": [cut.told() for cut in cuts], "bent_at_per_s": first.rate_per_s if first else None},
    )


def _parts(phase: Phase, window: Window) -> list[Window]:
    count = phase.steps or max(1, int(phase.duration_s // HELD_S))
    length_ns = window.end_ns - window.start_ns
    edges = [window.start_ns + length_ns * number // count for number in range(count + 1)]
    return [Window(*pair) for pair in pairwise(edges)]


def _cut(requests: pl.DataFrame, due_ns: pl.Series, window: Window, slo: Slo | None) -> Cut:
    due = due_in(requests, window)
    good, n = int(due["good"].sum()), due.height
    p99_ms = percentile(response_ms(due), 0.99) if n else None
    visits = int(due_ns.is_between(window.start_ns, window.end_ns, closed="left").sum())
    slow = slo is not None and p99_ms is not None and n >= _TIMED and p99_ms > slo.p99_ms
    return Cut(
        window=window,
        rate_per_s=visits / window.duration_s,
        good=good,
        requests=n,
        p99_ms=p99_ms,
        bent=slow or falls_short(good, n, slo.goodput if slo else RECOVERED),
    )
