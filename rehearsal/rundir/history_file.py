"""History on disk: rows appended while it happens, one parquet file afterwards."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.history import COLUMNS, Row
from rehearsal.model.timeline import Timeline
from rehearsal.rundir import folder
from rehearsal.rundir.ndjson import Table

_POLARS = {str: pl.String, int: pl.Int64, float: pl.Float64}


def _schema() -> dict[str, pl.DataType]:
    kinds = {field.name: field.type for field in msgspec.structs.fields(Row)}
    return {name: _POLARS.get(kinds[name], pl.String)() for name in COLUMNS}


#: Column names and types of history.parquet, `phase` (by due time) last.
SCHEMA: dict[str, pl.DataType] = {**_schema(), "phase": pl.String()}

#: How a line of a log becomes a row of a table.
TABLE = Table(Row, _schema())


class HistoryLog:
    """Appends rows to a file of JSON lines. What was flushed survives any death of the writer."""

    def __init__(self, path: Path) -> None:
        """Open `path` for appending, making its folder."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = path.open("ab")
        self._encoder = msgspec.json.Encoder()

    def append(self, row: Row) -> None:
        """Write one row into the buffer."""
        self._file.write(self._encoder.encode(row) + b"\n")

    def flush(self) -> None:
        """Hand what is buffered to the operating system."""
        self._file.flush()

    def close(self) -> None:
        """Flush and close."""
        self._file.close()


def empty_log() -> pl.DataFrame:
    """Return the table of a log without rows: Row's columns."""
    return pl.DataFrame(schema=_schema())


def read_log(path: Path) -> pl.DataFrame:
    """Read a log as a table of Row's columns; a cut last line is left out, a missing file is empty.

    RunDirError names a line in the midst that is no row: on a full disk a line may have been cut there.
    """
    return pl.concat([empty_log(), *TABLE.read(path)])


def frame_of(rows: Iterable[Row], timeline: Timeline) -> pl.DataFrame:
    """Return rows as a frame of `SCHEMA`, ordered by due (else sent) time, each in its phase."""
    table = pl.DataFrame([msgspec.structs.astuple(row) for row in rows], schema=_schema(), orient="row")
    return placed([table], timeline)


def placed(tables: list[pl.DataFrame], timeline: Timeline) -> pl.DataFrame:
    """Return logs' tables as one, ordered by due (else sent) time, each row in its phase.

    The list is emptied and columns are let go one by one, so that a long history is not held twice.
    """
    table = pl.concat(tables)
    tables.clear()
    order = pl.Series(np.argsort(_at_ns(table).to_numpy(), kind="stable"))
    unordered = [phases_at(table, timeline), *reversed(table.get_columns())]
    del table
    ordered: list[pl.Series] = []
    while unordered:
        ordered.append(unordered.pop().gather(order))
    return pl.DataFrame(ordered)


def phases_at(table: pl.DataFrame, timeline: Timeline) -> pl.Series:
    """Return the column `phase`: the one each row was due in (sent in, if it was due at no time)."""
    starts = pl.Series([window.start_ns for window in timeline.windows])
    names = pl.Series("phase", [phase.name for phase in timeline.phases], dtype=pl.String)
    begun = starts.search_sorted(_at_ns(table), side="right")
    return names.gather(begun.cast(pl.Int64).clip(1) - 1)


def _at_ns(table: pl.DataFrame) -> pl.Series:
    return table.select(pl.when(pl.col("due_ns") > 0).then("due_ns").otherwise("sent_ns")).to_series()


def write_history(run: Path, timeline: Timeline) -> pl.DataFrame:
    """Join the logs of all workers and the conductor's into history.parquet and return the frame."""
    logs = [*folder.logs_of(run, folder.LOAD_LOGS).values(), run / folder.CONDUCTOR_LOG]
    frame = placed([read_log(path) for path in logs], timeline)
    folder.write_table(run, folder.HISTORY, frame)
    return frame


def read_history(run: Path) -> pl.DataFrame:
    """Read history.parquet; RunDirError if it is missing or has other columns."""
    return folder.read_table(run, folder.HISTORY, SCHEMA)


def scan_history(run: Path) -> pl.LazyFrame:
    """Open history.parquet, to be read as far as it is needed; RunDirError as `read_history`."""
    return folder.scan_table(run, folder.HISTORY, SCHEMA)
