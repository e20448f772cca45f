"""The visits of a load process that died: what it wrote no row for is booked as dropped(aborted).

The schedule is the same in every process, so nobody has to be asked which visits these were. Only a lost
worker's stripe is booked: a row missing of any other worker is an error of the harness, and the ledger tells.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from rehearsal.model.history import Drop, Kind, Row
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog, read_log
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.schedule import Schedule, stripe


def aborted(
    schedule: Schedule, record: WorkerRecord, workers: int, booked: frozenset[int]
) -> tuple[Row, ...]:
    """Return a row for each visit of a lost worker's stripe that is not `booked` yet."""
    why = f"worker {record.worker} of {workers} was lost at {record.lost_s:.1f} s: {record.lost}"
    return tuple(
        Row(
            kind=Kind.DROP,
            f=Drop.ABORTED,
            visit=arrival.index,
            due_ns=arrival.due_ns,
            sent_ns=arrival.due_ns,
            note=why,
        )
        for arrival in stripe(schedule, record.worker, workers)
        if arrival.index not in booked
    )


def book_aborted(run: Path, workers: Sequence[WorkerRecord]) -> int:
    """Append the aborted visits of lost workers to the conductor's log and return how many there are.

    Doing it again changes nothing: what was appended is booked.
    """
    lost = [record for record in workers if record.lost]
    if not lost:
        return 0
    schedule = folder.read_json(run / folder.SCHEDULE, Schedule)
    known = _booked(run / folder.CONDUCTOR_LOG)
    rows: list[Row] = []
    for record in lost:
        booked = known | _booked(run / folder.load_log(record.worker))
        rows += aborted(schedule, record, len(workers), booked)
    log = HistoryLog(run / folder.CONDUCTOR_LOG)
    for row in rows:
        log.append(row)
    log.close()
    return len(rows)


def _booked(path: Path) -> frozenset[int]:
    rows = read_log(path).filter(pl.col("kind").is_in([Kind.VISIT, Kind.DROP]))
    return frozenset(rows["visit"].to_list())
