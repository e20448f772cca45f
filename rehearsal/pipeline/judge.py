"""history + final readings → findings.json → verdict.json. Pure functions judge; this carries files."""

from pathlib import Path
from typing import Any

import msgspec
import polars as pl
from pydantic import ValidationError

from capacity.judge import judge_numbers, judge_recording
from capacity.searched import judge_search
from capacity.workers import judge_workers
from chaos.invariants.audit import audit
from rehearsal.model.capacity import CapacityRecord
from rehearsal.model.checks import safely
from rehearsal.model.errors import RunDirError
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.model.verdict import Finding, Status, Verdict, verdict_of
from rehearsal.pipeline.capacity.plans import only_searched
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.cut import frame_until, plan_until, schedule_until
from rehearsal.pipeline.judge_course import judge_course
from rehearsal.pipeline.judge_faults import judge_faults
from rehearsal.pipeline.judge_log import judge_log
from rehearsal.pipeline.judge_secrets import besides, judge_secrets
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import read_histograms
from rehearsal.rundir.history_file import read_history
from rehearsal.rundir.record import RunRecord, verdict_record
from scenarios.schedule import Schedule

#: Kinds of phases that only a search makes.
_SEARCHED = (PhaseKind.REST, PhaseKind.TRIAL)


class RunFiles(msgspec.Struct, frozen=True, kw_only=True):
    """What a run's folder holds before it is judged."""

    plan: Plan
    schedule: Schedule
    record: RunRecord
    frame: pl.DataFrame
    histograms: pl.DataFrame
    readings: FinalReadings
    capacity: CapacityRecord | None = None


def read_run(run: Path) -> RunFiles:
    """Read a run's files; RunDirError names the one that is missing or broken."""
    return RunFiles(
        plan=read_plan(run),
        schedule=folder.read_json(run / folder.SCHEDULE, Schedule),
        record=folder.read_json(run / folder.RUN, RunRecord),
        frame=read_history(run),
        histograms=read_histograms(run),
        readings=folder.read_json(run / folder.FINAL, FinalReadings),
        capacity=read_record(run),
    )


def read_plan(run: Path) -> Plan:
    """Read plan.json; RunDirError if it is missing or no plan."""
    raw = folder.read_json(run / folder.PLAN, dict[str, Any])
    try:
        return Plan.model_validate_json(msgspec.json.encode(raw))
    except ValidationError as error:
        raise RunDirError(f"{run / folder.PLAN} is no plan of this version: {error}") from None


def judge(run: Path) -> Verdict:
    """Judge a run from its files, write findings.json and verdict.json, and return the verdict."""
    return _judged(run, findings_of(read_run(run)))


def judge_cut_short(run: Path, record: RunRecord) -> Verdict:
    """Write run.json, findings.json and verdict.json of a run that was cut short, whatever else there is."""
    folder.write_json(run / folder.RUN, record)
    return _judged(run, _cut_short(record))


def _judged(run: Path, findings: tuple[Finding, ...]) -> Verdict:
    verdict = verdict_of(findings)
    folder.write_json(run / folder.FINDINGS, findings)
    folder.write_json(run / folder.VERDICT, verdict_record(run.name, verdict, findings, folder.SCHEMA))
    return verdict


def _cut_short(record: RunRecord) -> tuple[Finding, ...]:
    words = f"The run did not reach its end and is not judged: {record.stopped}{besides(record.secrets)}"
    return (Finding(check="run.completed", status=Status.INVALID, summary=words),)


def findings_of(files: RunFiles) -> tuple[Finding, ...]:
    """Return every check's finding on a run; of one that was cut short, only that."""
    if files.record.stopped:
        return _cut_short(files.record)
    course = judge_course(files.frame, files.plan, files.record.tripped)
    if files.record.tripped:
        files = _until(files, files.record.tripped.at_s)
    timeline = timeline_of(files.plan)
    return (
        *course,
        *_unread(files.readings),
        *_undecided(files.readings),
        *judge_secrets(files.record.secrets),
        *judge_workers(files.record.workers),
        *judge_log(files.record.log, timeline, frozenset(files.plan.slo)),
        *judge_recording(files.frame, files.histograms),
        *judge_numbers(
            files.frame,
            files.plan,
            timeline,
            files.schedule.planned,
            readings=files.readings,
            offers=files.record.offers,
        ),
        *safely("capacity", lambda: _searched(files)),
        *safely("fault", lambda: _faults(files, timeline)),
        *_audited(files),
    )


def _searched(files: RunFiles) -> tuple[Finding, ...]:
    if files.capacity is None:
        return _unsearched(files.plan)
    return judge_search(files.capacity, files.plan.forecast, files.plan.capacity or Capacity())


def _unsearched(plan: Plan) -> tuple[Finding, ...]:
    """Return that nobody searched in a run which has a search's phases: replayed, they are load only."""
    if all(phase.kind not in _SEARCHED for phase in plan.phases):
        return ()
    words = (
        "The plan has phases of a search for capacity, and no search was made (replayed, its trials are load"
        " only): what the shop carries, and with what headroom, is not known."
    )
    return (Finding(check="capacity.search", status=Status.INCONCLUSIVE, summary=words),)


def _audited(files: RunFiles) -> tuple[Finding, ...]:
    """Return the audit; of a run that was nothing but a search, what came of it only.

    A search puts no cap and no sale to the test, and that it did not is no gap of it.
    """
    findings = audit(files.frame, files.readings, files.plan)
    if not only_searched(files.plan):
        return findings
    return tuple(finding for finding in findings if finding.status is not Status.INCONCLUSIVE)


def _until(files: RunFiles, stop_s: float) -> RunFiles:
    """Return a run as far as it went before a stop condition was met."""
    plan = plan_until(files.plan, stop_s)
    schedule = schedule_until(files.schedule, timeline_of(plan), stop_s)
    return msgspec.structs.replace(
        files, plan=plan, schedule=schedule, frame=frame_until(files.frame, stop_s)
    )


def _faults(files: RunFiles, timeline: Timeline) -> tuple[Finding, ...]:
    limits, unhealed = files.plan.limits, files.record.unhealed
    # In a stranger's locustfile, and in a log, no step is known by its name.
    by_step = files.plan.traffic.tells_steps
    on_links = bool(files.plan.links)
    return judge_faults(files.frame, timeline, limits, unhealed, by_step=by_step, on_links=on_links)


def _unread(readings: FinalReadings) -> tuple[Finding, ...]:
    if not readings.unread:
        return ()
    words = f"The shop's final state could not be read: {readings.unread}"
    return (Finding(check="run.readings", status=Status.INCONCLUSIVE, summary=words),)


def _undecided(readings: FinalReadings) -> tuple[Finding, ...]:
    if not readings.undecided:
        return ()
    words = f"{readings.undecided} payments or reservations were still open when the final state was read."
    return (Finding(check="run.undecided", status=Status.INCONCLUSIVE, summary=words),)
