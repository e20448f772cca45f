"""The report as a value: every number that is printed, decided before anything is drawn. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import polars as pl

from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import WORST_FIRST, Finding, Verdict
from rehearsal.rundir.record import RunRecord
from reports.books import Books, books_of
from reports.capacity import CapacityPage
from reports.fault_story import FaultStory, stories_of
from reports.headroom import Headroom, headroom_of
from reports.matrix import MatrixRow, matrix_of
from reports.pain import PainRow, pains_of
from reports.phases import PhaseRow, phases_of
from reports.reasons import reasons_of
from reports.recovery import RecoveryRow, of_family, recoveries_of
from reports.series import Series, series_of
from reports.t_zero import TZero, t_zero_of
from reports.two_clocks import PathRow, paths_of, remarks_of
from reports.unchecked import Unchecked, is_impossible, unchecked_of
from reports.violations import Violation, violations_of

_FAMILIES = (
    "stop",
    "headroom",
    "invariant",
    "slo",
    "fault",
    "recovery",
    "resilience",
    "contingency",
    "shed",
    "limit",
    "attack",
    "resources",
    "generator",
    "ledger",
)
_MEASURES = ("stop", "contingency", "limit", "shed", "attack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a reader is told. `families` are all findings by family, worst first."""

    plan: Plan
    record: RunRecord
    verdict: Verdict
    reasons: tuple[str, ...]
    families: tuple[tuple[str, tuple[Finding, ...]], ...]
    headroom: Headroom | None
    phases: tuple[PhaseRow, ...]
    paths: tuple[PathRow, ...]
    clock_remarks: tuple[str, ...]
    faults: tuple[FaultStory, ...]
    violations: tuple[Violation, ...]
    unchecked: tuple[Unchecked, ...]
    matrix: tuple[MatrixRow, ...]
    recoveries: tuple[RecoveryRow, ...]
    measures: tuple[Finding, ...]
    series: Series
    books: Books
    pains: tuple[PainRow, ...]
    t_zero: TZero | None
    duration_s: float
    capacity: CapacityPage | None = None


def report_of(  # noqa: PLR0913, PLR0917 - an argument for each file of a run
    plan: Plan,
    timeline: Timeline,
    record: RunRecord,
    findings: Sequence[Finding],
    verdict: Verdict,
    frame: pl.DataFrame,
    readings: FinalReadings,
    capacity: CapacityPage | None = None,
) -> Report:
    """Return the report of a run. `frame` is its history, of rehearsal.rundir.history_file.SCHEMA."""
    ordered = sorted(findings, key=_order)
    headroom = headroom_of(plan, ordered)
    faults = stories_of(frame, timeline, ordered, has_regions=plan.target.shop == "mock")
    impossible = partial(is_impossible, plan=plan, record=record, readings=readings)
    phases, paths = phases_of(frame, timeline, plan.slo), paths_of(frame)
    return Report(
        plan=plan,
        record=record,
        verdict=verdict,
        reasons=reasons_of(verdict, ordered, headroom, faults, impossible),
        families=_families(ordered),
        headroom=headroom,
        phases=phases,
        paths=paths,
        clock_remarks=remarks_of(phases, paths),
        faults=faults,
        violations=violations_of(ordered),
        unchecked=unchecked_of(plan, record, readings, ordered),
        matrix=matrix_of(faults, ordered),
        recoveries=recoveries_of(faults),
        measures=of_family(ordered, *_MEASURES),
        series=series_of(frame, timeline, plan.sale.sku),
        books=books_of(readings, plan.sale.sku),
        pains=pains_of(frame, timeline, readings),
        t_zero=t_zero_of(frame, plan),
        duration_s=timeline.end_ns / 1e9,
        capacity=capacity,
    )


def _order(finding: Finding) -> tuple[int, tuple[int, str]]:
    """Sort worst first, then by family; within that the judges' own order is kept (plan order of phases)."""
    return WORST_FIRST.index(finding.status), _reading_order(finding.check.split(".")[0])


def _families(ordered: Sequence[Finding]) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    families: dict[str, list[Finding]] = {}
    for finding in ordered:
        families.setdefault(finding.check.split(".")[0], []).append(finding)
    return tuple((family, tuple(families[family])) for family in sorted(families, key=_reading_order))


def _reading_order(family: str) -> tuple[int, str]:
    return _FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES), family
