"""Does the shop stay down by itself? recovery.<fault>.metastable.

A failure is metastable if it stays after what set it off is gone, because the load keeps it up; it ends only
when the load is cut (Bronson and others, HotOS 2021; Huang and others, OSDI 2022). So: the fault is healed,
as many visits come as before, and goodput is not back within the fault's budget: FAIL. If it is back later,
in seconds with less load, the evidence names that cut (`load_cut`).

There is no finding where nothing can be told: goodput not measurable (recovery.<fault> says so), or back in
time but under less load than before, so that it was not put to the test.
"""

from typing import Any

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import Drill, measure_of, name_of
from capacity.recovery import HEALTHY, RECOVERED, baseline_of
from capacity.share import HELD_S, SAMPLES, due_in, first_second_s
from rehearsal.model.clock import NS_PER_S, nanoseconds
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

#: The load is the same down to this part of it: Poisson arrivals vary.
SAME = 0.85


def judge_metastability(
    requests: pl.DataFrame, *, drill: Drill, due_ns: pl.Series, by_step: bool = True
) -> Finding | None:
    """Tell whether goodput came back under the load of the fault; `due_ns` is when visits were due."""
    measure = measure_of(requests, drill.fault.kind, by_step=by_step)
    baseline, budget_s = baseline_of(measure, drill), drill.fault.recover_within_s
    if baseline is None or baseline < HEALTHY:
        return None
    after = Window(drill.heal_ns, drill.until_ns)
    back_s = first_second_s(measure, after, RECOVERED * baseline)
    if back_s is None and (drill.watched_s < budget_s or due_in(measure, after).height < SAMPLES):
        return None
    before_per_s = _rate(due_ns, drill.held)
    within = Window(drill.heal_ns, min(drill.window.end_ns, drill.until_ns))
    finding = Finding(
        check=f"recovery.{drill.fault.kind}.metastable",
        subject=drill.fault.phase,
        status=Status.PASS,
        summary="",
        measured=back_s,
        limit=budget_s,
        unit="s",
        evidence={"before_per_s": before_per_s, "after_per_s": _rate(due_ns, within)},
    )
    if back_s is not None and back_s <= budget_s:
        return _stable(finding, drill, _rate(due_ns, _from(drill, back_s)), before_per_s)
    return _metastable(finding, drill, _cut(drill, due_ns, back_s, before_per_s))


def _stable(finding: Finding, drill: Drill, now_per_s: float, before_per_s: float) -> Finding | None:
    if now_per_s < SAME * before_per_s:
        return None
    words = f"{name_of(drill.placed)}: goodput came back under the same load ({now_per_s:.1f} visits/s)"
    return replace(finding, summary=words)


def _metastable(finding: Finding, drill: Drill, cut: dict[str, Any]) -> Finding:
    later = "and it never came back"
    if finding.measured is not None:
        later = f"it came back after {finding.measured:.0f} s"
    if cut:
        later += f", when the load was cut from {cut['from_per_s']:.1f} to {cut['to_per_s']:.1f} visits/s"
    return replace(
        finding,
        status=Status.FAIL,
        summary=f"{name_of(drill.placed)}: METASTABLE: healed, and goodput was not back within"
        f" {drill.fault.recover_within_s:g} s under {finding.evidence['after_per_s']:.1f} visits/s; {later}",
        evidence={**finding.evidence, **({"load_cut": cut} if cut else {})},
    )


def _cut(drill: Drill, due_ns: pl.Series, back_s: float | None, before_per_s: float) -> dict[str, Any]:
    if back_s is None:
        return {}
    now_per_s = _rate(due_ns, _from(drill, back_s))
    if now_per_s >= SAME * before_per_s:
        return {}
    at_s = drill.heal_ns / NS_PER_S + back_s
    return {"at_s": round(at_s, 3), "from_per_s": before_per_s, "to_per_s": now_per_s}


def _from(drill: Drill, back_s: float) -> Window:
    start_ns = drill.heal_ns + nanoseconds(back_s)
    return Window(start_ns, min(start_ns + nanoseconds(HELD_S), drill.until_ns))


def _rate(due_ns: pl.Series, window: Window) -> float:
    count = int(due_ns.is_between(window.start_ns, window.end_ns, closed="left").sum())
    return count / max(window.duration_s, 1e-9)
