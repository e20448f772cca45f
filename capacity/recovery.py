"""How long after healing until shoppers are served as before: one finding for each fault of the plan."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from msgspec.structs import replace

from capacity.samples import requests_of
from capacity.starvation import Starved
from rehearsal.model.clock import NS_PER_S, nanoseconds, seconds
from rehearsal.model.history import Kind, Outcome, Step
from rehearsal.model.plan import FaultKind
from rehearsal.model.timeline import PlacedFault, Timeline, Window
from rehearsal.model.verdict import Finding, Status

#: Recovered means this part of the share before the fault, held for this long.
RECOVERED = 0.95
HELD_S = 2
#: The share before the fault is measured over this long, and over no fewer requests.
BASELINE_S = 5
SAMPLES = 10
#: Below this share the measure was broken before the fault, and "as before" means nothing.
HEALTHY = 0.5


@dataclass(frozen=True, slots=True)
class Drill:
    """A fault as it happened: injected, healed, and watched until the run's end or the next fault."""

    placed: PlacedFault
    inject_ns: int
    heal_ns: int
    until_ns: int

    @property
    def watched_s(self) -> float:
        """Return for how long after healing the shop was watched."""
        return max(0.0, seconds(self.until_ns - self.heal_ns))

    @property
    def window(self) -> Window:
        """Return the time within which the shop must have recovered."""
        return Window(self.heal_ns, self.heal_ns + nanoseconds(self.placed.fault.recover_within_s))


def judge_recoveries(
    frame: pl.DataFrame, timeline: Timeline, starved: Starved, *, by_step: bool = True
) -> tuple[Finding, ...]:
    """Return recovery.<fault> for each placed fault, in the order of their windows.

    Each fault is measured on the steps it breaks; on all requests alike if nobody knows which those are.
    """
    requests = requests_of(frame)
    placed = sorted(timeline.faults, key=lambda one: one.window.start_ns)
    findings: list[Finding] = []
    for i, one in enumerate(placed):
        until_ns = placed[i + 1].window.start_ns if placed[i + 1 :] else timeline.end_ns
        drill = drill_of(frame, one, until_ns)
        if drill is None:
            findings.append(_unknown(one))
            continue
        judge = partial(judge_recovery, drill=drill, by_step=by_step)
        findings.append(starved.judged(judge, requests, drill.window))
    return tuple(findings)


def drill_of(frame: pl.DataFrame, placed: PlacedFault, until_ns: int) -> Drill | None:
    """Return a fault as the history tells it, or None if it lacks the injection or the healing."""
    rows = frame.filter(
        (pl.col("kind") == Kind.FAULT)
        & (pl.col("f") == placed.fault.kind)
        & (pl.col("outcome") == Outcome.OK)
        & pl.col("sent_ns").is_between(placed.window.start_ns - NS_PER_S, until_ns)
    )
    inject = rows.filter(pl.col("note").str.starts_with("inject"))["sent_ns"].min()
    heal = rows.filter(pl.col("note").str.starts_with("heal"))["done_ns"].min()
    if not isinstance(inject, int) or not isinstance(heal, int):
        return None
    return Drill(placed, inject, heal, until_ns)


def judge_recovery(requests: pl.DataFrame, *, drill: Drill, by_step: bool = True) -> Finding:
    """Compare the time from healing to recovery with the fault's budget."""
    fault, name = drill.placed.fault, _name(drill.placed)
    unknown, measure = _unknown(drill.placed), requests.select("due_ns", "good")
    if by_step:
        measure = _measure(requests, fault.kind)
    baseline = _baseline(measure, drill.inject_ns)
    if baseline is None:
        return replace(
            unknown, summary=f"{name}: too few requests just before it to say what recovered means"
        )
    if baseline < HEALTHY:
        return replace(unknown, summary=f"{name}: only {baseline:.0%} succeeded even before it")
    after = measure.filter(pl.col("due_ns").is_between(drill.heal_ns, drill.until_ns, closed="left"))
    recovered_s = recovery_s(after, drill, RECOVERED * baseline)
    if by_step and fault.kind is FaultKind.REGION_KILLED:
        recovered_s = _later(recovered_s, served_again_s(requests, drill))
    evidence = {"baseline_share": baseline, "samples_after": after.height, "watched_s": drill.watched_s}
    return _verdict(replace(unknown, measured=recovered_s, evidence=evidence), drill)


def recovery_s(after: pl.DataFrame, drill: Drill, share: float) -> float | None:
    """Return the first whole second after healing from which on `share` of requests succeed, or None.

    Judged on the requests due in the `HELD_S` seconds from there, pooled; on more seconds if these hold
    fewer than `SAMPLES`, for a share of few requests says little.
    """
    due_s = (after["due_ns"].to_numpy() - drill.heal_ns) / NS_PER_S
    good = np.concatenate(([0], np.cumsum(after["good"].to_numpy())))
    for start_s in range(int(drill.watched_s)):
        first = int(np.searchsorted(due_s, start_s))
        end = max(int(np.searchsorted(due_s, start_s + HELD_S)), first + SAMPLES)
        if end > due_s.size:
            return None
        if good[end] - good[first] >= share * (end - first):
            return float(start_s)
    return None


def served_again_s(requests: pl.DataFrame, drill: Drill) -> float | None:
    """Return the seconds from healing until the failed region first answered ok, or None.

    Routing does not count: there the director answers in the region's name.
    """
    done_ns = requests.filter(
        (pl.col("region") == drill.placed.fault.region)
        & (pl.col("f") != Step.ROUTE)
        & (pl.col("outcome") == Outcome.OK)
        & pl.col("sent_ns").is_between(drill.heal_ns, drill.until_ns)
    )["done_ns"].min()
    return seconds(done_ns - drill.heal_ns) if isinstance(done_ns, int) else None


def _measure(requests: pl.DataFrame, kind: FaultKind) -> pl.DataFrame:
    if kind is FaultKind.REGION_KILLED:
        return requests.select("due_ns", "good")
    by_card = requests.filter((pl.col("f") == Step.PAY) & (pl.col("channel") == "card"))
    return by_card.select("due_ns", (pl.col("outcome") == Outcome.OK).alias("good"))


def _baseline(measure: pl.DataFrame, inject_ns: int) -> float | None:
    start_ns = inject_ns - nanoseconds(BASELINE_S)
    before = measure.filter(pl.col("due_ns").is_between(start_ns, inject_ns, closed="left"))["good"]
    return float(before.sum() / before.len()) if before.len() >= SAMPLES else None


def _verdict(known: Finding, drill: Drill) -> Finding:
    name, budget_s = _name(drill.placed), drill.placed.fault.recover_within_s
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
        summary=f"{_name(placed)}: no row of the history tells when it was injected and healed",
        limit=placed.fault.recover_within_s,
        unit="s",
    )


def _later(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else max(one, other)


def _name(placed: PlacedFault) -> str:
    return f"{placed.fault.kind.replace('_', ' ')} in {placed.fault.phase}"
