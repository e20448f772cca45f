"""`sessions.parquet`: every step of a replay, when it is due, by which buyer, and what it asks for."""

from pathlib import Path

import numpy as np
import polars as pl

from rehearsal.model.errors import RehearsalError
from scenarios.replay.paths import BUYER
from scenarios.replay.steps import Steps

COLUMNS = ("session", "buyer", "due_ns", "step", "method", "path", "template", "think_s")


def table_of(steps: Steps, asked: pl.DataFrame, *, seed: int) -> pl.DataFrame:
    """Return the schedule as a table: `due_ns` counts from the first session's start.

    `asked` tells what `Steps.row` points at. Buyers are new ones, one for each session; where a mapping
    says so, the buyer's name stands in the path, so that carts are new ones too.
    """
    buyers = pl.Series("buyer", [f"r{seed}-{number}" for number in range(steps.sessions)], dtype=pl.String)
    think_s = np.zeros(len(steps.at_ns), dtype=np.float32)
    think_s[~steps.is_first] = steps.think_s
    within = np.arange(len(steps.at_ns), dtype=np.int64) - np.repeat(steps.first, steps.length)
    told = asked.select(
        pl.col("method").cast(pl.Categorical),
        pl.col("send").cast(pl.Categorical).alias("path"),
        pl.col("label").cast(pl.Categorical).alias("template"),
    )
    table = pl.DataFrame(
        {
            "session": steps.session.astype(np.int32),
            "buyer": buyers.gather(steps.session),
            "due_ns": steps.at_ns - steps.start_ns[0],
            "step": within.astype(np.int32),
            "think_s": think_s,
        }
    ).hstack(told[steps.row])
    if asked["send"].str.contains(BUYER, literal=True).any():
        path = pl.col("path").cast(pl.String).str.replace(BUYER, pl.col("buyer"), literal=True)
        table = table.with_columns(path.alias("path"))
    return table.select(COLUMNS)


def write(table: pl.DataFrame, path: Path) -> None:
    """Write a schedule, whole or not at all."""
    draft = path.with_name(f".{path.name}.draft")
    table.write_parquet(draft, compression="zstd", compression_level=1, statistics=False)
    draft.replace(path)


def read(path: Path) -> pl.DataFrame:
    """Read a schedule; RehearsalError if it is none."""
    try:
        return pl.read_parquet(path, columns=list(COLUMNS))
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RehearsalError(f"The schedule {path} cannot be read: {error}.") from None
