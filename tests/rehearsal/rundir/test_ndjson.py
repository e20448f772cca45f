"""Logs read in blocks against the same logs decoded line by line."""

from pathlib import Path

import msgspec
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.model.errors import RunDirError
from rehearsal.rundir.ndjson import Table, blocks


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of a test's log."""

    name: str
    count: int = 7
    share: float = 0.5


TABLE = Table(Entry, {"name": pl.String(), "count": pl.Int64(), "share": pl.Float64()})


def read(path: Path, end: int | None = None) -> list[tuple[object, ...]]:
    """Return the rows of a log."""
    return [row for table in TABLE.read(path, end) for row in table.rows()]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b".")), max_size=9),
    st.integers(1, 30),
)
def test_blocks_are_the_file_without_its_cut_end(tmp_path: Path, lines: list[bytes], size: int) -> None:
    """However large a block, together they are all whole lines, and each ends with one."""
    path = tmp_path / "log"
    path.write_bytes(b"".join(line + b"\n" for line in lines) + b"cut")
    found = list(blocks(path, size=size))

    assert b"".join(found) == b"".join(line + b"\n" for line in lines)
    assert all(block.endswith(b"\n") for block in found)


def test_a_missing_file_has_no_blocks(tmp_path: Path) -> None:
    """A worker that never wrote left nothing."""
    assert list(blocks(tmp_path / "none")) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            Entry,
            name=st.text(),
            count=st.integers(-(2**63), 2**63 - 1),
            share=st.floats(allow_nan=False, allow_infinity=False),
        ),
        max_size=9,
    )
)
def test_rows_are_those_of_a_line_by_line_reader(tmp_path: Path, entries: list[Entry]) -> None:
    """Every value is read back, and absent fields have their defaults."""
    path = tmp_path / "log"
    path.write_bytes(msgspec.json.Encoder().encode_lines(entries))

    assert read(path) == [msgspec.structs.astuple(entry) for entry in entries]


def test_only_the_first_bytes_are_read(tmp_path: Path) -> None:
    """What lies past the end that was asked for is not looked at, broken or not."""
    path = tmp_path / "log"
    path.write_text('{"name":"a"}\nbroken\n')

    assert read(path, end=13) == [("a", 7, 0.5)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('{"name":"a"{"name":"b"}', id="a line cut by the next"),
        pytest.param('{"name":"a"} {"name":"b"}', id="two on one line"),
        pytest.param('{"count":1}', id="no name"),
        pytest.param('{"name":"a","count":"x"}', id="a word for a number"),
        pytest.param('{"name":"a","count":1.5}', id="a fraction of a count"),
        pytest.param("[]", id="no object"),
        pytest.param("\0\0\0", id="what a full disk leaves"),
    ],
)
def test_a_bad_line_in_the_midst_is_named(tmp_path: Path, line: str) -> None:
    """The file and the line, whatever is wrong with it."""
    path = tmp_path / "log"
    path.write_text(f'{{"name":"a"}}\n\n{line}\n{{"name":"c"}}\n')

    with pytest.raises(RunDirError, match=r"log, line 3, is no row of a log"):
        read(path)


def test_the_line_is_counted_over_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bad line far into a log is named by its place in the file, not in its block."""
    monkeypatch.setattr("rehearsal.rundir.ndjson.blocks", lambda *_: iter([b'{"name":"a"}\n' * 5, b"bad\n"]))

    with pytest.raises(RunDirError, match="line 6,"):
        read(tmp_path / "log")


def test_a_number_past_64_bits_costs_no_run(tmp_path: Path) -> None:
    """A hostile shop may name any amount: the largest that fits is kept, and the rows beside it too."""
    path = tmp_path / "log"
    path.write_text(
        '{"name":"a","count":123456789012345678901234}\n{"name":"b","count":-99999999999999999999}\n'
    )

    assert read(path) == [("a", 2**63 - 1, 0.5), ("b", -(2**63), 0.5)]
