"""Does anybody notice the way back? recovery.<fault>.failback.

When a region returns, shoppers who were served well without it must not suffer for its return: goodput may
dip by a twentieth at most in the time the plan allows for the recovery, compared with the last seconds before
the healing. Measured on the worst two seconds, pooled (more, if these hold fewer than `SAMPLES` requests).

Only of faults that strike a region, and only where goodput was back before the healing: what was still down
cannot dip. A dip that chance explains in so few requests passes.
"""

import numpy as np
import polars as pl

from capacity.fault_windows import Drill, name_of, unforced
from capacity.recovery import HEALTHY
from capacity.share import HELD_S, due_in, falls_short, share_of
from rehearsal.model.clock import NS_PER_S, nanoseconds
from rehearsal.model.fault_facts import FACTS
from rehearsal.model.percent import percent
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

#: The part of goodput that may be lost once more.
DIP = 0.05
#: The share before the healing is measured over this long.
BEFORE_S = 2
#: Fewer requests than this say nothing about a twentieth.
SAMPLES = 20


def judge_failback(requests: pl.DataFrame, *, drill: Drill) -> Finding | None:
    """Compare the worst seconds after the healing with the last ones before it."""
    if not FACTS[drill.fault.kind].in_region:
        return None
    measure = unforced(requests)
    since_ns = max(drill.inject_ns, drill.released_ns - nanoseconds(BEFORE_S))
    served = due_in(measure, Window(since_ns, drill.released_ns))["good"]
    after = due_in(measure, Window(drill.heal_ns, min(drill.window.end_ns, drill.until_ns)))
    before = share_of(served)
    if before is None or before < HEALTHY or min(served.len(), after.height) < SAMPLES:
        return None
    at_s, good, n = _worst(after, drill.heal_ns)
    dip = max(0.0, 1 - good / n / before)
    bad = dip > DIP and falls_short(good, n, (1 - DIP) * before)
    worst = f"{good} of {n} requests were good in the worst seconds after the healing"
    words = f"{worst}, {percent(before)} before it"
    if dip > DIP and not bad:
        words += ", which may be chance"
    return Finding(
        check=f"recovery.{drill.fault.kind}.failback",
        subject=drill.fault.phase,
        status=Status.FAIL if bad else Status.PASS,
        summary=f"{name_of(drill.placed)}: goodput dipped by {percent(dip)} on the way back"
        f" ({percent(DIP, 0)} allowed):"
        f" {words}",
        measured=100 * dip,
        limit=100 * DIP,
        unit="%",
        evidence={"at_s": at_s, "good": good, "samples": n, "before_share": before},
    )


def _worst(after: pl.DataFrame, heal_ns: int) -> tuple[float, int, int]:
    """Return since when (s after healing), how many were good, and of how many, in the worst stretch."""
    due_s = (after["due_ns"].to_numpy() - heal_ns) / NS_PER_S
    good = np.concatenate(([0], np.cumsum(after["good"].to_numpy())))
    worst = (0.0, int(good[-1]), int(due_s.size))
    for start_s in range(int(due_s[-1]) + 1):
        first = int(np.searchsorted(due_s, start_s))
        end = max(int(np.searchsorted(due_s, start_s + HELD_S)), first + SAMPLES)
        if end > due_s.size:
            break
        stretch = (float(start_s), int(good[end] - good[first]), end - first)
        worst = min(worst, stretch, key=lambda one: one[1] / one[2])
    return worst
