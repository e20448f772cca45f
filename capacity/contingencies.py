"""Did the contingency plans work, and in how many minutes? contingency.<name>.

A contingency plan counts if it was begun, was carried out, and goodput was then back at 95 % of before the
fault while the fault still held: a plan that works only once the fault is healed is none. The time counts
from the fault's injection, for that is what shoppers wait through; from the plan's own begin if no fault
holds then. The rehearsal plan says how long it may take (`within_s`); the minutes stand beside the response
target of 15.

A fault that was healed before that time was over leaves it INCONCLUSIVE, as does a run that shows no begin.
"""

from collections.abc import Iterable
from math import ceil
from typing import Any

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import Drill, measure_of
from capacity.recovery import BASELINE_S, HEALTHY, RECOVERED
from capacity.share import SAMPLES, due_in, first_second_s, share_of
from rehearsal.model.clock import nanoseconds, seconds
from rehearsal.model.history import Outcome
from rehearsal.model.plan import Contingency
from rehearsal.model.timeline import Timeline, Window
from rehearsal.model.verdict import Finding, Status

#: From the alarm to goodput, in minutes.
TARGET_MIN = 15
_MINUTE_S = 60


def judge_contingency(
    requests: pl.DataFrame,
    *,
    contingency: Contingency,
    steps: pl.DataFrame,
    drills: Iterable[Drill],
    timeline: Timeline,
) -> Finding:
    """Judge one contingency plan; `steps` are the rows of the history about contingency plans."""
    told = Finding(
        check=f"contingency.{contingency.name}",
        subject=contingency.phase,
        status=Status.INCONCLUSIVE,
        summary=f"{contingency.name}: no row of the history tells that it was begun",
        limit=contingency.within_s,
        unit="s",
    )
    own = {str(row["note"]).partition(":")[0]: row for row in _rows(steps, contingency)}
    if "begin" not in own:
        return told
    broken = [row for step in ("begin", "done") if (row := own.get(step)) and row["outcome"] != Outcome.OK]
    if broken:
        return replace(
            told, status=Status.FAIL, summary=f"{contingency.name}: not carried out: {broken[0]['note']}"
        )
    if "done" not in own:
        return replace(told, summary=f"{contingency.name}: begun, and no row tells that it was carried out")
    begun_ns, done_ns = own["begin"]["sent_ns"], own["done"]["done_ns"]
    fault = next((drill for drill in drills if begun_ns in drill.held), None)
    since_ns = fault.inject_ns if fault else begun_ns
    until_ns = fault.heal_ns if fault else timeline.window_of(contingency.phase).end_ns
    told = replace(
        told,
        evidence={
            "begun_s": seconds(begun_ns - since_ns),
            "took_s": seconds(done_ns - begun_ns),
            "watched_s": seconds(until_ns - since_ns),
            "target_minutes": TARGET_MIN,
        },
    )
    measure = measure_of(requests, fault.fault.kind) if fault else requests
    return _judged(told, measure, Window(since_ns, until_ns))


def _rows(steps: pl.DataFrame, contingency: Contingency) -> Iterable[dict[str, Any]]:
    return steps.filter(pl.col("f") == contingency.name).sort("sent_ns").iter_rows(named=True)


def _judged(told: Finding, measure: pl.DataFrame, held: Window) -> Finding:
    """Look for goodput that is back between the plan's begin and the end of the fault."""
    begun_s, took_s, within_s = told.evidence["begun_s"], told.evidence["took_s"], told.limit or 0.0
    name = told.check.partition(".")[2]
    words = f"{name}: begun {begun_s:.1f} s after the fault, carried out in {took_s:.1f} s"
    before = due_in(measure, Window(held.start_ns - nanoseconds(BASELINE_S), held.start_ns))["good"]
    baseline = share_of(before)
    if baseline is None or before.len() < SAMPLES or baseline < HEALTHY:
        return replace(told, summary=f"{words}; but goodput before it is not known, or was broken")
    back_s = first_second_s(measure, held, RECOVERED * baseline, from_s=ceil(begun_s))
    if back_s is not None:
        spent = f"{back_s / _MINUTE_S:.1f} of {TARGET_MIN} minutes"
        return replace(
            told,
            status=Status.PASS if back_s <= within_s else Status.FAIL,
            summary=f"{words}, goodput back {back_s:.0f} s after the fault ({spent}; {within_s:g} s allowed)",
            measured=back_s,
            evidence={**told.evidence, "minutes": back_s / _MINUTE_S, "baseline_share": baseline},
        )
    watched_s = held.duration_s
    words += (
        f"; goodput was not back in the {watched_s:.1f} s that the fault was held ({within_s:g} s allowed)"
    )
    return replace(told, status=Status.FAIL if watched_s >= within_s else Status.INCONCLUSIVE, summary=words)
