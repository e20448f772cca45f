from collections.abc import Callable
from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.model.errors import RunDirError
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import (
    SCHEMA,
    HistoryLog,
    frame_of,
    read_history,
    read_log,
    write_history,
)

ROWS = st.builds(
    Row,
    kind=st.sampled_from(Kind),
    f=st.text(),
    visit=st.integers(-1, 2**40),
    due_ns=st.integers(0, 2**60),
    amount_cents=st.integers(-(2**60), 2**60),
    outcome=st.sampled_from(Outcome),
    value=st.floats(allow_nan=False, allow_infinity=False),
    note=st.text(),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, max_size=5))
def test_rows_survive_the_log(tmp_path: Path, rows: list[Row]) -> None:
    """What is appended is what is read, whatever characters it holds."""
    path = tmp_path / "h.ndjson"
    path.unlink(missing_ok=True)
    log = HistoryLog(path)
    for row in rows:
        log.append(row)
    log.close()

    assert read_log(path).rows() == [msgspec.structs.astuple(row) for row in rows]


def test_a_cut_last_line_is_left_out(tmp_path: Path) -> None:
    """A writer killed in the middle of a row loses that row only."""
    path = tmp_path / "h.ndjson"
    log = HistoryLog(path)
    log.append(Row(kind=Kind.OP, f="pay"))
    log.flush()
    with path.open("ab") as file:
        file.write(b'{"kind":"op","f":"ord')
    log.close()

    assert read_log(path).rows() == [msgspec.structs.astuple(Row(kind=Kind.OP, f="pay"))]
    assert read_log(tmp_path / "none").is_empty()


def test_rows_are_ordered_and_put_into_their_phases(make_plan: Callable[..., Plan]) -> None:
    """A row belongs to the phase its due time falls in; rows without one, to where they were sent."""
    second = 1_000_000_000
    rows = [
        Row(kind=Kind.OP, f="late", due_ns=25 * second),
        Row(kind=Kind.FAULT, f="fault", sent_ns=15 * second),
        Row(kind=Kind.OP, f="first", due_ns=1),
        Row(kind=Kind.OP, f="edge", due_ns=10 * second),
        Row(kind=Kind.OP, f="after the end", due_ns=99 * second),
    ]
    frame = frame_of(rows, timeline_of(make_plan()))

    assert frame.select("f", "phase").rows() == [
        ("first", "normal"),
        ("edge", "burst"),
        ("fault", "down"),
        ("late", "back"),
        ("after the end", "back"),
    ]
    assert dict(frame.schema) == SCHEMA


def test_all_logs_become_one_history(tmp_path: Path, make_plan: Callable[..., Plan]) -> None:
    """The load of every worker and the faults stand in one table, and reading it gives what writing gave."""
    names = (folder.load_log(0), folder.load_log(10), folder.CONDUCTOR_LOG)
    for name, f in zip(names, ("pay", "query", "payment_unreachable"), strict=True):
        log = HistoryLog(tmp_path / name)
        log.append(Row(kind=Kind.OP, f=f))
        log.close()
    frame = write_history(tmp_path, timeline_of(make_plan()))

    assert sorted(frame["f"]) == ["pay", "payment_unreachable", "query"]
    assert read_history(tmp_path).equals(frame)


def test_histories_that_are_not_ours_are_refused(tmp_path: Path) -> None:
    """Missing, broken and foreign files are each named."""
    path = tmp_path / folder.HISTORY
    with pytest.raises(RunDirError, match="is missing"):
        read_history(tmp_path)
    path.write_bytes(b"no parquet")
    with pytest.raises(RunDirError, match="cannot be read"):
        read_history(tmp_path)
    pl.DataFrame({"a": [1]}).write_parquet(path)
    with pytest.raises(RunDirError, match="other columns"):
        read_history(tmp_path)


def test_a_line_cut_in_the_midst_is_named(tmp_path: Path) -> None:
    """A full disk may cut a line and let the next one through: that is said, not guessed around."""
    path = tmp_path / "log.ndjson"
    path.write_text('{"kind":"op","f":"pay"}\n{"kind":"op","f":"pa{"kind":"op","f":"pay"}\n')

    with pytest.raises(RunDirError, match="line 2, is no row of a log"):
        read_log(path)
