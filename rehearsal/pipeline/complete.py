"""Makes the folder of a run whose conductor died readable: INVALID, with what there is of its history."""

import os
from pathlib import Path

import msgspec

from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.given import sweep_run
from rehearsal.pipeline.judge import judge, read_plan
from rehearsal.rundir import folder
from rehearsal.rundir.histogram_file import write_histograms
from rehearsal.rundir.history_file import write_history
from rehearsal.rundir.protocol_log import book_protocol, read_protocol
from rehearsal.rundir.record import RunRecord
from rehearsal.rundir.reserve import give_room
from scenarios.load_order import ORIGIN, Origin

DIED = "its conductor died"
_EVENTS = {ProtocolStep.SUPERVISOR, ProtocolStep.REPLACED, ProtocolStep.STOP}


def complete(run: Path, why: str = DIED) -> str:
    """Write what is missing and return the run's verdict; "" if it had been signed, and so is over.

    Whatever the conductor had judged by then is judged anew: a report that it drew says more than it had
    shown, so it is taken away. RehearsalError if the folder is beyond reading.
    """
    if (run / folder.EVIDENCE).exists() or not (run / folder.RUN).exists():
        return ""
    give_room(run)
    for name in (folder.REPORT, folder.PUBLIC_KEY):
        (run / name).unlink(missing_ok=True)
    plan, record = read_plan(run), folder.read_json(run / folder.RUN, RunRecord)
    record = msgspec.structs.replace(record, origin_ns=_origin(run), stopped=f"{why}{_where(run)}")
    folder.write_json(run / folder.RUN, record)
    if not (run / folder.FINAL).exists():
        folder.write_json(run / folder.FINAL, FinalReadings())
    book_protocol(run, record.origin_ns)
    sweep_run(run, plan, os.environ)
    timeline = timeline_of(plan)
    write_history(run, timeline)
    write_histograms(run, timeline)
    verdict = judge(run)
    _sweep(run)
    return verdict.value


def complete_quietly(run: Path, why: str = DIED) -> str:
    """Complete a run's folder and return in a sentence what became of it."""
    try:
        verdict = complete(run, why)
    except Exception as error:  # noqa: BLE001 - whatever is in a dead run's folder, others must be healed too
        return f"Its folder {run} could not be completed: {error}"
    return f"Its folder {run} is complete; its verdict is {verdict}." if verdict else "It had ended."


def _where(run: Path) -> str:
    steps = [line.step for line in read_protocol(run) if line.step not in _EVENTS]
    return f", while it was at the step {steps[-1]}" if steps else ""


def _origin(run: Path) -> int:
    path = run / ORIGIN
    return folder.read_json(path, Origin).origin_ns if path.exists() else 0


def _sweep(run: Path) -> None:
    """Remove drafts: files that a killed writer had not yet given their name."""
    for draft in run.glob(".*"):
        if draft.is_file() and not draft.name.endswith(f".{os.getpid()}"):
            draft.unlink(missing_ok=True)
