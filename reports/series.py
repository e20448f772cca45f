"""The history over time, in bins of equal length: what the figures draw. Pure.

Which request is good, and which payment succeeded, is decided in capacity.samples, as for the findings.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import polars as pl

from capacity.latency import percentile
from capacity.samples import Floats, payments_of, requests_of, response_ms, timed_of
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Crowd, Kind, Outcome, Step
from rehearsal.model.timeline import Timeline

#: More bins than this blur a figure; so a bin is 1 s, 2 s in a run of two minutes, longer in a longer one.
MOST_BINS = 75

Points = tuple[tuple[float, float], ...]
Gaps = tuple[float | None, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """p50, p95 and p99 by nearest rank, in milliseconds; infinite if that many requests never ended."""

    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Rates and measurements in bins of `bin_s` seconds, counted from the start, by due time.

    A measurement is None where there was nothing to measure. Points are (seconds, value).
    """

    bin_s: int
    visits_due_per_s: tuple[float, ...]
    visits_good_per_s: tuple[float, ...]
    requests_due_per_s: tuple[float, ...]
    requests_good_per_s: tuple[float, ...]
    response: tuple[Percentiles | None, ...]
    send_lag_p99_ms: Gaps
    payment_success: Gaps
    orders: Points
    stock: Points
    users_wanted: Gaps = ()
    users_there: Gaps = ()


def series_of(frame: pl.DataFrame, timeline: Timeline, sku: str) -> Series:
    """Return a run's series; `sku` is the one whose stock is followed."""
    seconds = math.ceil(timeline.end_ns / NS_PER_S)
    bins = Bins(math.ceil(seconds / MOST_BINS), seconds)
    requests = requests_of(frame)
    visits = _with_second(frame.filter(pl.col("kind").is_in([Kind.VISIT, Kind.DROP])))
    payments = payments_of(requests)
    crowd = _crowd(frame)
    return Series(
        bin_s=bins.width_s,
        visits_due_per_s=bins.rates(visits),
        visits_good_per_s=bins.rates(visits.filter(pl.col("outcome") == Outcome.OK)),
        requests_due_per_s=bins.rates(requests),
        requests_good_per_s=bins.rates(requests.filter("good")),
        response=bins.measures(requests, lambda rows: percentiles_of(response_ms(rows))),
        send_lag_p99_ms=bins.measures(timed_of(frame), send_lag_p99_of),
        payment_success=bins.measures(payments, lambda rows: share_of(rows["ok"])),
        orders=_orders(requests),
        stock=_stock(frame, sku),
        users_wanted=bins.measures(crowd, lambda rows: _mean(rows["wanted"])),
        users_there=bins.measures(crowd, lambda rows: _mean(rows["there"])),
    )


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of `width_s` seconds over a run of `seconds`; the last may be shorter.

    What is due after the run's end (the rest of visits that began in time) is in none.
    """

    width_s: int
    seconds: int

    def split(self, rows: pl.DataFrame) -> list[pl.DataFrame]:
        """Return the rows of each bin by their column `second`."""
        number = (pl.col("second") // self.width_s).alias("bin")
        parts = rows.with_columns(number).partition_by("bin", as_dict=True)
        return [parts.get((index,), rows.clear()) for index in range(len(self.widths_s))]

    @property
    def widths_s(self) -> list[int]:
        """Return the width of each bin in seconds."""
        starts = range(0, self.seconds, self.width_s)
        return [min(self.width_s, self.seconds - start) for start in starts]

    def rates(self, rows: pl.DataFrame) -> tuple[float, ...]:
        """Return rows a second in each bin."""
        parts = self.split(rows)
        return tuple(part.height / width_s for part, width_s in zip(parts, self.widths_s, strict=True))

    def measures(self, rows: pl.DataFrame, measure: Callable[[pl.DataFrame], T]) -> tuple[T | None, ...]:
        """Return `measure` of each bin's rows, None for a bin without any."""
        return tuple(None if part.is_empty() else measure(part) for part in self.split(rows))


def percentiles_of(times_ms: Floats) -> Percentiles:
    """Return the percentiles of at least one time."""
    return Percentiles(
        p50_ms=percentile(times_ms, 0.5),
        p95_ms=percentile(times_ms, 0.95),
        p99_ms=percentile(times_ms, 0.99),
    )


def send_lag_p99_of(timed: pl.DataFrame) -> float:
    """Return the 99th percentile of send lag (sent - due), in ms, of at least one row."""
    return percentile(timed["lag_ms"].to_numpy(), 0.99)


def share_of(flags: pl.Series) -> float:
    """Return the share of true values among at least one."""
    return int(flags.sum()) / len(flags)


def _crowd(frame: pl.DataFrame) -> pl.DataFrame:
    """Return how many users of a locustfile there were, and should have been, in each second read."""
    rows = frame.filter((pl.col("kind") == Kind.USERS) & (pl.col("f") == Crowd.RUNNING))
    return (
        rows.group_by((pl.col("sent_ns") // NS_PER_S).alias("second"))
        .agg(pl.col("qty").sum().alias("there"), pl.col("value").max().alias("wanted"))
        .sort("second")
    )


def _mean(values: pl.Series) -> float:
    return float(np.mean(values.to_numpy()))


def _with_second(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns((pl.col("due_ns") // NS_PER_S).alias("second"))


def _orders(requests: pl.DataFrame) -> Points:
    """Return how many orders were known to be paid or confirmed, and since when."""
    paid = requests.filter(
        pl.col("f").is_in([Step.PAY, Step.QUERY])
        & (pl.col("outcome") == Outcome.OK)
        & (pl.col("order_id") != "")
    )
    instants = paid.group_by("order_id").agg(pl.col("done_ns").min())["done_ns"].sort()
    return tuple((instant / NS_PER_S, float(count)) for count, instant in enumerate(instants, start=1))


def _stock(frame: pl.DataFrame, sku: str) -> Points:
    rows = frame.filter((pl.col("kind") == Kind.STOCK) & (pl.col("f") == sku)).sort("sent_ns")
    return tuple((sent / NS_PER_S, float(qty)) for sent, qty in rows.select("sent_ns", "qty").iter_rows())
