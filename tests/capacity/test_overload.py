"""The chance of an overload against closed forms, drawn pairs, and its own picture."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.forecast import PeakForecast, forecast_peak, stated_peak
from capacity.overload import Overload, curves_of, overload_chance, overload_of
from capacity.spread import Z_95, CapacitySpread

WORKED = forecast_peak((5.2, 6.1, 7.4, 5.8, 8.3), normal_per_s=1)
SHOP = CapacitySpread(8.0, 8.5, 9.2)
SCALES = st.floats(1e-6, 1.5)


def normal_forecast(median_per_s: float, log_scale: float) -> PeakForecast:
    """Return a forecast from so many promotions that Student's t is the normal distribution."""
    return PeakForecast(median_per_s, log_scale, 10**12, median_per_s)


def lognormal(point_per_s: float, log_scale: float) -> CapacitySpread:
    """Return a capacity that is equally uncertain on both sides."""
    width = math.exp(Z_95 * log_scale)
    return CapacitySpread(point_per_s / width, point_per_s, point_per_s * width)


def chance(forecast: PeakForecast, capacity: CapacitySpread) -> float:
    """Return the chance of an overload where it is known."""
    known = overload_chance(forecast, capacity)
    assert known is not None
    return known


@given(SCALES, SCALES, st.floats(0.2, 5))
def test_two_lognormals_have_a_closed_form(peak: float, held: float, ratio: float) -> None:
    """For many promotions P = Φ(-ln(C / P) / sqrt(a² + b²)), however unlike the two widths are."""
    expected = 0.5 * math.erfc(math.log(ratio) / math.hypot(peak, held) / math.sqrt(2))

    actual = chance(normal_forecast(10, peak), lognormal(10 * ratio, held))

    assert expected == pytest.approx(actual, abs=1e-9)


@pytest.mark.parametrize("dof_of", [WORKED, forecast_peak([4.0, 6.0, 7.0], normal_per_s=1)])
@pytest.mark.parametrize(
    "capacity",
    [SHOP, CapacitySpread(4, 8.5, 30), CapacitySpread(7, 8.5, None), CapacitySpread(8.5, 8.5, 9)],
    ids=["narrow", "wide", "open", "one-sided"],
)
def test_it_is_the_share_of_drawn_pairs(dof_of: PeakForecast, capacity: CapacitySpread) -> None:
    """Of many drawn peaks and capacities as many are overloads as the integral says: the slow oracle."""
    assert dof_of.log_scale is not None
    draw = np.random.default_rng(6)
    drawn = draw.standard_t(dof_of.dof, 200_000)
    peaks = dof_of.median_per_s * np.exp(dof_of.log_scale * drawn)
    held = capacity.at(draw.normal(size=200_000))
    joined = overload_of(dof_of, capacity)

    assert joined.chance == pytest.approx((peaks > held).mean(), abs=0.005)
    assert joined.holds == pytest.approx((held >= 1.3 * peaks).mean(), abs=0.005)


def test_a_capacity_known_exactly_leaves_the_forecast_alone() -> None:
    """At 1.3 times the median, known exactly, an overload has the worked example's chance: 13.7 %."""
    exact = 1.3 * WORKED.median_per_s

    actual = chance(WORKED, CapacitySpread(exact, exact, exact))

    assert WORKED.exceeds(exact) == pytest.approx(actual, abs=1e-12)
    assert round(actual, 3) == 0.137


def test_comparing_two_bounds_tells_another_chance() -> None:
    """Peers compare a bound with a bound; at equality of the two 95 % bounds an overload has not 5 %."""
    upper_per_s = WORKED.quantile_per_s(0.95)
    assert upper_per_s is not None

    actual = chance(WORKED, CapacitySpread(upper_per_s, 1.1 * upper_per_s, 1.2 * upper_per_s))

    assert actual < 0.04


@given(st.floats(1, 100), st.floats(1.01, 3))
def test_more_capacity_is_less_overload(point_per_s: float, more: float) -> None:
    """The chance of an overload falls with the capacity, and stays between 0 and 1."""
    before, after = (
        chance(WORKED, CapacitySpread(0.9 * rate, rate, 1.2 * rate))
        for rate in (point_per_s, more * point_per_s)
    )

    assert 0 <= after < before <= 1


@given(st.floats(0.01, 100))
def test_the_unit_of_the_rate_does_not_matter(unit: float) -> None:
    """Requests a minute give the chance that requests a second give."""
    scaled = forecast_peak((5.2, 6.1, 7.4, 5.8, 8.3), normal_per_s=unit)

    assert chance(WORKED, SHOP) == pytest.approx(chance(scaled, SHOP.times(unit)), abs=1e-9)


def test_an_open_capacity_gives_a_bound() -> None:
    """Whatever the unknown upper bound may be, the chance told without it is not less."""
    bound = overload_of(WORKED, CapacitySpread(8, 8.5, None))
    known = [chance(WORKED, CapacitySpread(8, 8.5, high)) for high in (8.5, 9.0, 12.0, 80.0)]

    assert bound.is_bound
    assert bound.chance is not None
    assert all(bound.chance >= one for one in known)


@pytest.mark.parametrize("capacity", [SHOP, CapacitySpread(5, 8.5, 20), CapacitySpread(8.49, 8.5, 8.6)])
def test_the_joint_area_of_the_figure_is_the_chance(capacity: CapacitySpread) -> None:
    """What the figure shades has the area that the sentence names, and each density one of about 1."""
    curves = curves_of(WORKED, capacity)

    assert curves.overload is not None
    assert curves.forecast is not None
    assert (np.diff(curves.rates_per_s) > 0).all()
    assert np.trapezoid(curves.overload, curves.rates_per_s) == pytest.approx(
        chance(WORKED, capacity), abs=0.004
    )
    assert np.trapezoid(curves.forecast, curves.rates_per_s) == pytest.approx(1, abs=0.01)
    assert np.trapezoid(curves.capacity, curves.rates_per_s) == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("high", [8.55, 9.2, 20.0])
@pytest.mark.parametrize("median_per_s", [7.9, 8.4999, 8.5, 8.6, 12.0])
def test_a_forecast_known_almost_exactly_leaves_the_capacity_alone(high: float, median_per_s: float) -> None:
    """A peak of no width is an overload as often as the capacity lies below it: sum and picture agree."""
    capacity = CapacitySpread(8.0, 8.5, high)

    actual = chance(normal_forecast(median_per_s, 1e-7), capacity)

    assert capacity.below(np.array([median_per_s]))[0] == pytest.approx(actual, abs=1e-6)


def test_a_stated_forecast_has_no_chance_of_overload() -> None:
    """Without a spread only the capacity's own doubt is told, and named as that."""
    stated = stated_peak(8.0)
    joined = overload_of(stated, SHOP)
    curves = curves_of(stated, SHOP)

    assert (joined.chance, joined.holds) == (None, None)
    assert joined.short == pytest.approx(0.05)
    assert (curves.forecast, curves.overload) == (None, None)
    assert curves.rates_per_s[0] < 8 < curves.rates_per_s[-1]


@pytest.mark.parametrize(
    ("joined", "words"),
    [
        pytest.param(
            overload_of(WORKED, SHOP),
            "the chance of an overload, a peak above the capacity, is 13.0 %;"
            " that the capacity is 1.3 times the peak or more, 52.6 %",
            id="both known",
        ),
        pytest.param(
            overload_of(WORKED, CapacitySpread(8.0, 8.5, None), required=2.0),
            "the chance of an overload, a peak above the capacity, is at most 14.1 %;"
            " that the capacity is 2 times the peak or more, at least 5.2 %",
            id="no upper bound",
        ),
        pytest.param(
            Overload(chance=1e-6, holds=1 - 1e-6, short=0.0, required=1.3, is_bound=True),
            "the chance of an overload, a peak above the capacity, is below 0.1 %;"
            " that the capacity is 1.3 times the peak or more, above 99.9 %",
            id="what rounds to nothing",
        ),
        pytest.param(
            overload_of(stated_peak(8.0), SHOP),
            "the forecast is stated, without a spread: the chance of an overload is not known;"
            " the chance of a capacity below the stated peak is 5.0 %",
            id="a stated forecast",
        ),
    ],
)
def test_words(joined: Overload, words: str) -> None:
    """A sheet says what is known, as a bound where it is one."""
    assert words == joined.words()
