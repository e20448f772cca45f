"""One drill from plan to signed report."""

import math
import os
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl

from chaos.lease import state_dir
from rehearsal.model.checks import sentence
from rehearsal.model.clock import Clock
from rehearsal.model.errors import EXIT_USAGE, BrokenOff, RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.aborted import book_aborted
from rehearsal.pipeline.capacity.exploring import search_of
from rehearsal.pipeline.capacity.growing import Growing, resting
from rehearsal.pipeline.capacity.plans import searches, without_search
from rehearsal.pipeline.circumstances import new_run, record_of
from rehearsal.pipeline.conduct import Conducted, Conductor
from rehearsal.pipeline.crew import PLAIN, Setup
from rehearsal.pipeline.given import given_of, sweep_run
from rehearsal.pipeline.ground import ground_for, require_shop
from rehearsal.pipeline.guard import Guard
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.hush import hushed, hushing
from rehearsal.pipeline.judge import judge, judge_cut_short, read_plan
from rehearsal.pipeline.logged import logged_of, write_logged
from rehearsal.pipeline.publish import publish, sign
from rehearsal.pipeline.watcher import Watcher
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import write_histograms
from rehearsal.rundir.history_file import write_history
from rehearsal.rundir.protocol_log import ProtocolLog, book_protocol
from rehearsal.rundir.record import RunRecord, StopRecord
from rehearsal.rundir.reserve import give_room, is_full, keep_room
from reports.keys import key_path, load_or_make
from scenarios.schedule import Schedule, build


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Where a drill's files are and what they say; `tripped` if a stop condition of the plan ended it."""

    run: Path
    verdict: Verdict
    tripped: StopRecord | None = None


def run_drill(
    plan: Plan,
    *,
    out: Path,
    clock: Clock,
    halt: Halt,
    watcher: Watcher,
    setup: Setup = PLAIN,
) -> Outcome:
    """Rehearse a checked plan and return the verdict with the run's folder under `out`.

    1. plan.json       the plan as it is rehearsed, command-line overrides included
    2. schedule.json   every visit, due to the nanosecond; its hash names the load
    3. run.json        seed, versions, machine, the instant the history counts from
    4. history         shop, Locust and nemesis on one clock, rows appended as they happen; final.json
    5. history.parquet the rows of all processes in one table; histograms.parquet, their times added up
    6. findings.json   every check, then verdict.json
    7. report.html     what a person reads
    8. evidence        the digests of all of it, signed

    Before all that: test data and secrets, an access log, Toxiproxy, the shop's ports, a shop that is there
    already and the signing key are looked at; what is wrong with one of them is a RehearsalError, and no
    folder is made.

    Stopped is raised on Ctrl-C or SIGTERM, RehearsalError when the drill cannot go on; both after
    everything is healed and ended, with files 1 to 6 written as far as they go (verdict INVALID). Should this
    process itself be killed, its supervisor does the same (`rehearsal.pipeline.supervisor`).
    A drill that a stop condition of its plan ended is healed, read, judged and signed like any other.
    A stop that comes once the history is whole changes nothing: judging it takes a moment.
    """
    wanted = plan
    if searches(plan):
        plan = resting(without_search(plan))
    schedule = build(plan)
    given, logged = given_of(plan, schedule, os.environ), logged_of(plan, schedule, watcher.stage)
    watcher, at = hushed(watcher, given.mask), datetime.now(UTC)
    with hushing(given.mask), ground_for(plan, os.environ) as ground:
        require_shop(plan)
        # Now: a key that is refused after the last phase would leave a whole run that nobody can sign.
        load_or_make(key_path(os.environ))
        run = new_run(out, plan, at)
        toxiproxy = ground.toxiproxy if ground else None
        record = given.noted(record_of(plan, run.name, at=at, defects=setup.defects, toxiproxy=toxiproxy))
        record = msgspec.structs.replace(record, log=write_logged(run, logged))
        _write_beginning(run, plan, schedule, record)
        protocol = ProtocolLog(run, clock, given.mask)
        with Guard(run, state_dir(os.environ), protocol, halt=halt.set) as guard:
            conductor = Conductor(
                run,
                plan,
                given,
                ground=ground,
                clock=clock,
                halt=halt,
                watcher=watcher,
                guard=guard,
                search=search_of(wanted, Growing(run, plan, schedule, given.tables)),
            )
            try:
                conducted = conductor.conduct(setup.defects, setup.crew)
                halt.check()
            except Exception as error:
                left = _write_cut_short(run, record, conductor.origin_ns, error)
                if (broken := ended_by(error, begun=conductor.origin_ns > 0, left=left)) is not error:
                    raise broken from error
                raise
            watcher.stage("Judging, drawing the report and signing it.")
            # However long a history is to judge: nothing is broken any more.
            guard.bear(math.inf)
            give_room(run)
            try:
                protocol.begin(ProtocolStep.JUDGE)
                _write_outcome(run, record, conducted, stopped="")
                verdict = judge(run)
                publish(run)
                protocol.begin(ProtocolStep.SIGN)
                sign(run)
            except OSError as error:
                left = _write_cut_short(run, record, conductor.origin_ns, error)
                raise ended_by(error, begun=True, left=left) from error
    return Outcome(run=run, verdict=verdict, tripped=conducted.tripped)


def ended_by(error: Exception, *, begun: bool, left: str = "") -> Exception:
    """Return what a drill ends with: once it has begun, nothing was wrong with how it was called any more.

    `left` is a sentence on what its folder lacks, "" if nothing.
    """
    is_usage = isinstance(error, RehearsalError) and error.exit_code == EXIT_USAGE
    if not begun or not (is_usage or isinstance(error, OSError) or (left and isinstance(error, BrokenOff))):
        return error
    broken = BrokenOff(f"{sentence(str(error))} {left}" if left else str(error))
    for note in getattr(error, "__notes__", ()):
        broken.add_note(note)
    return broken


def _write_beginning(run: Path, plan: Plan, schedule: Schedule, record: RunRecord) -> None:
    folder.write_json(run / folder.PLAN, plan.model_dump(mode="json"))
    folder.write_json(run / folder.SCHEDULE, schedule)
    folder.write_json(run / folder.RUN, record)
    keep_room(run)
    folder.point_latest(run)


def _write_cut_short(run: Path, record: RunRecord, origin_ns: int, error: Exception) -> str:
    """Write what became of a run that cannot go on, the verdict first; return what of it a full disk took.

    Such a disk has no room for more than the verdict, and that was kept.
    """
    unhealed = tuple(getattr(error, "__notes__", ()))
    nothing = Conducted(origin_ns=origin_ns, readings=FinalReadings(), unhealed=unhealed)
    words = str(error) if isinstance(error, RehearsalError) else f"{type(error).__name__}: {error}"
    full = ""
    if is_full(run):
        full = f"The disk of {run} is full."
        words = f"{sentence(words)} {full}"
    give_room(run)
    kept = "no verdict"
    try:
        cut = msgspec.structs.replace(record, origin_ns=origin_ns, stopped=words, unhealed=unhealed)
        kept = f"verdict.json ({judge_cut_short(run, cut)}), findings.json, run.json"
        _write_outcome(run, record, nothing, stopped=words)
        judge(run)
    except (OSError, RehearsalError, pl.exceptions.PolarsError) as lacking:
        return f"{full} Kept are {kept}, and logs; not history.parquet ({lacking}).".lstrip()
    return full and f"{full} Kept are {kept}, and the history as far as it was written."


def _write_outcome(run: Path, record: RunRecord, conducted: Conducted, *, stopped: str) -> None:
    # A search for capacity has made the plan longer.
    plan = read_plan(run)
    finished = msgspec.structs.replace(
        record,
        origin_ns=conducted.origin_ns,
        stopped=stopped,
        unhealed=conducted.unhealed,
        workers=conducted.workers,
        tripped=conducted.tripped,
    )
    folder.write_json(run / folder.RUN, finished)
    folder.write_json(run / folder.FINAL, conducted.readings)
    book_aborted(run, conducted.workers)
    book_protocol(run, conducted.origin_ns)
    sweep_run(run, plan, os.environ)
    write_history(run, timeline_of(plan))
    write_histograms(run, timeline_of(plan))
