"""Percentiles against their definition, and the sample sizes against the literature."""

import math
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.latency import (
    Interval,
    Ranks,
    independent_interval,
    interval_ranks,
    minimum_samples,
    p99_of,
    percentile,
)
from rehearsal.model.histogram import rank_of

TIMES = st.lists(st.floats(0, 1e6), min_size=1, max_size=400)


def slow_percentile(samples: list[float], p: float) -> float:
    """Return the smallest sample that at least a share p of all samples do not exceed."""
    wanted = Fraction(str(p)) * len(samples)
    return min(x for x in samples if sum(y <= x for y in samples) >= wanted)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        pytest.param(0.90, 29, id="p90"),
        pytest.param(0.95, 59, id="p95"),
        pytest.param(0.99, 299, id="p99"),
        pytest.param(0.999, 2995, id="p99.9"),
    ],
)
def test_minimum_samples_are_wilks(p: float, expected: int) -> None:
    """The sample sizes are those of Wilks for 95 % confidence."""
    actual = minimum_samples(p)

    assert expected == actual


@pytest.mark.parametrize(
    ("p", "n", "expected"),
    [
        pytest.param(0.07, 100, 7, id="a product that floats round up"),
        pytest.param(0.99, 100, 99, id="exactly a rank"),
        pytest.param(0.99, 101, 100, id="between two ranks goes up"),
        pytest.param(0.99, 1, 1, id="one sample is every percentile"),
        pytest.param(0.0, 5, 1, id="the 0-quantile is the least"),
        pytest.param(1.0, 5, 5, id="the 1-quantile is the greatest"),
    ],
)
def test_rank_is_the_exact_ceiling(p: float, n: int, expected: int) -> None:
    """The nearest rank is ceil(n p) in exact arithmetic, at least 1."""
    actual = rank_of(p, n)

    assert expected == actual


@given(TIMES, st.sampled_from([0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0]))
def test_percentile_is_the_definition(samples: list[float], p: float) -> None:
    """The percentile equals the smallest sample that a share p does not exceed."""
    assert slow_percentile(samples, p) == percentile(np.array(samples), p)


@settings(deadline=None)  # a loaded machine is no counter-example
@given(TIMES)
def test_the_expression_is_the_same_p99(samples: list[float]) -> None:
    """The p99 within groups is the nearest-rank p99."""
    frame = pl.DataFrame({"ms": samples})

    assert percentile(np.array(samples), 0.99) == frame.select(p99_of("ms")).item()


def test_no_samples_have_no_percentile() -> None:
    """Asking for a percentile of nothing is an error that says what to do."""
    with pytest.raises(ValueError, match="count the samples first"):
        percentile(np.array([]), 0.5)


def slow_ranks(p: Fraction, n: int) -> tuple[int, int]:
    """Return both ranks from exact sums of the binomial distribution."""
    chances = [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]

    def quantile(q: Fraction) -> int:
        return min(k for k in range(n + 1) if sum(chances[: k + 1]) >= q)

    return quantile(Fraction(1, 40)), quantile(Fraction(39, 40)) + 1


@pytest.mark.parametrize(
    ("p", "n", "expected"),
    [
        pytest.param(0.99, 1000, Ranks(983, 997, 0.976095), id="p99 of 1,000"),
        pytest.param(0.99, 10000, Ranks(9880, 9920, 0.955755), id="p99 of 10,000"),
        pytest.param(0.95, 1000, Ranks(936, 964, 0.958095), id="p95 of 1,000"),
        pytest.param(0.5, 500, Ranks(228, 273, 0.955937), id="the median of 500"),
    ],
)
def test_ranks_are_the_references(p: float, n: int, expected: Ranks) -> None:
    """The ranks are R's, and so is how often they hold."""
    actual = interval_ranks(p, n)

    assert (expected.low, expected.high) == (actual.low, actual.high)
    assert expected.coverage == pytest.approx(actual.coverage, abs=5e-7)


@settings(deadline=None)  # the exact sums take their time
@given(st.integers(1, 39), st.integers(1, 60))
def test_ranks_are_exact_binomial_quantiles(fortieths: int, n: int) -> None:
    """The ranks equal those of exact fractions, also for few samples."""
    p = Fraction(fortieths, 40)
    actual = interval_ranks(float(p), n)

    assert slow_ranks(p, n) == (actual.low, actual.high)


@pytest.mark.parametrize(
    ("p", "n", "expected"),
    [
        pytest.param(0.99, 10, Interval(9.0, 10.0, None), id="ten samples do not bound a p99 from above"),
        pytest.param(0.01, 10, Interval(None, 1.0, 2.0), id="nor a p1 from below"),
        pytest.param(0.99, 1000, Interval(983.0, 990.0, 997.0), id="a thousand do"),
    ],
)
def test_the_interval_takes_the_samples_of_these_ranks(p: float, n: int, expected: Interval) -> None:
    """Of the numbers 1 to n each bound is its rank; one beyond the samples is None."""
    actual = independent_interval(np.random.default_rng(1).permutation(np.arange(1.0, n + 1)), p)

    assert expected == actual


@pytest.mark.parametrize(("p", "n"), [(0.99, 0), (0.0, 10), (1.0, 10)])
def test_what_has_no_ranks_is_refused(p: float, n: int) -> None:
    """No samples, and the ends of the distribution, are errors."""
    with pytest.raises(ValueError, match="no ranks bound"):
        interval_ranks(p, n)
