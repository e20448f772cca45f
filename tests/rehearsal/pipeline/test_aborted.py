from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.history import Drop, Kind, Row
from rehearsal.pipeline.aborted import book_aborted
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog, read_log
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.schedule import Schedule

VISITS = 20


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run's folder with a schedule of twenty visits, a second apart."""
    schedule = Schedule(
        schema=1,
        seed=1,
        sha256="f00d",
        planned={"normal": VISITS},
        due_ns=tuple(range(10**9, (VISITS + 1) * 10**9, 10**9)),
        kind=(0,) * VISITS,
    )
    folder.write_json(tmp_path / folder.SCHEDULE, schedule)
    return tmp_path


def write(path: Path, *rows: Row) -> None:
    """Append rows to a log."""
    log = HistoryLog(path)
    for row in rows:
        log.append(row)
    log.close()


def visit(number: int) -> Row:
    """Return a visit that ended."""
    return Row(kind=Kind.VISIT, f="browse", visit=number)


def drop(number: int) -> Row:
    """Return a visit that was never begun."""
    return Row(kind=Kind.DROP, f=Drop.POOL_EXHAUSTED, visit=number)


def workers_of(count: int, *lost: int) -> list[WorkerRecord]:
    """Return the records of so many workers, of which some were lost."""
    facts = {"lost": "its process ended (killed by SIGKILL)", "lost_s": 7.25}
    return [WorkerRecord(worker=k, **(facts if k in lost else {})) for k in range(count)]  # type: ignore[arg-type]


def test_what_a_dead_worker_wrote_no_row_for_is_aborted(run: Path) -> None:
    """Its own stripe and no other; the row says who died, when and how."""
    write(run / folder.load_log(1), visit(1), drop(4), visit(7))
    assert book_aborted(run, workers_of(3, 1)) == 4

    rows = read_log(run / folder.CONDUCTOR_LOG)
    assert rows["visit"].to_list() == [10, 13, 16, 19]
    assert rows["due_ns"].to_list() == [11 * 10**9, 14 * 10**9, 17 * 10**9, 20 * 10**9]
    assert set(rows["f"]) == {"aborted"}
    assert set(rows["note"]) == {"worker 1 of 3 was lost at 7.2 s: its process ended (killed by SIGKILL)"}


def test_a_request_of_a_visit_that_never_ended_does_not_book_it(run: Path) -> None:
    """A visit is over when its own row is there; requests before that say nothing of its end."""
    write(run / folder.load_log(0), Row(kind=Kind.OP, f="pay", visit=0))

    assert book_aborted(run, workers_of(2, 0)) == VISITS // 2


def test_booking_twice_is_booking_once(run: Path) -> None:
    """A report is drawn again from the same files."""
    assert book_aborted(run, workers_of(2, 0)) == 10
    assert book_aborted(run, workers_of(2, 0)) == 0


def test_a_hole_of_a_living_worker_is_left_for_the_ledger(run: Path) -> None:
    """An error of ours must not be taken for a death."""
    write(run / folder.load_log(0), visit(0))

    assert book_aborted(run, workers_of(2)) == 0
    assert not (run / folder.CONDUCTOR_LOG).exists()


@given(
    workers=st.integers(1, 9), lost=st.sets(st.integers(0, 8)), written=st.sets(st.integers(0, VISITS - 1))
)
def test_of_the_lost_every_visit_is_booked_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, workers: int, lost: set[int], written: set[int]
) -> None:
    """Whoever dies and whatever was written: rows and aborted visits are the lost stripes, each once."""
    run = tmp_path_factory.mktemp("run")
    schedule = Schedule(
        schema=1, seed=1, sha256="", planned={}, due_ns=tuple(range(VISITS)), kind=(0,) * VISITS
    )
    folder.write_json(run / folder.SCHEDULE, schedule)
    for number in sorted(written):
        write(run / folder.load_log(number % workers), visit(number))
    book_aborted(run, workers_of(workers, *lost))

    booked = read_log(run / folder.CONDUCTOR_LOG)["visit"].to_list()
    assert sorted(booked) == [n for n in range(VISITS) if n % workers in lost and n not in written]
