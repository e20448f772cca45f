"""How long a fault hurts before the shop deals with it: recovery.<fault>.detect.

Dealt with means that from then on, although the fault still holds, shoppers' asks go smoothly again, as two
seconds together show: 95 % of as many as usual meet no error on their way, but are served, told that it takes
a while, or told no at once. The shop routes around the fault, pays by another channel, or refuses fast. Where
errors must go on (a share of answers is lost as long as the fault holds), it is enough that the promise is
kept (`promises`).

The time counts from the injection, over the functions that the fault may touch, the slowest of them; the plan
allows as long as for the recovery. A fault held for less than that, and never dealt with, is INCONCLUSIVE.

A function with fewer than ten asks while the fault held is left out. There is no finding if that leaves none;
the matrix (`resiliency`) tells what was seen of those.
"""

from collections.abc import Mapping

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import Drill, hits_of, name_of, promises_of
from capacity.promises import kept_of, target_of
from capacity.recovery import RECOVERED
from capacity.share import SAMPLES, due_in, first_second_s
from rehearsal.model.faults import Promise
from rehearsal.model.verdict import Finding, Status


def judge_detection(asks: pl.DataFrame, *, drill: Drill, usual: Mapping[str, float]) -> Finding | None:
    """Compare the time to detect with the fault's budget; `usual` is of `asks.usual_shares`."""
    times = _times_s(asks, drill, usual)
    if not times:
        return None
    late = [function for function, time_s in times.items() if time_s is None]
    known = [time_s for time_s in times.values() if time_s is not None]
    name, budget_s = name_of(drill.placed), drill.fault.recover_within_s
    finding = Finding(
        check=f"recovery.{drill.fault.kind}.detect",
        subject=drill.fault.phase,
        status=Status.INCONCLUSIVE,
        summary="",
        limit=budget_s,
        unit="s",
        evidence={"functions": times, "held_s": drill.held_s},
    )
    if not late:
        detected_s = max(known)
        words = f"{name}: dealt with {detected_s:.0f} s after the injection, {budget_s:g} s allowed"
        status = Status.PASS if detected_s <= budget_s else Status.FAIL
        return replace(finding, status=status, summary=words, measured=detected_s)
    words = f"{name}: {' and '.join(late)} not as promised in all the {drill.held_s:.1f} s that it was held"
    if drill.held_s < budget_s:
        return replace(finding, summary=f"{words}, too short a time to tell: {budget_s:g} s are allowed")
    return replace(finding, status=Status.FAIL, summary=f"{words}, {budget_s:g} s allowed")


def _times_s(asks: pl.DataFrame, drill: Drill, usual: Mapping[str, float]) -> dict[str, float | None]:
    held, promises = due_in(asks, drill.held), promises_of(drill.fault)
    times: dict[str, float | None] = {}
    for function in sorted(hits_of(drill.fault.kind)):
        own = held.filter(pl.col("function") == function)
        if own.height < SAMPLES:
            continue
        times[function.value] = _time_s(own, drill, promises[function], usual[function])
    return times


def _time_s(asks: pl.DataFrame, drill: Drill, promise: Promise, usual: float) -> float | None:
    """Return since when it goes smoothly; or, where that takes longer than is allowed, as promised."""
    smooth = asks.with_columns(pl.col("smooth").alias("good"))
    smooth_s = first_second_s(smooth, drill.held, RECOVERED * usual)
    if smooth_s is not None and smooth_s <= drill.fault.recover_within_s:
        return smooth_s
    kept_s = first_second_s(kept_of(asks, promise), drill.held, target_of(promise, usual))
    return min((time_s for time_s in (smooth_s, kept_s) if time_s is not None), default=None)
