"""How long after healing until shoppers are served as before: one finding for each fault of the plan."""

from functools import partial

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import LOST_REGION, Drill, measure_of, name_of, placed_drills
from capacity.samples import requests_of
from capacity.share import SAMPLES, due_in, first_second_s, share_of
from capacity.starvation import Starved
from rehearsal.model.clock import nanoseconds, seconds
from rehearsal.model.history import Outcome, Step
from rehearsal.model.percent import percent
from rehearsal.model.timeline import PlacedFault, Timeline, Window
from rehearsal.model.verdict import Finding, Status

#: Recovered means this part of the share before the fault.
RECOVERED = 0.95
#: The share before the fault is measured over this long.
BASELINE_S = 5
#: Below this share the measure was broken before the fault, and "as before" means nothing.
HEALTHY = 0.5


def judge_recoveries(
    frame: pl.DataFrame, timeline: Timeline, starved: Starved, *, by_step: bool = True
) -> tuple[Finding, ...]:
    """Return recovery.<fault> for each placed fault, in the order of their windows.

    Each fault is measured on the steps it breaks; on all requests alike if nobody knows which those are.
    """
    requests = requests_of(frame)
    findings: list[Finding] = []
    for placed, drill in placed_drills(frame, timeline):
        if drill is None:
            findings.append(_unknown(placed))
            continue
        judge = partial(judge_recovery, drill=drill, by_step=by_step)
        findings.append(starved.judged(judge, requests, drill.window))
    return tuple(findings)


def judge_recovery(requests: pl.DataFrame, *, drill: Drill, by_step: bool = True) -> Finding:
    """Compare the time from healing to recovery with the fault's budget."""
    fault, name, unknown = drill.fault, name_of(drill.placed), _unknown(drill.placed)
    measure = measure_of(requests, fault.kind, by_step=by_step)
    baseline = baseline_of(measure, drill)
    if baseline is None:
        return replace(
            unknown, summary=f"{name}: too few requests just before it to say what recovered means"
        )
    if baseline < HEALTHY:
        return replace(unknown, summary=f"{name}: only {percent(baseline, 0)} succeeded even before it")
    after = Window(drill.heal_ns, drill.until_ns)
    recovered_s = first_second_s(measure, after, RECOVERED * baseline)
    if by_step and fault.kind in LOST_REGION:
        recovered_s = _later(recovered_s, served_again_s(requests, drill))
    samples = due_in(measure, after).height
    evidence = {"baseline_share": baseline, "samples_after": samples, "watched_s": drill.watched_s}
    return _verdict(replace(unknown, measured=recovered_s, evidence=evidence), drill)


def baseline_of(measure: pl.DataFrame, drill: Drill) -> float | None:
    """Return the share of good requests in the `BASELINE_S` before the fault; None of too few."""
    before = Window(drill.inject_ns - nanoseconds(BASELINE_S), drill.inject_ns)
    good = due_in(measure, before)["good"]
    return share_of(good) if good.len() >= SAMPLES else None


def served_again_s(requests: pl.DataFrame, drill: Drill) -> float | None:
    """Return the seconds from healing until the failed region first answered ok, or None.

    Routing does not count: there the director answers in the region's name.
    """
    done_ns = requests.filter(
        (pl.col("region") == drill.fault.region)
        & (pl.col("f") != Step.ROUTE)
        & (pl.col("outcome") == Outcome.OK)
        & pl.col("sent_ns").is_between(drill.heal_ns, drill.until_ns)
    )["done_ns"].min()
    return seconds(done_ns - drill.heal_ns) if isinstance(done_ns, int) else None


def _verdict(known: Finding, drill: Drill) -> Finding:
    name, budget_s = name_of(drill.placed), drill.fault.recover_within_s
    if known.measured is not None:
        status = Status.PASS if known.measured <= budget_s else Status.FAIL
        summary = f"{name}: recovered {known.measured:.1f} s after healing, {budget_s:g} s allowed"
        return replace(known, status=status, summary=summary)
    if drill.watched_s < budget_s or known.evidence["samples_after"] < SAMPLES:
        return replace(
            known, summary=f"{name}: too little was seen after healing to tell whether it recovered"
        )
    summary = (
        f"{name}: not recovered in the {drill.watched_s:.1f} s watched after healing, {budget_s:g} s allowed"
    )
    return replace(known, status=Status.FAIL, summary=summary)


def _unknown(placed: PlacedFault) -> Finding:
    return Finding(
        check=f"recovery.{placed.fault.kind}",
        subject=placed.fault.phase,
        status=Status.INCONCLUSIVE,
        summary=f"{name_of(placed)}: no row of the history tells when it was injected and healed",
        limit=placed.fault.recover_within_s,
        unit="s",
    )


def _later(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)
