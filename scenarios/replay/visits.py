"""An access log as a drill's visits: whole sessions of it, what each asks for, and when in its course.

Visit i plays session i modulo their number. The sessions stand in an order drawn from the plan's seed, so a
visit's course follows from its number alone, whoever plays it.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import numpy as np
import polars as pl

from rehearsal.model.errors import RehearsalError
from scenarios.replay import log, paths, support
from scenarios.replay.log import Facts, Wanted
from scenarios.replay.sessions import Sessions, sessionise
from scenarios.replay.steps import Floats, Ints, Steps
from scenarios.replay.volume import normal_volume

COLUMNS = ("session", "offset_ns", "method", "path", "label", "seen")
_ASKED = ["method", "path", "label", "seen"]

#: What cannot be sent as it stands: `*`, and letters that no address has.
_ADDRESS = r"^/[\x21-\x7e]*$"
_NO_ADDRESS = "addresses that cannot be sent"
_OTHERS = "requests of other methods"
#: Kinds of answers by the first digit of their status: success, redirect, refusal, the shop's own failure.
_FAMILIES = (2, 3, 4, 5)


class Request(msgspec.Struct, frozen=True):
    """What a step asks for; bit n of `seen`: the log has an answer to it with a status of n hundred."""

    method: str
    path: str
    label: str
    seen: int


class Visits(msgspec.Struct, frozen=True, dict=True):
    """Sessions to play. Step k of session s is entry `first[s] + k` of `offset_ns` and `request`.

    `offset_ns` counts from the session's first step; `request` is an index into `asked`.
    """

    first: Ints
    offset_ns: Ints
    request: Ints
    asked: tuple[Request, ...]

    @property
    def sessions(self) -> int:
        """Return how many sessions there are."""
        return len(self.first) - 1

    @cached_property
    def length(self) -> Ints:
        """Return the number of steps of each session."""
        return np.diff(self.first)

    @property
    def length_s(self) -> Floats:
        """Return the seconds from each session's first step to its last, by the log's clock."""
        return np.asarray(self.offset_ns[self.first[1:] - 1] / 1e9, dtype=np.float64)

    @cached_property
    def sha256(self) -> str:
        """Return a hash of all that is played."""
        digest = hashlib.sha256()
        for column in (self.first, self.offset_ns, self.request):
            digest.update(column.astype("<i8").tobytes())
        digest.update(msgspec.json.encode(self.asked))
        return digest.hexdigest()


class Read(NamedTuple):
    """A log's sessions as a table (COLUMNS), and what was found in the log.

    `sessions` are all of the log's, `left_out` counts what no visit asks for, and `normal_per_s` is the log's
    own normal volume, None if it does not support one.
    """

    table: pl.DataFrame
    facts: Facts
    sessions: int
    left_out: Mapping[str, int]
    normal_per_s: float | None


def read(path: Path, *, methods: tuple[str, ...], seed: int, visits: int) -> Read:
    """Read a log's sessions, as many as `visits` at most, for requests by these methods.

    RehearsalError if it is no log, holds nothing to send, or its sessions are no shoppers' visits.
    """
    found = log.read([path], Wanted())
    sessions = sessionise(found.requests, paths.Mapping())
    if refused := support.unplayable(sessions.steps, found.facts.resolution_ns):
        raise RehearsalError(f"{path} cannot be the load of a drill. {' '.join(refused)}")
    asked = sessions.asked.join(_seen(found.requests), on=["method", "target"], how="left")
    sent, left_out = _sent(sessions, asked, methods)
    if not sent.any():
        raise RehearsalError(
            f"{path} holds no request by {' or '.join(methods)}; traffic.log_methods says what is sent."
        )
    normal = normal_volume(sessions.steps.start_ns)
    return Read(
        table=_table(_chosen(sessions.steps, sent, seed, visits), asked),
        facts=found.facts,
        sessions=sessions.steps.sessions,
        left_out={why: count for why, count in {**found.facts.left_out, **left_out}.items() if count},
        normal_per_s=normal.per_s if normal else None,
    )


def visits_of(table: pl.DataFrame) -> Visits:
    """Return a table of sessions (COLUMNS, the steps of each together) as it is played."""
    asked = table.select(_ASKED).unique(maintain_order=True)
    numbered = table.select(_ASKED).join(
        asked.with_row_index("request"), on=_ASKED, how="left", maintain_order="left"
    )
    length = table["session"].rle().struct.field("len").to_numpy().astype(np.int64)
    return Visits(
        np.concatenate([[0], np.cumsum(length)]).astype(np.int64),
        table["offset_ns"].to_numpy(),
        numbered["request"].to_numpy().astype(np.int64),
        tuple(Request(*row) for row in asked.iter_rows()),
    )


def load(file: Path) -> Visits:
    """Read sessions that were written as a table; RehearsalError if the file holds none."""
    try:
        return visits_of(pl.read_parquet(file, columns=list(COLUMNS)))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RehearsalError(f"The sessions in {file} cannot be read: {error}") from None


def _seen(requests: pl.DataFrame) -> pl.DataFrame:
    """Return for each method and target which families of answers the log has, as bits (`seen`)."""
    family = pl.col("status") // 100
    bits = [pl.when((family == each).any()).then(1 << each).otherwise(0) for each in _FAMILIES]
    seen = requests.group_by("method", "target").agg(pl.sum_horizontal(bits).cast(pl.Int64).alias("seen"))
    return seen.with_columns(pl.col("method", "target").cast(pl.String))


def _sent(
    sessions: Sessions, asked: pl.DataFrame, methods: tuple[str, ...]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.bool_]], dict[str, int]]:
    """Tell of each step whether it is sent, and count the others by why they are not."""
    why = asked.select(
        pl.when(~pl.col("send").str.contains(_ADDRESS))
        .then(pl.lit(_NO_ADDRESS))
        .when(~pl.col("method").is_in(list(methods)))
        .then(pl.format(f"{_OTHERS} ({{}})", "method"))
        .otherwise(pl.lit(""))
        .alias("why")
    )["why"]
    counts = np.bincount(sessions.steps.row, minlength=asked.height)
    left_out: Counter[str] = Counter()
    for reason, count in zip(why, counts.tolist(), strict=True):
        left_out[reason] += count
    left_out.pop("", None)
    return (why == "").to_numpy()[sessions.steps.row], dict(left_out)


def _chosen(steps: Steps, sent: np.ndarray[tuple[int], np.dtype[np.bool_]], seed: int, visits: int) -> Steps:
    """Return the sessions that are played, in the order drawn; a session of which nothing is sent is none."""
    length = np.bincount(steps.session[sent], minlength=steps.sessions).astype(np.int64)
    kept = Steps(length[length > 0], steps.at_ns[sent], steps.template[sent], steps.row[sent], steps.labels)
    count = min(max(visits, 1), kept.sessions)
    drawn = Random(f"{seed}/log").sample(range(kept.sessions), count)  # noqa: S311 - it must be repeatable
    return kept.pick(np.array(drawn, dtype=np.int64))


def _table(steps: Steps, asked: pl.DataFrame) -> pl.DataFrame:
    told = asked.select(
        pl.col("method").cast(pl.Categorical),
        pl.col("send").cast(pl.Categorical).alias("path"),
        pl.col("label").cast(pl.Categorical),
        pl.col("seen").fill_null(0).cast(pl.Int64),
    )
    begin = pl.DataFrame(
        {
            "session": steps.session.astype(np.int32),
            "offset_ns": steps.at_ns - np.repeat(steps.start_ns, steps.length),
        }
    )
    return begin.hstack(told[steps.row]).select(COLUMNS)
