"""How far two samples are apart, each as a number from 0 (alike) to 1. Pure."""

import numpy as np
from numpy.typing import NDArray

from scenarios.replay.steps import Floats, Ints

#: Two samples of one distribution are farther apart than this, times √(1/n + 1/m), once in a hundred times
#: (Smirnov's asymptotic two-sample test: √(-ln(0.01 / 2) / 2)).
_SMIRNOV_1_PERCENT = 1.628


def jensen_shannon(left: Ints, right: Ints) -> float:
    """Return the Jensen-Shannon distance of two rows of counts: √ of the divergence to base 2.

    Lin, Divergence measures based on the Shannon entropy, IEEE Trans. Inf. Theory 37 (1991); the root is a
    metric (Endres and Schindelin, IEEE Trans. Inf. Theory 49, 2003).
    """
    p, q = _shares(left), _shares(right)
    middle = (p + q) / 2
    divergence = (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2
    return float(np.sqrt(min(max(divergence, 0.0), 1.0)))


def transition_distance(left: Ints, right: Ints) -> float:
    """Return the mean total variation of the rows of two transition counts, weighted by use.

    With P and Q the conditional probabilities and w the mean share of row i: Σ w_i ½ Σ_j |P_ij - Q_ij|.
    """
    weights = (_shares(left.sum(axis=1)) + _shares(right.sum(axis=1))) / 2
    variation = np.abs(_rows(left) - _rows(right)).sum(axis=1) / 2
    return float(min((weights * variation).sum(), 1.0))


def kolmogorov_smirnov(left: Floats, right: Floats) -> float:
    """Return the largest distance of two samples' distribution functions; 0 if both are empty, 1 if one is.

    Between two neighbouring values of one sample its function is flat and the other's only rises, so it is
    enough to look at each value and just before it.
    """
    if len(left) == 0 or len(right) == 0:
        return float(len(left) != len(right))
    few, many = (left, right) if len(left) <= len(right) else (right, left)
    points, counts = np.unique(few, return_counts=True)
    others = np.sort(many)
    upto = np.cumsum(counts) / len(few)
    before = upto - counts / len(few)
    at = np.abs(np.searchsorted(others, points, side="right") / len(many) - upto)
    just_before = np.abs(np.searchsorted(others, points, side="left") / len(many) - before)
    # Shares that are equal may differ in their last bit.
    return round(float(max(at.max(), just_before.max())), 12)


def ratio_distance(left: float, right: float) -> float:
    """Return 1 - the smaller of two numbers (not negative) over the larger."""
    low, high = sorted((left, right))
    return 0.0 if high <= 0 else 1 - low / high


def chance_limit(left: int, right: int) -> float:
    """Return how far two samples of one distribution are apart by chance, at most, 99 times in a hundred."""
    return min(_SMIRNOV_1_PERCENT * float(np.sqrt(1 / max(left, 1) + 1 / max(right, 1))), 1.0)


def _shares(counts: NDArray[np.generic]) -> Floats:
    values = np.asarray(counts, dtype=np.float64)
    return values / max(float(values.sum()), 1.0)


def _rows(counts: Ints) -> Floats:
    totals = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / np.maximum(totals, 1), dtype=np.float64)


def _relative_entropy(p: Floats, q: Floats) -> float:
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())
