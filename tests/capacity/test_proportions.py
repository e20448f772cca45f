"""Intervals of independent units: R's values, the test each inverts, and their exact coverage."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.proportions import clopper_pearson, wilson
from capacity.quantiles import binomial_cdf

COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("hits", "n", "score", "exact"),
    [
        pytest.param(0, 10, (0, 0.277533), (0, 0.308497), id="none"),
        pytest.param(10, 10, (0.722467, 1), (0.691503, 1), id="all"),
        pytest.param(8, 10, (0.490162, 0.943318), (0.443905, 0.974789), id="8 of 10"),
        pytest.param(995, 1000, (0.988349, 0.997862), (0.988371, 0.998375), id="995 of 1000"),
        pytest.param(18, 20, (0.698966, 0.972134), (0.683017, 0.987651), id="18 of 20"),
    ],
)
def test_bounds_are_those_of_r(
    hits: int, n: int, score: tuple[float, float], exact: tuple[float, float]
) -> None:
    """Both intervals equal R's to six digits."""
    by_score, by_count = wilson(hits, n), clopper_pearson(hits, n)

    assert (*score, *exact) == pytest.approx(
        (by_score.low, by_score.high, by_count.low, by_count.high), abs=5e-7
    )


@given(COUNTS)
def test_the_exact_bounds_invert_the_binomial_tails(drawn: tuple[int, int]) -> None:
    """At its low bound so many hits or more have a chance of 2.5 %, at its high bound so many or fewer."""
    hits, n = drawn
    bounds = clopper_pearson(hits, n)

    if hits:
        assert 1 - binomial_cdf(hits - 1, n, bounds.low) == pytest.approx(0.025, abs=1e-9)
    if hits < n:
        assert binomial_cdf(hits, n, bounds.high) == pytest.approx(0.025, abs=1e-9)


@given(COUNTS)
def test_wilsons_bounds_lie_1_96_standard_errors_away(drawn: tuple[int, int]) -> None:
    """A bound is the share whose own standard error puts the measured one 1.96 away."""
    hits, n = drawn
    bounds = wilson(hits, n)

    for bound in {bounds.low, bounds.high} - {0.0, 1.0}:
        apart = abs(hits / n - bound) / math.sqrt(bound * (1 - bound) / n)
        assert apart == pytest.approx(1.959964, rel=1e-5)


@pytest.mark.parametrize(("hits", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_what_is_no_share_is_refused(hits: int, n: int) -> None:
    """Counts that cannot be are errors."""
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match="is no share"):
            interval(hits, n)
