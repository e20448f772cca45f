import csv
import hashlib
import io
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.errors import RehearsalError
from scenarios import data_file

CSV, LINES = Path("users.csv"), Path("users.jsonl")
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=8)
MISTAKES = [
    ("not UTF-8", CSV, b"email\na\n\xff\n", "users.csv, line 3: is not UTF-8"),
    ("nothing", CSV, b"", "users.csv, line 1: a header line with a name for each column is missing"),
    ("a column without a name", CSV, b"email,,pin\n", "users.csv, line 1: a header line"),
    ("a column named twice", CSV, b"email,email\n", "users.csv, line 1: names the column email twice"),
    ("a value too many", CSV, b"email,pin\na,1\nb,2,3\n", "users.csv, line 3: has 3 values, and the header"),
    ("a value too few", CSV, b"email,pin\na,1\nb\n", "users.csv, line 3: has 1 values, and the header has 2"),
    ("a header without an end", CSV, b"x" * 140_000, "users.csv, line 1: is no line of CSV"),
    ("an open quote", CSV, b'email,pin\na,"1\n', "users.csv, line 2: is no line of CSV"),
    ("a quote inside", CSV, b'email,pin\n"a"b,1\n', "users.csv, line 2: is no line of CSV"),
    ("a mistake after a value of two lines", CSV, b'a,b\n"x\ny",1\nz\n', "users.csv, line 4: has 1 values"),
    ("no rows of JSON", LINES, b"\n", "users.jsonl holds no rows"),
    ("no JSON", LINES, b'{"a": 1}\n{"a": \n', "users.jsonl, line 2: is not JSON"),
    ("no object", LINES, b"[1]\n", "users.jsonl, line 1: is no JSON object"),
    ("other keys", LINES, b'{"a": 1}\n{"b": 1}\n', "users.jsonl, line 2: has the keys b, and the first line"),
    ("a list as a value", LINES, b'{"a": [1]}\n', "users.jsonl, line 1: a is neither text nor number"),
]


@pytest.mark.parametrize(
    ("path", "content", "words"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_broken_file_is_told_with_its_line(path: Path, content: bytes, words: str) -> None:
    """In one sentence: which file, which line, what is wrong there."""
    with pytest.raises(RehearsalError, match=re.escape(words)):
        data_file.table_of(content, path)


@given(rows=st.lists(st.tuples(WORDS, WORDS), max_size=5), ends=st.sampled_from(["\n", "\r\n"]))
def test_what_csv_can_write_is_read(rows: list[tuple[str, str]], ends: str) -> None:
    """Commas, quotes and line breaks in values, values left empty, and any line ends."""
    file = io.StringIO()
    csv.writer(file, lineterminator=ends, quoting=csv.QUOTE_ALL).writerows([("a", "b"), *rows])

    assert data_file.table_of(file.getvalue().encode(), CSV).rows() == rows


@given(
    rows=st.lists(st.tuples(st.sampled_from(["", "x", " y"]), st.sampled_from(["", "0", "ä"])), max_size=5)
)
def test_a_plain_file_is_read_as_any_other(rows: list[tuple[str, str]]) -> None:
    """Without quotes a file is read the quick way, and that reads the same."""
    content = "\n".join(["a,b", *(",".join(row) for row in rows)]).encode()

    assert data_file.table_of(content, CSV).rows() == rows


def test_all_values_are_texts() -> None:
    """A number keeps its zeros; numbers and truth values of JSON are as JSON writes them, null is nothing."""
    plain = data_file.table_of(b"\xef\xbb\xbfzip,pin\n007, 1\n", CSV)
    lines = data_file.table_of(b'{"a": 1.50, "b": true, "c": null, "d": "x"}\n', LINES)

    assert (plain.columns, plain.rows()) == (["zip", "pin"], [("007", " 1")])
    assert lines.rows() == [("1.5", "true", "", "x")]


def test_lines_without_anything_are_no_rows() -> None:
    """At the end, and in between."""
    spaced = data_file.table_of(b"a,b\n1,2\n\n3,4\n\n", CSV)
    lines = data_file.table_of(b'{"b": 1, "a": 2}\n\n{"a": 3, "b": 4}\n', LINES)

    assert spaced.rows() == [("1", "2"), ("3", "4")]
    assert (lines.columns, lines.rows()) == (["b", "a"], [("1", "2"), ("4", "3")])


@pytest.mark.parametrize(
    ("path", "content", "lines"),
    [
        (CSV, b'a,b\n"x\ny",1\n\nz,2\n', [3, 5]),
        (LINES, b'{"a": 1}\n\n{"a": 2}\n', [1, 3]),
    ],
    ids=["a value of two lines", "a line between"],
)
def test_a_row_is_found_on_its_line(path: Path, content: bytes, lines: list[int]) -> None:
    """The line a person sees in an editor."""
    assert [data_file.line_of(content, path, row) for row in (0, 1)] == lines


def test_a_file_is_loaded_with_its_hash(tmp_path: Path) -> None:
    """Of the very bytes that were read."""
    path = tmp_path / "users.ndjson"
    path.write_text(json.dumps({"email": "a"}))
    table, sha256 = data_file.load(path)

    assert (table.rows(), sha256) == ([("a",)], hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(RehearsalError, match=r"users\.csv cannot be read: No such file"):
        data_file.load(tmp_path / "users.csv")


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody may ever write to a pipe, and a device never ends."""
    os.mkfifo(tmp_path / "pipe.csv")

    for path in (tmp_path / "pipe.csv", Path("/dev/zero"), tmp_path):
        with pytest.raises(RehearsalError, match="is no file"):
            data_file.load(path)
