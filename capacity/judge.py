"""Every number of a run judged: a history in, findings out."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import polars as pl
from msgspec.structs import replace

from capacity.aborted import judge_aborted_trials
from capacity.aftermath import judge_aftermath, judge_attacks, judge_matrix
from capacity.closed import judge_closed_generator, judge_closed_ledger
from capacity.double_entry import CHECK, judge_double_entry
from capacity.generator import judge_generator, starved_seconds
from capacity.headroom import judge_headroom
from capacity.ledger import judge_ledger
from capacity.recovery import judge_recoveries
from capacity.release import judge_release
from capacity.resources import judge_resources
from capacity.scene import Scene
from capacity.slo import judge_slos
from capacity.stages import judge_contingencies, judge_limits, judge_sheds
from capacity.starvation import Starved
from rehearsal.model.checks import safely, sentence
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding

_SEARCHED = (PhaseKind.REST, PhaseKind.TRIAL)
#: Readings of a shop that nothing could be read of.
UNREAD = FinalReadings()


def judge_numbers(
    frame: pl.DataFrame,
    plan: Plan,
    timeline: Timeline,
    planned: Mapping[str, int],
    *,
    readings: FinalReadings = UNREAD,
    offers: Collection[str] | None = None,
) -> tuple[Finding, ...]:
    """Judge a history (columns of `history_file.SCHEMA`); `planned` counts the visits planned in each phase.

    `offers` are the adapter's methods: what it lacks nobody came to (None: it lacks nothing).

    1. the ledger: planned = started + dropped   2. the generator: punctual, no drops, no starved machine,
    T-0 as stated   3. the SLOs of each phase   4. each fault: the recovery, and what else shoppers saw of it
    5. limits, overload and contingency plans, what the shop's processes keep   6. the headroom
    A closed model is judged by `closed` where the judges of arrivals have nothing to judge.
    Timing findings that fail beside starved seconds become INVALID (`starvation`).
    Trials of a search for capacity are judged one by one while it goes on, and by `searched`: of them only
    the ledger is told here, and whether a load process died while they were made.
    """
    ledger = safely("ledger.balance", lambda: (_ledger(frame, plan, planned),))
    aborted: tuple[Finding, ...] = ()
    if (cut_ns := search_begins_ns(timeline)) is not None:
        aborted = safely("generator.aborted", partial(judge_aborted_trials, frame, timeline, planned))
        frame, timeline, planned = _before(frame, timeline, planned, cut_ns)
    starved = Starved(_starved(frame, plan))
    by_step = plan.traffic.tells_steps
    slos = safely("slo", lambda: judge_slos(frame, plan, timeline, starved, offers))
    generator = safely("generator", lambda: _generator(frame, plan, timeline, planned))
    if cut_ns is not None and not any(phase.kind in plan.slo for phase in timeline.phases):
        # Nothing before the search is judged by time: a machine that starved a warm-up has spoilt nothing.
        generator = tuple(each for each in generator if each.check != "generator.machine")
    findings = (
        *ledger,
        *generator,
        *aborted,
        *safely("generator.release", lambda: judge_release(frame, plan)),
        *slos,
        *safely("recovery", lambda: judge_recoveries(frame, timeline, starved, by_step=by_step)),
        *_of_scene(Scene(frame, plan, timeline, readings, starved)),
        *safely(
            "headroom.proof", lambda: _headroom(frame, plan, timeline, slos, searched=cut_ns is not None)
        ),
    )
    return tuple(replace(finding, summary=sentence(finding.summary)) for finding in findings)


def search_begins_ns(timeline: Timeline) -> int | None:
    """Return when a search for capacity begins, with what rests before its first trial; None without one."""
    placed = zip(timeline.phases, timeline.windows, strict=True)
    return next((window.start_ns for phase, window in placed if phase.kind in _SEARCHED), None)


def judge_recording(frame: pl.DataFrame, histograms: pl.DataFrame) -> tuple[Finding, ...]:
    """Judge whether the history can be believed: its double entry, columns of `histogram_file.SCHEMA`."""
    findings = safely(CHECK, lambda: (judge_double_entry(frame, histograms),))
    return tuple(replace(finding, summary=sentence(finding.summary)) for finding in findings)


def _headroom(
    frame: pl.DataFrame, plan: Plan, timeline: Timeline, slos: Sequence[Finding], *, searched: bool
) -> tuple[Finding, ...]:
    """Judge the proof phases; a search makes its own proof, and a plan that has one needs no such phase."""
    if searched and not any(phase.kind is PhaseKind.PROOF for phase in timeline.phases):
        return ()
    return judge_headroom(frame, plan, timeline, slos)


def _before(
    frame: pl.DataFrame, timeline: Timeline, planned: Mapping[str, int], cut_ns: int
) -> tuple[pl.DataFrame, Timeline, Mapping[str, int]]:
    """Return a history, its timeline and its visits planned without the phases that begin later."""
    windows = tuple(window for window in timeline.windows if window.start_ns < cut_ns)
    phases = timeline.phases[: len(windows)]
    names = {phase.name for phase in phases}
    return (
        frame.filter(pl.col("phase").is_in(sorted(names))),
        Timeline(phases, windows, timeline.faults),
        {name: count for name, count in planned.items() if name in names},
    )


def _of_scene(scene: Scene) -> tuple[Finding, ...]:
    """Judge what a drill of faults and stages asks for; of a plan without them nothing."""
    faults = bool(scene.timeline.faults)
    judges = (
        ("recovery.aftermath", judge_aftermath, faults),
        ("resilience", judge_matrix, faults),
        ("attack", judge_attacks, faults),
        ("limit", judge_limits, True),
        ("shed", judge_sheds, True),
        ("contingency", judge_contingencies, bool(scene.plan.contingencies)),
        ("resources", lambda one: judge_resources(one.frame, one.requests), True),
    )
    return tuple(
        finding for check, judge, asked in judges if asked for finding in safely(check, partial(judge, scene))
    )


def _ledger(frame: pl.DataFrame, plan: Plan, planned: Mapping[str, int]) -> Finding:
    return judge_closed_ledger(frame) if plan.traffic.is_closed else judge_ledger(frame, planned)


def _generator(
    frame: pl.DataFrame, plan: Plan, timeline: Timeline, planned: Mapping[str, int]
) -> tuple[Finding, ...]:
    if plan.traffic.is_closed:
        return judge_closed_generator(frame, plan, timeline)
    return judge_generator(frame, plan, timeline, planned)


def _starved(frame: pl.DataFrame, plan: Plan) -> dict[int, str]:
    try:
        return starved_seconds(frame, plan.limits)
    except pl.exceptions.PolarsError:  # judge_generator meets the same error and reports it
        return {}
