"""The few quantiles that intervals are made of, typed, from scipy.special (whose import is short)."""

import math

from scipy.special import bdtr, bdtrik, betaincinv, ndtri, stdtrit  # type: ignore[import-untyped]


def student_t(df: float, p: float) -> float:
    """Return the p-quantile of Student's t with `df` degrees of freedom; of the normal for math.inf."""
    return float(stdtrit(df, p))


def normal(p: float) -> float:
    """Return the p-quantile of the standard normal."""
    return float(ndtri(p))


def share_at_least(hits: int, n: int, confidence: float) -> float:
    """Return the exact one-sided lower bound on the share of `n` independent units of which `hits` hit.

    0 for no hits. Clopper and Pearson, Biometrika 26 (1934), 404-413.
    """
    return float(betaincinv(hits, n - hits + 1, 1 - confidence)) if hits else 0.0


def share_at_most(hits: int, n: int, confidence: float) -> float:
    """Return the exact one-sided upper bound on that share; 1 if all hit."""
    return 1 - share_at_least(n - hits, n, confidence)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Return P(K <= k) for K binomial(n, p); 0 for k < 0."""
    return float(bdtr(k, n, p)) if k >= 0 else 0.0


def binomial_quantile(q: float, n: int, p: float) -> int:
    """Return the least k with P(K <= k) >= q for K binomial(n, p)."""
    # The inverse is of a continuous form of the distribution: exact up to a step either way.
    k = max(0, math.floor(float(bdtrik(q, n, p))) - 1)
    while binomial_cdf(k, n, p) < q:
        k += 1
    return k
