"""Logs of JSON lines as tables, block by block, so that a log of gigabytes needs no gigabytes to be read.

A cut last line (its writer was killed) is left out. A line in the midst that is none is an error: on a full
disk a line may be cut and the next one still written, and what was lost there nobody knows.
"""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec
import polars as pl

from rehearsal.model.errors import RunDirError

BLOCK = 1 << 24
#: Integers a table can hold; a shop may name an amount past them, and that must not cost the run.
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1

T = TypeVar("T", bound=msgspec.Struct)


class Table(Generic[T]):
    """Lines of one kind as a table: its columns are fields of the kind, absent ones at their defaults."""

    def __init__(self, kind: type[T], schema: Mapping[str, pl.DataType]) -> None:
        """Take the kind of a line, and the columns to read with their types."""
        fields = {field.name: field for field in msgspec.structs.fields(kind)}
        self._decoder = msgspec.json.Decoder(kind)
        self._schema = dict(schema)
        self._required = [name for name in schema if fields[name].required]
        defaults = {name: fields[name].default for name in schema}
        self._defaults = {name: value for name, value in defaults.items() if value is not msgspec.NODEFAULT}

    def read(self, path: Path, end: int | None = None) -> Iterator[pl.DataFrame]:
        """Yield the rows of a log (of its first `end` bytes) block by block; RunDirError names a bad line."""
        before = 0
        for block in blocks(path, end):
            yield self.rows(block, path, before)
            before += block.count(b"\n")

    def rows(self, block: bytes, path: Path, before: int = 0) -> pl.DataFrame:
        """Return whole lines as a table; `path`, and how many lines came `before`, are for the message."""
        try:
            table = pl.read_ndjson(io.BytesIO(block), schema=self._schema)
        except pl.exceptions.PolarsError:
            return self._slowly(block, path, before)
        if any(table[name].null_count() for name in self._required):
            return self._slowly(block, path, before)
        return table.with_columns(
            pl.col(name).fill_null(pl.lit(value)) for name, value in self._defaults.items()
        )

    def _slowly(self, block: bytes, path: Path, before: int) -> pl.DataFrame:
        rows: list[list[Any]] = []
        for number, line in enumerate(block.split(b"\n")[:-1], start=before + 1):
            try:
                row = self._decoder.decode(line) if line else None
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise RunDirError(f"{path}, line {number}, is no row of a log: {error}") from None
            rows += [[_held(getattr(row, name)) for name in self._schema]] if row is not None else []
        return pl.DataFrame(rows, schema=self._schema, orient="row")


def blocks(path: Path, end: int | None = None, size: int = BLOCK) -> Iterator[bytes]:
    """Yield the whole lines of a file (of its first `end` bytes) in blocks of about `size`."""
    if not path.exists():
        return
    with path.open("rb") as file:
        left = path.stat().st_size if end is None else end
        rest = b""
        while left > 0 and (part := file.read(min(size, left))):
            left -= len(part)
            part = rest + part
            cut = part.rfind(b"\n") + 1
            rest = part[cut:]
            if cut:
                yield part[:cut]


def _held(value: Any) -> Any:
    return max(_LEAST, min(_MOST, value)) if type(value) is int else value
