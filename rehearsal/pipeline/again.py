"""A former run's drill, to be run again: the same plan, seed, defects and schedule."""

from pathlib import Path

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.pipeline.judge import read_plan
from rehearsal.pipeline.logged import require_log
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord
from scenarios.schedule import Schedule, build


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was: its plan as it was rehearsed, the bugs planted, and the hash of its schedule."""

    plan: Plan
    defects: tuple[str, ...]
    sha256: str


def again(run: Path) -> Again:
    """Return what it takes to run a run's drill again.

    RunDirError if the folder is no run's; RehearsalError if this version would not send the same load.
    """
    folder.require_run(run)
    plan, record = read_plan(run), folder.read_json(run / folder.RUN, RunRecord)
    before, now = folder.read_json(run / folder.SCHEDULE, Schedule).sha256, build(plan).sha256
    if now != before:
        raise RehearsalError(
            f"This version lays out the plan of {run} otherwise: its schedule has the hash {now[:12]}, "
            f"then it was {before[:12]}. Use the version that made that run ({record.harness_version})."
        )
    require_log(record.log)
    return Again(plan=plan, defects=record.defects, sha256=now)
