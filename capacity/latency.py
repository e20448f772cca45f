"""Percentiles as they are defined, and the number of samples below which one must not be quoted."""

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from capacity.quantiles import binomial_cdf, binomial_quantile
from capacity.samples import Floats
from rehearsal.model.histogram import rank_of

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Interval:
    """A percentile with its two-sided bounds; None for a bound that there are not enough samples for."""

    low: float | None
    value: float
    high: float | None


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ranks, from 1, of the samples that bound a percentile, and how often such bounds hold it.

    A rank of 0 or n + 1 is none that exists: the samples do not bound the percentile on that side.
    """

    low: int
    high: int
    coverage: float


def percentile(samples: Floats, p: float) -> float:
    """Return the nearest-rank p-quantile x_(ceil(n p)); ValueError without samples."""
    if samples.size == 0:
        raise ValueError("a percentile of no samples does not exist; count the samples first")
    rank = rank_of(p, samples.size) - 1
    return float(np.partition(samples, rank)[rank])


def minimum_samples(p: float, confidence: float = CONFIDENCE) -> int:
    """Return the fewest samples whose maximum bounds the p-quantile from above with `confidence`.

    The maximum of n samples lies above the p-quantile with probability 1 - p^n, so
    n >= ln(1 - confidence) / ln(p): 29 for p90, 59 for p95, 299 for p99, 2995 for p99.9.
    Wilks, Annals of Mathematical Statistics 12 (1941), 91-96.
    """
    return math.ceil(math.log(1 - confidence) / math.log(p))


def interval_ranks(p: float, n: int, confidence: float = CONFIDENCE) -> Ranks:
    """Return the ranks between which the p-quantile of `n` independent samples lies with `confidence`.

    l = qbinom(a / 2, n, p) and u = qbinom(1 - a / 2, n, p) + 1: P(x_(l) <= quantile < x_(u)) = P(l <= K < u)
    for K binomial(n, p). For independent samples only: requests of one run are not, see
    `batch_means.quantile_interval`. David and Nagaraja, Order Statistics (2003), section 7.1.
    ValueError without samples, and unless 0 < p < 1.
    """
    if n < 1 or not 0 < p < 1:
        raise ValueError(f"no ranks bound the {p}-quantile of {n} samples: 0 < p < 1, and at least one")
    doubt = (1 - confidence) / 2
    low, high = binomial_quantile(doubt, n, p), binomial_quantile(1 - doubt, n, p) + 1
    return Ranks(low, high, binomial_cdf(high - 1, n, p) - binomial_cdf(low - 1, n, p))


def independent_interval(samples: Floats, p: float, confidence: float = CONFIDENCE) -> Interval:
    """Return the p-quantile of independent samples between the samples of `interval_ranks`.

    In the unit of `samples`; ValueError as for `interval_ranks`.
    """
    ranks = interval_ranks(p, samples.size, confidence)
    return between(samples, p, low=ranks.low, high=ranks.high)


def between(samples: Floats, p: float, *, low: int, high: int) -> Interval:
    """Return the p-quantile between the samples of two ranks, from 1; None for a rank outside 1 to n."""
    ordered = np.sort(samples)
    return Interval(
        low=float(ordered[low - 1]) if low >= 1 else None,
        value=percentile(samples, p),
        high=float(ordered[high - 1]) if high <= samples.size else None,
    )


def p99_of(column: str) -> pl.Expr:
    """Return the nearest-rank 99th percentile of a column as an expression, for use within groups."""
    rank = (pl.len().cast(pl.Int64) * 99 + 99) // 100
    return pl.col(column).sort().get(rank - 1)
