"""The rule of the house: hold `headroom` (1.3) times the forecast peak, and every SLO holds at that rate.

Not as measured only, but beyond doubt: the 95 % lower bound of each promise clears it (`trials`, by batch
means). Then the rate held is itself a lower bound of the capacity. A search for capacity has a proof of its
own (`proof`), and is held to both: that its proof holds, and that its lower bound is high enough.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl
from msgspec.structs import replace

from capacity.queueing import slo_capacity_per_s
from capacity.trial_samples import observed
from capacity.trials import met_of, promises_of
from rehearsal.model.capacity import Met
from rehearsal.model.history import Kind, Step
from rehearsal.model.percent import percent
from rehearsal.model.plan import Forecast, Phase, PhaseKind, Plan
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status, worst_of

#: The proof counts as held at this part of the rate it asks for: a Poisson count varies.
HELD = 0.97
#: Batches with an autocorrelation of 0.8 have a mean whose error is so many times what it seems:
#: sqrt((1 + r) / (1 - r)).
_WIDER = 3.0
#: The mock shop's regions; each has `store.servers` servers.
MOCK_REGIONS = 2


def judge_headroom(
    frame: pl.DataFrame, plan: Plan, timeline: Timeline, slo_findings: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Return headroom.proof for each proof phase; INCONCLUSIVE if the plan has none.

    Nothing without a forecast. Of a closed model no rate is proven, whatever its phases are called.
    """
    if plan.forecast is None:
        return ()
    if plan.traffic.is_closed:
        why = "a closed model slows down with the shop and proves no arrival rate, so the headroom is unknown"
        return (_unknown(plan, "", why),)
    proofs = [phase for phase in timeline.phases if phase.kind is PhaseKind.PROOF]
    if not proofs:
        return (_unknown(plan, "", "the plan has no proof phase, so the headroom is unknown"),)
    return tuple(judge_proof(frame, plan, phase, slo_findings) for phase in proofs)


def judge_proof(frame: pl.DataFrame, plan: Plan, phase: Phase, slo_findings: Sequence[Finding]) -> Finding:
    """Judge one proof phase by the rate it was really offered, by its SLO findings, and by their bounds.

    An SLO that fails is a FAIL even below the asked rate: what breaks at less does not hold more.
    """
    visits = frame.filter((pl.col("kind") == Kind.VISIT) & (pl.col("phase") == phase.name)).height
    offered_per_s = visits / phase.duration_s
    forecast = _forecast_of(plan)
    asked_per_s = forecast.headroom * forecast.peak_per_s
    own = [finding for finding in slo_findings if finding.subject == phase.name]
    known = replace(
        _unknown(plan, phase.name, ""),
        measured=offered_per_s / forecast.peak_per_s,
        evidence={
            "offered_per_s": offered_per_s,
            "forecast_per_s": forecast.peak_per_s,
            "required": forecast.headroom,
            **_model(frame, plan, phase, visits),
        },
    )
    offer = (
        f"{offered_per_s:.1f} visits/s offered for {phase.duration_s:g} s,"
        f" {known.measured:.2f} times the forecast peak of {forecast.peak_per_s:g}"
    )
    worst = worst_of(own)
    if worst is Status.FAIL:
        broken = ", ".join(finding.check for finding in own if finding.status is Status.FAIL)
        return replace(known, status=Status.FAIL, summary=f"{offer}, and there the shop broke {broken}")
    if not own:
        return replace(known, summary=f"{offer}, but the plan states no SLO for it")
    if offered_per_s < HELD * asked_per_s:
        return replace(known, summary=f"{offer}: the {asked_per_s:.1f} asked for were not held")
    if worst and worst is not Status.PASS:
        return replace(known, status=worst, summary=f"{offer}, but not every SLO could be judged there")
    if doubts := "; ".join(in_doubt(frame, plan, phase)):
        return replace(known, summary=f"{offer}; every SLO held as measured, but not beyond doubt: {doubts}")
    return replace(known, status=Status.PASS, summary=f"{offer}, and every SLO held")


def in_doubt(frame: pl.DataFrame, plan: Plan, phase: Phase) -> Iterator[str]:
    """Yield the promises of a proof phase that its lower bound does not clear, with what is missing."""
    slo = plan.slo.get(phase.kind)
    if slo is None:
        return
    seen = observed(frame, phase.name, directed=plan.target.shop == "mock")
    for promise in promises_of(slo):
        met = met_of(phase.name, promise, promise.kept(seen.samples))
        if not _clears(met):
            yield f"{promise.words}: {met.doubt or _shy(met)}"


def _clears(met: Met) -> bool:
    """Tell whether a promise is kept beyond doubt; where batches are alike, by a far wider interval too."""
    if met.status is Status.PASS:
        return True
    low, value = met.share.low, met.share.value
    return low is not None and value is not None and value - _WIDER * (value - low) >= met.target


def _shy(met: Met) -> str:
    low, value = met.share.low or 0.0, met.share.value or 0.0
    return (
        f"{percent(value, 2)} of {met.samples} kept it, and by the lower bound {percent(low, 2)},"
        f" where {percent(met.target, 2)} are"
        " asked; hold it longer"
    )


def requests_per_visit(frame: pl.DataFrame, phase: Phase, visits: int) -> float | None:
    """Return how many requests a visit of the phase puts to a region (routing is the director's), or None."""
    asked = frame.filter(
        (pl.col("kind") == Kind.OP) & (pl.col("phase") == phase.name) & (pl.col("f") != Step.ROUTE)
    )
    return asked.height / visits if visits and asked.height else None


def _model(frame: pl.DataFrame, plan: Plan, phase: Phase, visits: int) -> dict[str, Any]:
    per_visit, slo = requests_per_visit(frame, phase, visits), plan.slo.get(phase.kind)
    if per_visit is None:
        return {}
    measured: dict[str, Any] = {"requests_per_visit": per_visit}
    if slo is None or plan.target.shop != "mock":
        return measured
    region_per_s = slo_capacity_per_s(
        0.99, slo.p99_ms, servers=plan.store.servers, service_ms=plan.store.service_ms
    )
    capacity_per_s = MOCK_REGIONS * region_per_s / per_visit
    return {
        **measured,
        "model_capacity_visits_per_s": capacity_per_s,
        "model_headroom": capacity_per_s / _forecast_of(plan).peak_per_s,
    }


def _forecast_of(plan: Plan) -> Forecast:
    if plan.forecast is None:
        raise ValueError("the plan states no forecast, so there is no headroom over it")
    return plan.forecast


def _unknown(plan: Plan, subject: str, summary: str) -> Finding:
    return Finding(
        check="headroom.proof",
        subject=subject,
        status=Status.INCONCLUSIVE,
        summary=summary,
        limit=_forecast_of(plan).headroom,
        unit="times the forecast peak",
    )
