"""A plan whose load is an access log: the log read and held against the plan before anything starts."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.pipeline.strangers import with_locustfile
from rehearsal.rundir import folder
from rehearsal.rundir.log_record import SESSIONS, LogRecord, PhaseLoad
from rehearsal.rundir.record import RunRecord
from scenarios.load_order import LoadOrder, LogOrder
from scenarios.replay import visits
from scenarios.replay.steps import Ints, expand
from scenarios.replay.visits import Read, Visits
from scenarios.schedule import Schedule

#: A pool of so many times the visits that are under way at once has room for a shop that answers slowly.
_ROOM = 1.5
_SPARE = 20
#: Visits laid out at a time.
_BATCH = 100_000


class Logged(NamedTuple):
    """What a log gives a drill: the sessions to play, and what is written down of them."""

    table: pl.DataFrame
    record: LogRecord


def logged_of(plan: Plan, schedule: Schedule, tell: Callable[[str], None] = lambda _: None) -> Logged | None:
    """Read a plan's log for its schedule; None if it names none. What it comes to, it will `tell`.

    RehearsalError if it is no log, supports no visits, or the plan's pool cannot hold them.
    """
    if not plan.traffic.is_logged:
        return None
    path = Path(plan.traffic.log)
    found = visits.read(path, methods=plan.traffic.log_methods, seed=plan.seed, visits=len(schedule.due_ns))
    record = _record(plan, schedule, found, folder.sha256_of(path))
    if record.under_way > plan.traffic.pool:
        raise RehearsalError(
            f"At most {record.under_way:,} sessions of {path} are under way at once, and traffic.pool is "
            f"{plan.traffic.pool:,}: the others could not begin. Write pool = "
            f"{round(record.under_way * _ROOM) + _SPARE}, or lower normal_per_s."
        )
    tell(f"The load is {path.name}: {record.words()}.")
    return Logged(found.table, record)


def require_log(record: LogRecord | None) -> None:
    """Raise RehearsalError if a former run's log is gone, or another by now."""
    if record is None:
        return
    path = Path(record.log)
    if not path.is_file() or folder.sha256_of(path) != record.sha256:
        raise RehearsalError(f"The log {path} is not what it was in that run: its sessions would be others.")


def write_logged(run: Path, logged: Logged | None) -> LogRecord | None:
    """Write the sessions into a run's folder, and return what is to stand in its record."""
    if logged is None:
        return None
    folder.write_table(run, SESSIONS, logged.table)
    return logged.record


def with_load(order: LoadOrder, plan: Plan, run: Path) -> LoadOrder:
    """Return a load order that names the plan's locustfile, or the sessions in the run's folder, if any."""
    record = folder.read_json(run / folder.RUN, RunRecord).log
    if record is None:
        return with_locustfile(order, plan)
    sessions = LogOrder(
        file=str((run / SESSIONS).absolute()),
        sha256=record.played_sha256,
        log=str(Path(plan.traffic.log).absolute()),
        log_sha256=record.sha256,
        methods=plan.traffic.log_methods,
        visits=record.visits,
        end_ns=timeline_of(plan).end_ns,
    )
    return msgspec.structs.replace(order, sessions=sessions)


def _record(plan: Plan, schedule: Schedule, found: Read, sha256: str) -> LogRecord:
    played, timeline = visits.visits_of(found.table), timeline_of(plan)
    arrivals = np.array(schedule.due_ns, dtype=np.int64)
    return LogRecord(
        log=plan.traffic.log,
        sha256=sha256,
        played_sha256=played.sha256,
        visits=len(arrivals),
        requests=found.facts.kept,
        sessions=found.sessions,
        played=played.sessions,
        steps_mean=float(played.length.mean()),
        length_mean_s=float(played.length_s.mean()),
        offset_mean_s=float(played.offset_ns.mean() / NS_PER_S),
        left_out=dict(found.left_out),
        unreadable=sum(found.facts.rejected.values()),
        normal_per_s=found.normal_per_s,
        under_way=most_at_once(arrivals, played, timeline.end_ns),
        phases=loads_of(arrivals, played, timeline),
    )


def most_at_once(arrivals: Ints, played: Visits, end_ns: int) -> int:
    """Return how many visits are under way at once, at most, if every answer comes at once.

    `arrivals` are due times in order, `end_ns` the run's end: both in ns since the origin.
    """
    if not len(arrivals):
        return 0
    session = np.arange(len(arrivals)) % played.sessions
    ends = np.sort(np.minimum(arrivals + played.offset_ns[played.first[1:] - 1][session], end_ns))
    begun = np.arange(1, len(arrivals) + 1)
    return int((begun - np.searchsorted(ends, arrivals, side="left")).max())


def loads_of(arrivals: Ints, played: Visits, timeline: Timeline) -> dict[str, PhaseLoad]:
    """Return for each phase the requests that its visits bring, and those due in it, by the log's clock."""
    # The last interval of a histogram holds its upper edge: what is due at the run's end is not sent.
    edges = np.array([*(window.start_ns for window in timeline.windows), timeline.end_ns - 1])
    brought, due = np.zeros(len(edges) - 1, dtype=np.int64), np.zeros(len(edges) - 1, dtype=np.int64)
    for low in range(0, len(arrivals), _BATCH):
        batch = arrivals[low : low + _BATCH]
        session = np.arange(low, low + len(batch)) % played.sessions
        length = played.length[session]
        steps = expand(played.first[:-1][session], length)
        due += np.histogram(np.repeat(batch, length) + played.offset_ns[steps], edges)[0]
        brought += np.histogram(batch, edges, weights=length)[0].astype(np.int64)
    return {
        phase.name: PhaseLoad(brought=int(brought[number]), due=int(due[number]))
        for number, phase in enumerate(timeline.phases)
    }
