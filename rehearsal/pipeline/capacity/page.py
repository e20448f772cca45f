"""What a run's search for capacity comes to beside its plan: the page that report and terminal show. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from capacity.forecast import PeakForecast, forecast_peak, stated_peak
from capacity.headroom import MOCK_REGIONS
from capacity.margin import Margin
from capacity.overload import curves_of, overload_of
from capacity.provision import Fleet, Need, provision
from capacity.spread import CapacitySpread, spread_of
from capacity.utilisation import Use
from rehearsal.model.capacity import Band, CapacityRecord, Survived
from rehearsal.model.past_peaks import FEWEST
from rehearsal.model.plan import Forecast, Plan
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.capacity.explained import explained
from rehearsal.pipeline.capacity.models import model_of
from rehearsal.pipeline.capacity.plans import sets_of
from rehearsal.pipeline.capacity.used import uses_of
from rehearsal.pipeline.mock_resources import units_of
from reports.capacity import (
    CapacityPage,
    ForecastShown,
    LatencyLimit,
    Needed,
    Overlap,
    ResourceRow,
    SceneRow,
    ThreeFigures,
)

#: The interval of the forecast that is shown.
_LEVEL = 0.9
#: The place, among what is needed, of the loss of an instance.
_LOSS = 1


def page_of(plan: Plan, record: CapacityRecord | None, findings: Sequence[Finding]) -> CapacityPage | None:
    """Return the page of a run; None of one that searched for nothing."""
    if record is None:
        return None
    bare = CapacityPage(record=record)
    told = (*explained(bare.plain, bare.judged), *_unread(record))
    model = model_of(plan, bare.plain)
    page = replace(bare, limits=tuple(_limits(plan)), model=model, explained=told, held=_held(findings))
    if plan.forecast is None:
        return page
    peak, spread = peak_of(plan, plan.forecast), _spread(page.band)
    uses = uses_of(record, page.plain, plan.forecast, units_of(plan))
    return replace(
        page,
        forecast=_shown(peak, plan.forecast),
        figures=None if spread is None else _figures(Margin(spread.low_per_s, peak.median_per_s)),
        overlap=overlap_of(plan, record),
        scenes=tuple(_scene(row, findings) for row in record.surviving),
        resources=tuple(_resource(use) for use in uses.uses) if uses else (),
        bottleneck=(uses.bottleneck or "") if uses else "",
        needed=() if spread is None else tuple(_needed(plan, plan.forecast, peak, spread)),
    )


def _resource(use: Use) -> ResourceRow:
    return ResourceRow(
        name=use.readings.name,
        at_forecast=use.at_peak.point,
        at_required=use.at_required.point,
        limit=use.readings.limit,
        unit=use.readings.unit,
        needed=use.needed,
        words=use.words,
    )


def _held(findings: Sequence[Finding]) -> Status:
    """Return what holding the rate came to, as the judge has it: of all its trials, not of the last one."""
    decided = (finding.evidence.get("proof") for finding in findings if finding.check == "headroom.capacity")
    return Status(next(filter(None, decided), Status.INCONCLUSIVE))


def peak_of(plan: Plan, forecast: Forecast) -> PeakForecast:
    """Return the forecast with the spread of past promotions; a peak that is stated counts as the median."""
    normal_per_s = plan.traffic.normal_per_s
    if len(forecast.multipliers) < FEWEST or normal_per_s is None:
        return stated_peak(forecast.peak_per_s)
    return replace(
        forecast_peak(forecast.multipliers, normal_per_s=normal_per_s), median_per_s=forecast.peak_per_s
    )


def _spread(band: Band) -> CapacitySpread | None:
    """Return the capacity as a distribution; None without a lower bound, and of bounds that exclude all."""
    if band.low is not None and band.high is not None and band.low > band.high:
        return None
    return spread_of(band)


def _unread(record: CapacityRecord) -> Iterator[str]:
    if record.unread:
        yield f"Resources: {record.unread}."


def _shown(peak: PeakForecast, forecast: Forecast) -> ForecastShown:
    tail = (1 - _LEVEL) / 2
    return ForecastShown(
        peak_per_s=peak.median_per_s,
        required=forecast.headroom,
        n=peak.n,
        low_per_s=peak.quantile_per_s(tail),
        high_per_s=peak.quantile_per_s(1 - tail),
        level=_LEVEL,
        above_required=peak.exceeds(forecast.headroom * peak.median_per_s),
    )


def _figures(margin: Margin) -> ThreeFigures:
    return ThreeFigures(factor=margin.factor, spare=margin.spare, slack=margin.slack)


def overlap_of(plan: Plan, record: CapacityRecord) -> Overlap | None:
    """Return peak and capacity as densities with their chances; None unless both have a spread."""
    spread = _spread(CapacityPage(record=record).band)
    if plan.forecast is None or spread is None:
        return None
    peak = peak_of(plan, plan.forecast)
    joined, curves = overload_of(peak, spread, required=plan.forecast.headroom), curves_of(peak, spread)
    if joined.chance is None or joined.holds is None or curves.forecast is None or curves.overload is None:
        return None
    return Overlap(
        rates_per_s=tuple(curves.rates_per_s.tolist()),
        forecast=tuple(curves.forecast.tolist()),
        capacity=tuple(curves.capacity.tolist()),
        overload=tuple(curves.overload.tolist()),
        chance=joined.chance,
        holds=joined.holds,
        is_bound=joined.is_bound,
    )


def _needed(plan: Plan, forecast: Forecast, peak: PeakForecast, spread: CapacitySpread) -> Iterator[Needed]:
    """Yield what it takes in instances; where nobody said how many there are, as a multiple of them."""
    instances = _instances(plan)
    needs = provision(Fleet(instances or 1, spread), peak, required=forecast.headroom)
    for place, need in enumerate(needs):
        words = need.words.removeprefix(f"for {need.question}: ")
        if instances:
            yield Needed(aim=need.question, more=need.more, why=words)
        elif place != _LOSS:
            yield Needed(aim=need.question, more=None, why=_multiple(need) or words)


def _instances(plan: Plan) -> int | None:
    """Return how many instances serve: as the plan says, or the mock shop's servers."""
    told = plan.capacity.instances if plan.capacity else None
    return MOCK_REGIONS * plan.store.servers if told is None and plan.target.shop == "mock" else told


def _multiple(need: Need) -> str:
    if need.relative is None:
        return ""
    return f"takes {need.relative:.2f} times what there is" if need.relative > 1 else "what there is suffices"


def _limits(plan: Plan) -> Iterator[LatencyLimit]:
    for name, slo in sets_of(plan, plan.capacity or Capacity()).items():
        yield LatencyLimit(slo_set=name, quantile="p95", limit_ms=slo.p95_ms)
        yield LatencyLimit(slo_set=name, quantile="p99", limit_ms=slo.p99_ms)


def _scene(row: Survived, findings: Sequence[Finding]) -> SceneRow:
    """Return a row of the degradation table with the outcome that the judge gave it."""
    statuses = (
        finding.status
        for finding in findings
        if finding.check == "headroom.surviving" and finding.subject == row.scene
    )
    return SceneRow(
        scene=row.scene,
        fault=row.fault,
        capacity=row.found.capacity if row.found else Band(),
        required=row.required,
        status=next(statuses, Status.INCONCLUSIVE),
        broke=row.found.broke if row.found else "",
        why=row.why or (row.found.why if row.found else ""),
    )
