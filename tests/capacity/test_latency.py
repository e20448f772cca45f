"""Percentiles against their definition, and the sample sizes against the literature."""

from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity.latency import minimum_samples, p99_of, percentile
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
