"""The knee: found where it is published to be, and seen to move with the ramp while the system stands."""

import numpy as np
import pytest

from capacity.knee import HINT_ONLY, knee, kneedle
from capacity.queueing import slo_capacity, sojourn_quantile
from capacity.samples import Floats

X = np.linspace(0.0, 1.0, 10)
FIGURE_2 = -1 / (X + 0.1) + 5


def p99_of(loads: Floats) -> Floats:
    """Return the p99 of the sojourn of M/M/8 at each load."""
    return np.array([sojourn_quantile(0.99, float(load), 8) for load in loads])


def test_figure_two_of_the_paper() -> None:
    """The knee of y = -1 / (x + 0.1) + 5 on ten points is at x = 0.2222, y = 1.8966."""
    at = kneedle(X, FIGURE_2, convex=False)

    assert at is not None
    assert pytest.approx((0.2222, 1.8966), abs=5e-5) == (X[at], FIGURE_2[at])


def test_a_curve_that_steepens_is_the_same_curve_turned_round() -> None:
    """Seen from its other end, the steepening curve has its knee at the same point."""
    at = kneedle(X, FIGURE_2, convex=False)
    turned = kneedle(1 - X[::-1], -FIGURE_2[::-1], convex=True)

    assert turned == 9 - (at or 0)


@pytest.mark.parametrize(("end", "expected"), [(7.2, 5.81), (7.6, 6.62), (7.9, 7.13), (7.99, 7.73)])
def test_the_knee_moves_with_the_end_of_the_ramp(end: float, expected: float) -> None:
    """One M/M/8 whose p99 allows 6.93 erlangs: its knee goes from 5.81 to 7.73 as the ramp ends later."""
    loads = np.linspace(0.5, end, 30)
    actual = kneedle(loads, p99_of(loads), convex=True)

    assert actual is not None
    assert expected == pytest.approx(loads[actual], abs=0.005)


def test_its_spread_says_so() -> None:
    """With the last points left out the knee moves by more than an erlang: a hint only."""
    loads = np.linspace(0.5, 7.99, 30)
    actual = knee(loads, p99_of(loads), convex=True)

    assert actual.x is not None
    assert actual.low is not None
    assert actual.high is not None
    assert actual.low < slo_capacity(0.99, 6.0, 8) < actual.high
    assert actual.high - actual.low > 1
    assert actual.said.endswith(HINT_ONLY)


@pytest.mark.parametrize(
    ("y", "convex"),
    [
        pytest.param(np.arange(10.0), False, id="a straight line, looked at as flattening"),
        pytest.param(np.arange(10.0), True, id="a straight line, looked at as steepening"),
        pytest.param(np.arange(10.0) + np.eye(10)[4] / 2, False, id="a bump of half a step"),
        pytest.param(np.ones(10), False, id="a level"),
        pytest.param(np.arange(10.0) ** 4, False, id="one that only steepens, looked at as flattening"),
        pytest.param(np.arange(10.0) ** 0.25, True, id="one that only flattens, looked at as steepening"),
    ],
)
def test_no_knee(y: Floats, convex: bool) -> None:
    """A straight line, a level, and a curve bent the other way have none."""
    actual = knee(np.arange(10.0), y, convex=convex)

    assert actual.x is None
    assert actual.said == f"No knee. {HINT_ONLY}"


def test_a_knee_that_most_ends_do_not_show() -> None:
    """A bend in the last points only is said to be absent from the shorter ramps."""
    y = np.concatenate((np.zeros(15), [1.0, 3.0, 9.0, 30.0, 100.0]))
    actual = knee(np.arange(20.0), y, convex=True)

    assert actual.x == 16.0
    assert "none for 1 of 6" in actual.said


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        pytest.param([1, 2, 3, 4], [1, 2, 3, 4], "5 points", id="four points"),
        pytest.param([1, 2, 3, 4, 5], [1, 2, 3, 4], "its y", id="a y is missing"),
        pytest.param([1, 2, 2, 4, 5], [1, 2, 3, 4, 5], "rises", id="two of one x"),
        pytest.param([1, 2, 3, 4, 5], [1, 2, 3, 4, np.inf], "finite", id="an overloaded point"),
    ],
)
def test_curves_without_a_shape_are_refused(x: list[float], y: list[float], says: str) -> None:
    """Too few points, and points out of order or beyond saturation, end in a sentence."""
    with pytest.raises(ValueError, match=says):
        knee(np.array(x, dtype=np.float64), np.array(y, dtype=np.float64), convex=True)
