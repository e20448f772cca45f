from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import arrival
from scenarios.arrival import Profile

RATES = st.floats(0.5, 8.0)
DURATIONS = st.floats(0.5, 6.0)


def exact_area(profile: Profile, until_s: Fraction) -> Fraction:
    """Return the exact area under a profile up to a time: the slow twin of Profile's arithmetic."""
    area = Fraction(0)
    points = [(Fraction(t), Fraction(r)) for t, r in zip(profile.times_s, profile.rates_per_s, strict=True)]
    for (t0, r0), (t1, r1) in pairwise(points):
        end = min(t1, until_s)
        if end > t0:
            rate = r0 + (r1 - r0) * (end - t0) / (t1 - t0)
            area += (end - t0) * (r0 + rate) / 2
    return area


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    """Draw a piecewise linear profile of one to five pieces, jumps included."""
    times, rates = [0.0], [draw(RATES)]
    for _ in range(draw(st.integers(1, 5))):
        times.append(times[-1] + draw(DURATIONS))
        rates.append(draw(RATES))
        if draw(st.booleans()):
            times.append(times[-1])
            rates.append(draw(RATES))
    return Profile(tuple(times), tuple(rates))


@given(profiles())
def test_the_nth_arrival_is_where_the_exact_area_reaches_n(profile: Profile) -> None:
    """Against exact rational arithmetic the area at the n-th due time is n, to nine digits."""
    count = int(profile.arrivals)
    for n, due_s in enumerate(arrival.even(profile, count), start=1):
        assert float(exact_area(profile, Fraction(float(due_s)))) == pytest.approx(n, rel=1e-9)


@given(profiles(), st.integers(0, 2**32))
def test_poisson_arrivals_are_sorted_complete_and_inside(profile: Profile, seed: int) -> None:
    """Exactly the count asked for, in order, none outside the profile; the same seed gives the same times."""
    first = arrival.poisson(profile, 50, Random(seed))

    assert len(first) == 50
    assert list(first) == sorted(first)
    assert first[0] >= 0
    assert first[-1] <= profile.times_s[-1]
    assert np.array_equal(first, arrival.poisson(profile, 50, Random(seed)))


def test_poisson_arrivals_follow_the_rate() -> None:
    """On a ramp from 0 to 10 three quarters of the arrivals fall into the second half."""
    due_s = arrival.poisson(arrival.ramp(0.0, 10.0, 10.0), 4000, Random(3))

    assert np.mean(due_s > 5.0) == pytest.approx(0.75, abs=0.02)


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        pytest.param(arrival.constant(2.0, 2.0), [0.5, 1.0, 1.5, 2.0], id="constant: even spacing"),
        pytest.param(arrival.ramp(0.0, 2.0, 2.0), [2**0.5, 2.0], id="a ramp from nothing: t squared / 2"),
        pytest.param(arrival.ramp(2.0, 0.0, 2.0), [2 - 2**0.5, 2.0], id="a ramp to nothing"),
        pytest.param(Profile((0, 1, 1, 2), (1, 1, 3, 3)), [1.0, 4 / 3, 5 / 3, 2.0], id="a jump"),
        pytest.param(Profile((0, 1, 1, 2), (0, 0, 2, 2)), [1.5, 2.0], id="nothing, then something"),
        pytest.param(arrival.stairs(1.0, 2.0, 2, 2.0), [1.0, 1.5, 2.0], id="stairs: level, jump, level"),
        pytest.param(arrival.spike(1.0, 4.0, 0.5, 2.5), [1.0, 1.25, 1.5, 2.5], id="a spike in the middle"),
    ],
)
def test_due_times_are_known_in_closed_form(profile: Profile, expected: list[float]) -> None:
    """The n-th due time is where n visits have come."""
    assert arrival.even(profile, len(expected)).tolist() == pytest.approx(expected)


@given(st.floats(0, 9), st.floats(0, 9), st.integers(2, 30), st.floats(0.5, 60))
def test_stairs_hold_what_their_levels_hold(start: float, end: float, steps: int, duration_s: float) -> None:
    """The area under stairs is the mean of the ends times the length, whatever the number of steps."""
    profile = arrival.stairs(start, end, steps, duration_s)

    assert (profile.rates_per_s[0], profile.rates_per_s[-1]) == pytest.approx((start, end))
    assert profile.arrivals == pytest.approx((start + end) / 2 * duration_s, abs=1e-9)
    assert len(set(profile.times_s)) == steps + 1


@given(st.floats(0, 9), st.floats(0, 9), st.floats(0.01, 0.99), st.floats(0.5, 60))
def test_a_spike_adds_its_plateau_to_the_base(
    base: float, peak: float, share: float, duration_s: float
) -> None:
    """The area is the base's and the difference's for the spike's time."""
    profile = arrival.spike(base, peak, share * duration_s, duration_s)

    assert profile.arrivals == pytest.approx(base * duration_s + (peak - base) * share * duration_s, abs=1e-9)


def test_a_fraction_left_over_brings_the_next_arrival_forward() -> None:
    """With 0.5 of an arrival carried over, the first falls where half of one has come."""
    assert arrival.even(arrival.constant(1.0, 2.0), 2, offset=0.5).tolist() == [0.5, 1.5]


def test_a_curve_keeps_its_shape_between_the_ends_asked_for() -> None:
    """Counts 10, 40, 30 from rate 1 to 5: the middle overshoots as the curve does."""
    profile = arrival.along((10.0, 40.0, 30.0), 1.0, 5.0, 10.0)

    assert profile.times_s == (0.0, 5.0, 10.0)
    assert profile.rates_per_s == (1.0, 7.0, 5.0)


def test_a_curve_that_dips_deep_never_asks_for_a_negative_rate() -> None:
    """Below nothing there is nothing."""
    assert min(arrival.along((10.0, 0.0, 11.0), 1.0, 5.0, 2.0).rates_per_s) == 0.0
