"""A batch of attempts as what it adds to Locust's entries: sums, extremes, buckets. Pure."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rehearsal.model.clock import NS_PER_MS

#: Method, name and error (empty if none).
Key = tuple[str, str, str]
#: Method, name, error (empty if none), response time in ns, length of the answer, end (epoch seconds).
Attempt = tuple[str, str, str, int, int, float]

# Tenths of a millisecond at which a bucket becomes ten times as wide: three digits, but none finer.
_EDGES = tuple(1_000 * 10**power for power in range(12))


class Batch(NamedTuple):
    """Attempts by column: attempt i is of `keys[number[i]]` and ended at `at_s[i]`, epoch seconds."""

    keys: Sequence[Key]
    number: NDArray[np.int64]
    response_ns: NDArray[np.int64]
    lengths: NDArray[np.int64]
    at_s: NDArray[np.float64]


class Booking(NamedTuple):
    """What the attempts of one key and second add to that key's entry, and to the total."""

    key: Key
    second: int
    requests: int
    total_ms: float
    least_ms: float
    most_ms: float
    length: int
    last_s: float
    buckets: tuple[tuple[float, int], ...]


class _Columns(NamedTuple):
    ms: NDArray[np.float64]
    lengths: NDArray[np.int64]
    at_s: NDArray[np.float64]


def rounded(response_ms: float) -> float:
    """Return a response time rounded to three digits, none finer than 0.1 ms; Locust's own is two.

    It takes the place of `locust.stats.bucket_response_time`, which may be replaced since Locust 2.43.4.
    """
    tenths = math.floor(response_ms * 10 + 0.5)
    width: int = 10 ** bisect_right(_EDGES, tenths)
    return (tenths + width // 2) // width * width / 10


def batch_of(attempts: Sequence[Attempt]) -> Batch:
    """Return attempts (at least one) by column."""
    methods, names, errors, response_ns, lengths, at_s = zip(*attempts, strict=True)
    numbers: dict[Key, int] = {}
    number = [numbers.setdefault(key, len(numbers)) for key in zip(methods, names, errors, strict=True)]
    return Batch(
        list(numbers),
        np.array(number, np.int64),
        np.array(response_ns, np.int64),
        np.array(lengths, np.int64),
        np.array(at_s, np.float64),
    )


def attempts_of(batch: Batch) -> list[Attempt]:
    """Return the attempts of a batch one by one."""
    columns = (column.tolist() for column in batch[1:])
    return [
        (*batch.keys[number], response_ns, length, at_s)
        for number, response_ns, length, at_s in zip(*columns, strict=True)
    ]


def bookings_of(batch: Batch) -> list[Booking]:
    """Return the bookings of a batch, each second's before the next.

    A response time below 0 counts as 0.
    """
    columns = _Columns(np.maximum(batch.response_ns, 0) / NS_PER_MS, batch.lengths, batch.at_s)
    return _booked(batch.at_s.astype(np.int64) * len(batch.keys) + batch.number, columns, batch.keys)


def _booked(codes: NDArray[np.int64], columns: _Columns, keys: Sequence[Key]) -> list[Booking]:
    """Group by codes, second * len(keys) + the key's number."""
    order = np.argsort(codes, kind="stable")
    codes, ms, lengths, at_s = codes[order], columns.ms[order], columns.lengths[order], columns.at_s[order]
    starts = np.flatnonzero(np.diff(codes, prepend=codes[0] - 1))
    buckets = _buckets(np.cumsum(np.diff(codes, prepend=codes[0]) > 0), ms, starts.size)
    columns_of_groups = zip(
        codes[starts].tolist(),
        np.diff([*starts.tolist(), codes.size]).tolist(),
        np.add.reduceat(ms, starts).tolist(),
        np.minimum.reduceat(ms, starts).tolist(),
        np.maximum.reduceat(ms, starts).tolist(),
        np.add.reduceat(lengths, starts).tolist(),
        np.maximum.reduceat(at_s, starts).tolist(),
        buckets,
        strict=True,
    )
    return [Booking(keys[code % len(keys)], code // len(keys), *rest) for code, *rest in columns_of_groups]


def _buckets(
    groups: NDArray[np.intp], ms: NDArray[np.float64], count: int
) -> list[tuple[tuple[float, int], ...]]:
    """Return each group's rounded response times and how often they occur."""
    tenths = np.floor(ms * 10 + 0.5).astype(np.int64)
    width = 10 ** np.searchsorted(_EDGES, tenths, side="right")
    units = (tenths + width // 2) // width * width
    span = int(units.max()) + 1
    distinct, counts = np.unique(groups * span + units, return_counts=True)
    owners = np.searchsorted(distinct // span, np.arange(count + 1))
    pairs = list(zip((distinct % span / 10).tolist(), counts.tolist(), strict=True))
    return [tuple(pairs[low:high]) for low, high in pairwise(owners)]
