"""Percentiles, medians, ratios and slopes on hand-made numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import error, middle, percentile, percentile_of_counts, ratio, slope


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        pytest.param(0.5, 5.0, id="half"),
        pytest.param(0.95, 10.0, id="rounds up to a value that occurred"),
        pytest.param(0.9, 9.0, id="exactly on a value"),
        pytest.param(1.0, 10.0, id="the largest"),
        pytest.param(0.001, 1.0, id="never before the first"),
    ],
)
def test_nearest_rank(share: float, expected: float) -> None:
    """Of 1 to 10, a percentile is the smallest value that so many do not exceed."""
    actual = percentile([float(value) for value in range(10, 0, -1)], share)

    assert expected == actual


@given(values=st.lists(st.integers(0, 20), min_size=1, max_size=60), share=st.floats(0.01, 1.0))
def test_a_histogram_gives_the_same_percentile(values: list[int], share: float) -> None:
    """Counting values first changes no percentile."""
    counts = {float(value): values.count(value) for value in values}

    assert percentile_of_counts(counts, share) == percentile(values, share)


def test_no_value_has_no_percentile() -> None:
    """An empty list and a histogram of zeros are refused, not answered with 0."""
    with pytest.raises(ValueError, match="at least one value"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="at least one value"):
        percentile_of_counts({1.0: 0}, 0.5)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        pytest.param(60_000.0, 20_000.0, 3.0, id="three times"),
        pytest.param(1.0, 3.0, 0.333, id="three digits"),
        pytest.param(None, 1.0, None, id="ours unknown"),
        pytest.param(1.0, None, None, id="theirs unknown"),
        pytest.param(1.0, 0.0, None, id="theirs nothing"),
    ],
)
def test_ratio(ours: float | None, theirs: float | None, expected: float | None) -> None:
    """A ratio is ours ÷ theirs, and unknown as soon as one side is."""
    assert expected == ratio(ours, theirs)


def test_middle_of_nothing_is_nothing() -> None:
    """The median needs a value; of an even number it lies between the two in the middle."""
    assert (middle([]), middle([4, 1, 2, 3])) == (None, 2.5)


@given(
    a=st.floats(-100, 100),
    b=st.floats(-100, 100),
    xs=st.lists(st.integers(-500, 500), min_size=2, max_size=12, unique=True),
)
def test_the_slope_of_a_line_is_its_slope(a: float, b: float, xs: list[int]) -> None:
    """Points on a line have the line's slope, wherever they lie."""
    actual = slope([(x, a + b * x) for x in xs])

    assert actual is not None
    assert math.isclose(b, actual, abs_tol=1e-6)


def test_one_outlier_does_not_move_the_slope() -> None:
    """A single wild reading among nine on a line changes nothing."""
    points = [(float(x), 2.0 * x) for x in range(9)]

    assert slope([*points[:4], (4.0, 1000.0), *points[5:]]) == pytest.approx(2.0, abs=0.01)


def test_a_slope_needs_two_instants() -> None:
    """One instant, read twice, has no slope."""
    assert (slope([]), slope([(1.0, 2.0), (1.0, 3.0)])) == (None, None)


def test_error_is_a_fraction_of_the_truth() -> None:
    """9 ms where 500 ms are true is 98 % off; nothing measured is no error."""
    assert (error(9.0, 500.0), error(None, 500.0)) == (0.982, None)
