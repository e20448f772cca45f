"""Where misses cross what is allowed: exact on a line, scaled with the rates, none where nothing tells."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.crossing import Crossing, Point, crossing_of

RATES = (80.0, 90.0, 95.0, 100.0, 105.0, 110.0)


def on_a_line(power: float, *, scale: float = 1.0, wobble: Sequence[float] = (0,) * 6) -> list[Point]:
    """Return points whose misses are 1 % at 100, and rise with a power of the rate, give or take."""
    return [
        Point(scale * rate, 5000, 0.01 * (rate / 100) ** power * (1 + off), 0.0)
        for rate, off in zip(RATES, wobble, strict=True)
    ]


def crossing(points: Sequence[Point], near_per_s: float = 97.0) -> Crossing:
    """Return the crossing of 1 %, which must be there."""
    found = crossing_of(points, 0.01, near_per_s)
    assert found
    return found


@pytest.mark.parametrize("power", [1.4, 5.0, 16.0, 30.0])
def test_a_line_is_found_exactly(power: float) -> None:
    """Without noise the crossing is where it is, and nothing is uncertain."""
    found = crossing(on_a_line(power))

    assert found.rate_per_s == pytest.approx(100.0, rel=1e-6)
    assert found.low_per_s(0.95) == pytest.approx(100.0, rel=1e-4)
    assert found.high_per_s == pytest.approx(100.0, rel=1e-4)


@given(st.floats(1e-3, 1e4), st.floats(2.0, 30.0))
def test_the_unit_of_rates_does_not_matter(scale: float, power: float) -> None:
    """Rates times k: the crossing and its bounds times k."""
    wobble = (0.2, -0.1, 0.1, -0.2, 0.1, -0.1)
    found = crossing(on_a_line(power, wobble=wobble))
    scaled = crossing(on_a_line(power, scale=scale, wobble=wobble), 97.0 * scale)

    assert scaled.rate_per_s == pytest.approx(scale * found.rate_per_s, rel=1e-6)
    assert scaled.low_per_s(0.95) == pytest.approx(scale * found.low_per_s(0.95), rel=1e-6)


@given(st.lists(st.floats(-0.9, 3.0), min_size=6, max_size=6), st.floats(1.0, 30.0))
def test_the_bounds_lie_about_the_crossing(wobble: list[float], power: float) -> None:
    """However the trials lie, low <= value <= high, all finite and above nothing."""
    found = crossing(on_a_line(power, wobble=wobble))

    assert 0 < found.low_per_s(0.975) <= found.rate_per_s <= found.high_per_s < math.inf


def test_noise_between_trials_and_within_them_both_widen() -> None:
    """The larger of the two dispersions counts."""
    calm = crossing(on_a_line(16.0))
    between = crossing(on_a_line(16.0, wobble=(0.5, -0.4, 0.4, -0.5, 0.3, -0.3)))
    within = crossing([Point(p.rate_per_s, p.requests, p.missed, 0.005) for p in on_a_line(16.0)])

    assert calm.log_error < 0.001 < min(between.log_error, within.log_error)


def test_a_cliff_is_not_believed_to_be_one() -> None:
    """Misses that rise with the 80th power are given a flatter line: the lower bound is the more cautious."""
    found = crossing(on_a_line(80.0))

    assert found.low_per_s(0.975) < 100.0


def at_every_rate(missed: float, requests: int = 5000) -> list[Point]:
    """Return points of which a share misses whatever the rate, with the error of independent requests."""
    error = math.sqrt(missed * (1 - missed) / requests)
    wobble = (1.3, 0.8, 1.1, 0.7, 1.2, 0.9)
    return [Point(rate, requests, missed * off, error) for rate, off in zip(RATES, wobble, strict=True)]


@pytest.mark.parametrize("missed", [0.0004, 0.001, 0.003])
def test_misses_that_hardly_rise_do_not_pull_the_bound_down(missed: float) -> None:
    """A few errors at every rate, far fewer than are allowed: no crossing near by, and the bound says so."""
    found = crossing(at_every_rate(missed))

    assert found.low_per_s(0.975) == found.rate_per_s > max(RATES)
    assert found.high_per_s == math.inf


@pytest.mark.parametrize(("missed", "requests"), [(0.0097, 5000), (0.0004, 40)])
def test_misses_that_may_be_as_many_as_allowed_do(missed: float, requests: int) -> None:
    """Nearly as many as are allowed, or too few requests to tell: the bound stays far below."""
    found = crossing(at_every_rate(missed, requests))

    assert found.low_per_s(0.975) < 0.8 * found.rate_per_s


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([], id="no trials"),
        pytest.param(on_a_line(16.0)[:2], id="two trials"),
        pytest.param([Point(100.0, 1000, 0.01, 0.0)] * 5, id="all at one rate"),
        pytest.param([Point(rate, 1000, 0.0, 0.0) for rate in RATES], id="nothing missed"),
        pytest.param([Point(rate / 9, 1000, 0.1, 0.0) for rate in RATES], id="all far away"),
    ],
)
def test_where_nothing_tells_there_is_no_crossing(points: list[Point]) -> None:
    """Fewer than three trials near by, at two rates, with a miss among them."""
    assert crossing_of(points, 0.01, 97.0) is None
