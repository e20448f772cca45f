"""The slope of block means: against scipy's regression, and what its bounds say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from capacity.drift import slope_bound

#: Not all alike: of those scipy gives no error.
BLOCKS = st.lists(st.integers(-100, 100).map(float), min_size=3, max_size=30).filter(lambda b: len({*b}) > 1)


@given(BLOCKS, st.sampled_from([0.9, 0.95, 0.995]))
def test_slope_and_bounds_are_the_regressions(values: list[float], confidence: float) -> None:
    """Slope, standard error and bounds equal those of scipy's regression and Student's t."""
    line = stats.linregress(np.arange(len(values)), values)
    reach = float(stats.t.ppf(confidence, len(values) - 2)) * line.stderr

    actual = slope_bound(np.array(values), confidence)

    assert (line.slope, line.stderr) == pytest.approx((actual.per_block, actual.error), abs=1e-9)
    assert (line.slope - reach, line.slope + reach) == pytest.approx((actual.low, actual.high), abs=1e-6)


@pytest.mark.parametrize(
    ("values", "slope", "ratio"),
    [
        pytest.param([0.3] * 12, 0.0, 0.0, id="all alike, whose mean is not quite 0.3"),
        pytest.param([1.0, 2.0, 3.0], 1.0, math.inf, id="a line upward without noise"),
        pytest.param([3.0, 2.0, 1.0], -1.0, -math.inf, id="a line downward"),
        pytest.param([0.0, 1.0, 0.0, 1.0, 0.0], 0.0, 0.0, id="up and down"),
    ],
)
def test_slopes_that_can_be_seen(values: list[float], slope: float, ratio: float) -> None:
    """Slopes read off by eye, and how many standard errors they are from none."""
    actual = slope_bound(np.array(values))

    assert (actual.per_block, actual.ratio) == pytest.approx((slope, ratio), abs=1e-12)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        pytest.param([], "3 blocks, not 0", id="none"),
        pytest.param([1.0, 2.0], "3 blocks, not 2", id="two blocks lie on any line"),
        pytest.param([1.0, math.nan, 2.0], "without a value", id="an empty block"),
        pytest.param([1.0, math.inf, 2.0], "without a value", id="an endless time"),
    ],
)
def test_what_has_no_slope_is_refused(values: list[float], said: str) -> None:
    """Too few blocks, or blocks without a value, are errors that say what to do."""
    with pytest.raises(ValueError, match=said):
        slope_bound(np.array(values))
