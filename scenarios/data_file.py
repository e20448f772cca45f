"""A file of test data as a table of texts: CSV with a header line, or JSON lines."""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from rehearsal.model.errors import RehearsalError

#: Suffixes of files of JSON lines; any other file is read as CSV.
JSON_LINES = frozenset({".jsonl", ".ndjson"})

_Line = tuple[int, list[str]]


def load(path: Path) -> tuple[pl.DataFrame, str]:
    """Return a file's table and its SHA-256, both of the same bytes; RehearsalError says what is wrong."""
    try:
        # A pipe that nobody writes to, or a device that never ends, would be waited for.
        if path.exists() and not path.is_file():
            raise RehearsalError(f"The test data {path} is no file.")
        content = path.read_bytes()
    except OSError as error:
        raise RehearsalError(f"The test data {path} cannot be read: {error.strerror}.") from None
    return table_of(content, path), hashlib.sha256(content).hexdigest()


def table_of(content: bytes, path: Path) -> pl.DataFrame:
    """Return the table in a file's content; `path` tells its form, and names it in a RehearsalError."""
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RehearsalError(f"{path}, line {line}: is not UTF-8; save the file as UTF-8.") from None
    if path.suffix in JSON_LINES:
        return _frame([row for _, row in _json_lines(content, path)], json_columns(content, path))
    columns = csv_columns(content, path)
    return _quickly(content, columns) if _is_plain(content, columns) else _by_hand(content, path, columns)


def line_of(content: bytes, path: Path, row: int) -> int:
    """Return the number of the line on which a row (counted from 0) of a file ends."""
    lines = _json_lines(content, path) if path.suffix in JSON_LINES else _csv_lines(content, path)
    return next(line for number, (line, _) in enumerate(lines) if number == row)


def csv_columns(content: bytes, path: Path) -> list[str]:
    """Return the header of a CSV file; RehearsalError if it has none, or names a column twice."""
    try:
        columns: list[str] = next(_reader(content), [])
    except csv.Error as error:
        raise RehearsalError(f"{path}, line 1: is no line of CSV: {error}.") from None
    if not columns or not all(columns):
        raise RehearsalError(f"{path}, line 1: a header line with a name for each column is missing.")
    _require_once(columns, path)
    return columns


def json_columns(content: bytes, path: Path) -> list[str]:
    """Return the keys of the first of some JSON lines; RehearsalError if there is none."""
    for _, text in _lines(content):
        return list(_object(text, path, 1))
    raise RehearsalError(f"{path} holds no rows.")


def _is_plain(content: bytes, columns: list[str]) -> bool:
    """Tell whether each line is a row: no value goes on in the next line, and none is missing."""
    if b'"' in content or content.count(b"\r") != content.count(b"\r\n"):
        return False
    lines = content.rstrip(b"\r\n").split(b"\n")
    commas = len(columns) - 1
    return all(line.count(b",") == commas and line.strip() for line in lines)


def _quickly(content: bytes, columns: list[str]) -> pl.DataFrame:
    schema = dict.fromkeys(columns, pl.String())
    return pl.read_csv(
        io.BytesIO(content.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n")),
        schema=schema,
        quote_char=None,
    ).with_columns(pl.all().fill_null(""))


def _by_hand(content: bytes, path: Path, columns: list[str]) -> pl.DataFrame:
    return _frame([row for _, row in _csv_lines(content, path)], columns)


def _frame(rows: list[list[str]], columns: list[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String()), orient="row")


def _reader(content: bytes) -> Any:
    return csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)


def _csv_lines(content: bytes, path: Path) -> Iterator[_Line]:
    """Yield the rows of a CSV file with the lines they end on; lines without anything on them are no rows."""
    reader = _reader(content)
    width = len(next(reader, []))
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise RehearsalError(f"{path}, line {reader.line_num}: is no line of CSV: {error}.") from None
        if row is None:
            return
        if row and len(row) != width:
            raise RehearsalError(
                f"{path}, line {reader.line_num}: has {len(row)} values, and the header has {width}; put "
                "values that hold a comma in double quotes."
            )
        if row:
            yield reader.line_num, row


def _json_lines(content: bytes, path: Path) -> Iterator[_Line]:
    """Yield the rows of JSON lines; each must have the keys of the first."""
    columns: list[str] = []
    for number, text in _lines(content):
        row = _object(text, path, number)
        columns = columns or list(row)
        if row.keys() != set(columns):
            raise RehearsalError(
                f"{path}, line {number}: has the keys {', '.join(row)}, and the first line has "
                f"{', '.join(columns)}; each line needs the same."
            )
        yield number, [_text(row[name], name, path, number) for name in columns]


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _object(text: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        raise RehearsalError(f"{path}, line {number}: is not JSON: {error}.") from None
    if not (isinstance(value, dict) and value):
        raise RehearsalError(f"{path}, line {number}: is no JSON object of column and value.")
    return value


def _text(value: Any, column: str, path: Path, number: int) -> str:
    """Return a value as an adapter gets it: text as it is, numbers and truth values as JSON writes them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (bool, int, float)):
        return msgspec.json.encode(value).decode()
    raise RehearsalError(f"{path}, line {number}: {column} is neither text nor number.")


def _require_once(columns: list[str], path: Path) -> None:
    for name in columns:
        if columns.count(name) > 1:
            raise RehearsalError(f"{path}, line 1: names the column {name} twice.")
