"""The history while it is written."""

from pathlib import Path

import pytest

from rehearsal.model.errors import RunDirError
from rehearsal.model.history import Kind, Row
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog, empty_log
from rehearsal.rundir.history_tail import HistoryTail


def row(visit: int) -> Row:
    """Return a visit's row."""
    return Row(kind=Kind.VISIT, f="browse", visit=visit)


def append(path: Path, *visits: int) -> None:
    """Append rows to a log and flush them."""
    log = HistoryLog(path)
    for visit in visits:
        log.append(row(visit))
    log.close()


def test_each_row_is_read_once_from_all_writers(tmp_path: Path) -> None:
    """Of two load processes and the conductor, what came since the last look."""
    tail = HistoryTail(tmp_path)
    assert tail.read().equals(empty_log())

    append(tmp_path / folder.load_log(0), 1)
    append(tmp_path / folder.load_log(1), 2)
    append(tmp_path / folder.CONDUCTOR_LOG, 3)
    assert sorted(tail.read()["visit"]) == [1, 2, 3]

    append(tmp_path / folder.load_log(1), 4)
    assert tail.read()["visit"].to_list() == [4]
    assert tail.read().is_empty()


def test_a_line_that_is_being_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    """A writer's buffer may end in the midst of a line."""
    path, tail = tmp_path / folder.load_log(0), HistoryTail(tmp_path)
    append(path, 1, 2)
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])

    assert tail.read()["visit"].to_list() == [1]
    path.write_bytes(whole)
    assert tail.read()["visit"].to_list() == [2]


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    """On a full disk a line may be cut in the midst of a log."""
    path = tmp_path / folder.load_log(0)
    path.write_bytes(b'{"kind": "vi\n')

    with pytest.raises(RunDirError, match=r"history\.load\.0\.ndjson, line 1, is no row of a log"):
        HistoryTail(tmp_path).read()
