"""Histograms on disk: chunks appended while it happens, one parquet file of added counts afterwards.

A chunk is some lines, each one histogram of one second, phase, path, region, outcome and clock, and a mark.
Only what lies before the last mark counts: a chunk without one was cut off with its writer. What the history
of such a worker holds past its last mark, and not longer than `LAST_S` before its end, is counted too, under
the clock `UNBOOKED` and in no bucket: so history and histograms can be held against each other to the last
request, and a recorder that stopped counting long before is not excused.
"""

from enum import StrEnum
from pathlib import Path

import msgspec
import polars as pl

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RunDirError
from rehearsal.model.histogram import Histogram, decode
from rehearsal.model.history import Kind
from rehearsal.model.timeline import Timeline
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import phases_at, read_log
from rehearsal.rundir.ndjson import Table, blocks

#: The clock of requests that the history holds and no histogram does: their writer died before its next cut.
UNBOOKED = "unbooked"
NO_BUCKET = -1
#: A recorder cuts once a second, four flushes; a stalled machine may make it two or three.
LAST_S = 3

#: Columns of histograms.parquet, in the order in which it is sorted.
SCHEMA: dict[str, pl.DataType] = {
    "second": pl.Int64(),
    **dict.fromkeys(("phase", "path", "region", "outcome", "clock"), pl.String()),
    "bucket": pl.Int64(),
    "count": pl.Int64(),
}
_KEYS = [name for name in SCHEMA if name != "count"]
_MARK = b'{"attempts":'


class Clock(StrEnum):
    """From when to when: response = done - due, service = done - sent, send_lag = sent - due."""

    RESPONSE = "response"
    SERVICE = "service"
    SEND_LAG = "send_lag"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """The times of attempts due in one second, in the sparse form of `rehearsal.model.histogram`."""

    second: int
    phase: str
    path: str
    region: str
    outcome: str
    clock: str
    buckets: list[int]
    counts: list[int]


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a chunk: how many attempts all lines so far are about; `end` when no more will come."""

    attempts: int
    end: bool = False


class _Either(msgspec.Struct, frozen=True, kw_only=True):
    """A line or a mark, which has no second."""

    second: int = -1
    phase: str = ""
    path: str = ""
    region: str = ""
    outcome: str = ""
    clock: str = ""
    buckets: list[int] = []
    counts: list[int] = []


_LISTS = ("buckets", "counts")
_TABLE = Table(
    _Either,
    {name: kind for name, kind in SCHEMA.items() if name not in {"bucket", "count"}}
    | dict.fromkeys(_LISTS, pl.List(pl.Int64())),
)


def write_histograms(run: Path, timeline: Timeline) -> pl.DataFrame:
    """Add up the histograms of all workers into histograms.parquet and return the frame, of `SCHEMA`."""
    logs = folder.logs_of(run, folder.HISTOGRAM_LOGS)
    histories = folder.logs_of(run, folder.LOAD_LOGS)
    parts = [pl.DataFrame(schema=SCHEMA)]
    for worker in sorted({*logs, *histories}):
        path = logs.get(worker, run / folder.histogram_log(worker))
        end, mark = _last_mark(path)
        parts += _counts(path, end)
        if not mark.end and worker in histories:
            parts.append(_unbooked(histories[worker], mark.attempts, timeline))
    frame = _added(pl.concat(parts))
    folder.write_table(run, folder.HISTOGRAMS, frame)
    return frame


def read_histograms(run: Path) -> pl.DataFrame:
    """Read histograms.parquet; RunDirError if it is missing or has other columns."""
    return folder.read_table(run, folder.HISTOGRAMS, SCHEMA)


def histogram_of(rows: pl.DataFrame) -> Histogram:
    """Return the histogram of some rows of one clock."""
    added = rows.group_by("bucket").agg(pl.col("count").sum()).sort("bucket")
    return decode(added["bucket"].to_list(), added["count"].to_list())


def _added(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(_KEYS).agg(pl.col("count").sum()).sort(_KEYS).select(list(SCHEMA))


def _counts(path: Path, end: int) -> list[pl.DataFrame]:
    """Return the counts of a log's first `end` bytes, added up block by block."""
    try:
        return [_added(_exploded(table)) for table in _TABLE.read(path, end)]
    except pl.exceptions.PolarsError as error:
        raise RunDirError(f"{path} holds a histogram with buckets that have no count: {error}") from None


def _exploded(table: pl.DataFrame) -> pl.DataFrame:
    lines = table.filter(pl.col("second") >= 0).explode(*_LISTS)
    return lines.rename({"buckets": "bucket", "counts": "count"})


def _last_mark(path: Path) -> tuple[int, Mark]:
    """Return how many bytes of a log count, and its last mark; none of it without a mark."""
    end, mark, before = 0, Mark(attempts=0), 0
    for block in blocks(path):
        if (start := block.rfind(_MARK)) >= 0:
            stop = block.index(b"\n", start) + 1
            end, mark = before + stop, msgspec.json.decode(block[start:stop], type=Mark)
        before += len(block)
    return end, mark


def _unbooked(history: Path, booked: int, timeline: Timeline) -> pl.DataFrame:
    """Return the requests of a history's last seconds past the first `booked`, as rows of `SCHEMA`."""
    requests = read_log(history).filter(pl.col("kind") == Kind.OP)
    last = pl.col("done_ns") > pl.col("done_ns").max() - LAST_S * NS_PER_S
    requests = requests.with_columns(last.alias("last")).slice(booked).filter("last")
    return requests.select(
        (pl.col("due_ns") // NS_PER_S).alias("second"),
        phases_at(requests, timeline),
        pl.col("f").alias("path"),
        "region",
        "outcome",
        pl.lit(UNBOOKED).alias("clock"),
        pl.lit(NO_BUCKET, pl.Int64).alias("bucket"),
        pl.lit(1, pl.Int64).alias("count"),
    )
