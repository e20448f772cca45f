"""Percentiles as they are defined, and the number of samples below which one must not be quoted."""

import math

import numpy as np
import polars as pl

from capacity.samples import Floats
from rehearsal.model.histogram import rank_of

CONFIDENCE = 0.95


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


def p99_of(column: str) -> pl.Expr:
    """Return the nearest-rank 99th percentile of a column as an expression, for use within groups."""
    rank = (pl.len().cast(pl.Int64) * 99 + 99) // 100
    return pl.col(column).sort().get(rank - 1)
