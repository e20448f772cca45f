"""Times counted in buckets of HdrHistogram's layout: merged by adding counts, percentiles with a known error.

The layout is HdrHistogram's for 3 significant digits, 1 µs to 1 hour (Tene, http://hdrhistogram.org): below
2,048 µs a bucket is 1 µs wide; above, each power of two is cut into 1,024 buckets, so a bucket is at most
1/1,024 of its values wide. A time given as its bucket's middle is thus off by at most 0.5 µs or 1/2,048
(0.049 %), whichever is more. What took longer than an hour, or never ended, lies in the bucket `OVERFLOW`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

NS_PER_UNIT = 1_000
HIGHEST_NS = 3_600_000_000_000
#: A time to record for what never ended.
NEVER_NS = 2 * HIGHEST_NS
#: Half the width of a bucket: relative, and at least so much.
RELATIVE_ERROR = 1 / 2_048
LEAST_ERROR_NS = 500

_HALF_BITS = 10
_SUB_BITS = _HALF_BITS + 1
#: One past the bucket of an hour.
OVERFLOW = 23_221
_FOREVER = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Distinct buckets, ascending, and how many times fell in each (at least one)."""

    buckets: Ints
    counts: Ints

    @property
    def total(self) -> int:
        """Return how many times were recorded."""
        return int(self.counts.sum())


@dataclass(frozen=True, slots=True)
class Quantile:
    """The bucket in which a quantile lies: low_ns <= quantile < high_ns (infinite for OVERFLOW)."""

    low_ns: float
    high_ns: float

    def __contains__(self, time_ns: float) -> bool:
        """Tell whether a time falls into this bucket; what never ended is in the last."""
        return self.low_ns <= time_ns < self.high_ns or time_ns == self.high_ns == math.inf

    @property
    def value_ns(self) -> float:
        """Return the bucket's middle."""
        return (self.low_ns + self.high_ns) / 2

    @property
    def error_ns(self) -> float:
        """Return by how much `value_ns` may be off."""
        return (self.high_ns - self.low_ns) / 2


def bucket_of(times_ns: Ints) -> Ints:
    """Return each time's bucket. Times below 0 count as 0."""
    units = np.maximum(times_ns, 0) // NS_PER_UNIT
    # frexp's exponent is the bit length: units of hours stay far below 2^53, where floats are exact.
    shift = np.maximum(np.frexp(units.astype(np.float64))[1].astype(np.int64) - _SUB_BITS, 0)
    buckets: Ints = np.minimum((shift << _HALF_BITS) + (units >> shift), OVERFLOW)
    return buckets


def bounds_ns(buckets: Ints) -> tuple[Ints, Ints]:
    """Return low and high of buckets, low <= time < high, in ns; OVERFLOW ends at the largest integer."""
    shift = np.maximum((buckets >> _HALF_BITS) - 1, 0)
    low = (buckets - (shift << _HALF_BITS)) << shift
    high = np.where(buckets >= OVERFLOW, _FOREVER, (low + (1 << shift)) * NS_PER_UNIT)
    return low * NS_PER_UNIT, high


def record(times_ns: Ints) -> Histogram:
    """Return the histogram of times."""
    return Histogram(*np.unique(bucket_of(times_ns), return_counts=True))


def merge(*histograms: Histogram) -> Histogram:
    """Return the histogram of all times of all histograms: counts of equal buckets are added."""
    buckets = np.concatenate([np.empty(0, np.int64), *(each.buckets for each in histograms)])
    counts = np.concatenate([np.empty(0, np.int64), *(each.counts for each in histograms)])
    return Histogram(*add_up(buckets, counts))


def add_up(codes: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return the distinct codes, ascending, each with the sum of its counts."""
    distinct, place = np.unique(codes, return_inverse=True)
    sums = np.zeros(distinct.size, np.int64)
    np.add.at(sums, place, counts)
    return distinct, sums


def percentile(histogram: Histogram, p: float) -> Quantile:
    """Return the bucket of the nearest-rank p-quantile; ValueError without times."""
    if not histogram.total:
        raise ValueError("a percentile of no samples does not exist; count the samples first")
    place = np.searchsorted(np.cumsum(histogram.counts), rank_of(p, histogram.total))
    bucket = histogram.buckets[place : place + 1]
    (low,), (high,) = bounds_ns(bucket)
    return Quantile(float(low), math.inf if bucket[0] == OVERFLOW else float(high))


def rank_of(p: float, n: int) -> int:
    """Return the nearest rank ceil(n p), from 1, of the p-quantile of n samples.

    `p` is taken as the decimal it is written as: 0.07 of 100 samples is rank 7, which floats make 8.
    """
    return max(1, math.ceil(Fraction(str(p)) * n))


def encode(histogram: Histogram) -> tuple[list[int], list[int]]:
    """Return the sparse form: the buckets that hold times, and their counts."""
    return histogram.buckets.tolist(), histogram.counts.tolist()


def decode(buckets: Sequence[int], counts: Sequence[int]) -> Histogram:
    """Return the histogram of a sparse form; ValueError if it is none."""
    histogram = Histogram(np.array(buckets, np.int64), np.array(counts, np.int64))
    if histogram.buckets.shape != histogram.counts.shape or (histogram.counts < 1).any():
        raise ValueError("a histogram has one count, of at least 1, for each bucket")
    within = np.diff(histogram.buckets, prepend=-1, append=OVERFLOW + 1)
    if (within < 1).any():
        raise ValueError(f"buckets ascend from 0 to {OVERFLOW}")
    return histogram
