"""The spread of a capacity is just what its three figures claim."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.samples import Floats
from capacity.spread import Z_95, CapacitySpread, spread_of
from rehearsal.model.capacity import Band
from rehearsal.model.errors import RehearsalError

SPREADS = st.tuples(st.floats(1, 1e4), st.floats(1.001, 2), st.floats(1.001, 2)).map(
    lambda drawn: CapacitySpread(drawn[0] / drawn[1], drawn[0], drawn[0] * drawn[2])
)
OPEN = CapacitySpread(90, 100, None)
EXACT = CapacitySpread(100, 100, 100)


@given(SPREADS)
def test_the_three_figures_come_back(spread: CapacitySpread) -> None:
    """A share of 5 % lies below the lower bound, half below the point, 5 % above the upper bound."""
    assert spread.high_per_s is not None
    bounds = np.array([spread.low_per_s, spread.point_per_s, spread.high_per_s])

    assert spread.below(bounds) == pytest.approx([0.05, 0.5, 0.95])


@given(SPREADS, st.floats(-6, 6))
def test_scores_and_shares_invert_each_other(spread: CapacitySpread, z: float) -> None:
    """The share below the rate at score z is the normal distribution of z."""
    actual = spread.below(spread.at(np.array([z])))[0]

    assert 0.5 * math.erfc(-z / math.sqrt(2)) == pytest.approx(actual, rel=1e-6)


def test_a_loose_upper_bound_leaves_the_lower_side_alone() -> None:
    """What lies below a rate under the point depends then on the lower bound and the point only."""
    tight, loose = CapacitySpread(90, 100, 112), CapacitySpread(90, 100, 200)
    rates = np.array([50.0, 80.0, 95.0, 100.0])

    assert tight.below(rates).tolist() == loose.below(rates).tolist()


@given(SPREADS, st.floats(1.0, 1.5))
def test_a_tight_upper_bound_makes_nothing_worse(spread: CapacitySpread, tighter: float) -> None:
    """Against a spread without an upper bound, one that has any has at no rate a larger share below it."""
    open_spread = CapacitySpread(spread.low_per_s, spread.point_per_s, None)
    rates = spread.point_per_s * np.geomspace(0.4, tighter, 41)

    assert (spread.below(rates) <= open_spread.below(rates) + 1e-12).all()


@given(SPREADS)
def test_the_density_has_no_step(spread: CapacitySpread) -> None:
    """It is one curve: at the point and at both bounds its value from below is the one from above."""
    places = np.array([-Z_95, 0.0, Z_95])
    below, above = (spread.density(spread.at(places + aside)) for aside in (-1e-9, 1e-9))

    assert below == pytest.approx(above, rel=1e-4)


@pytest.mark.parametrize("figures", [(90, 100, 140), (33.6, 68.4, 87.2)])
def test_the_density_has_no_kink(figures: tuple[float, float, float]) -> None:
    """Nor does its slope jump there, in either direction."""
    spread, aside = CapacitySpread(*figures), 1e-4
    places = np.array([-Z_95, 0.0, Z_95])
    before, at, after = (np.log(spread.density(spread.at(places + d))) for d in (-aside, 0.0, aside))

    assert (at - before) / aside == pytest.approx((after - at) / aside, abs=0.02)


def two_halves(spread: CapacitySpread, rates: Floats) -> Floats:
    """Return the density of two half lognormals that meet at the point: what the curve must not be."""
    below, above = spread.log_scales
    scales = np.where(rates < spread.point_per_s, below, above)
    z = np.log(rates / spread.point_per_s) / scales
    return np.asarray(np.exp(-z * z / 2) / math.sqrt(2 * math.pi) / scales / rates, dtype=np.float64)


def test_two_half_lognormals_have_a_step() -> None:
    """The same three figures as two halves: the density falls at the point by the ratio of their widths."""
    spread, places = CapacitySpread(90, 100, 140), np.array([100 * (1 - 1e-9), 100 * (1 + 1e-9)])
    before, after = two_halves(spread, places)
    below, above = spread.log_scales

    assert before / after == pytest.approx(above / below, rel=1e-6)
    assert np.ptp(spread.density(places)) / before < 1e-6


@given(SPREADS)
def test_the_density_rises_once_and_falls_once(spread: CapacitySpread) -> None:
    """Its curve has one summit, however unlike both sides are."""
    rates = spread.at(np.linspace(-4, 4, 801))
    rising = np.diff(spread.density(rates)) > 0

    assert np.count_nonzero(rising[1:] != rising[:-1]) <= 1


def test_the_density_is_the_slope_of_the_share() -> None:
    """The area of the density on either side of the point is a half."""
    spread = CapacitySpread(90, 100, 140)
    below, above = np.linspace(60, 100, 4001), np.linspace(100, 400, 8001)

    assert np.trapezoid(spread.density(below), below) == pytest.approx(0.5, abs=1e-5)
    assert np.trapezoid(spread.density(above), above) == pytest.approx(0.5, abs=1e-5)


def test_without_an_upper_bound_nothing_better_than_the_point_is_assumed() -> None:
    """Half of an open spread lies below the point, the rest at it, and there is no density above."""
    rates = np.array([99.999999, 100.0, 100.000001])

    assert OPEN.is_open
    assert OPEN.below(rates) == pytest.approx([0.5, 0.5, 1.0], abs=1e-6)
    assert OPEN.density(rates)[1:].tolist() == [0, 0]


def test_an_exact_capacity_is_one_rate() -> None:
    """Three equal figures put everything at that rate."""
    rates = np.array([99.0, 100.0, 101.0])

    assert EXACT.below(rates).tolist() == [0, 0, 1]
    assert EXACT.at(np.array([-3.0, 3.0])).tolist() == [100, 100]


@pytest.mark.parametrize("spread", [OPEN, EXACT, CapacitySpread(50, 60, 90)])
def test_a_multiple_is_a_multiple_throughout(spread: CapacitySpread) -> None:
    """Twice the capacity is twice each figure and each quantile."""
    z = np.linspace(-3, 3, 7)

    assert spread.times(2).at(z) == pytest.approx(2 * spread.at(z))
    assert spread.is_open is spread.times(2).is_open


@pytest.mark.parametrize(
    ("band", "expected"),
    [
        pytest.param(Band(low=80, value=90, high=125), CapacitySpread(80, 90, 125), id="all three"),
        pytest.param(Band(low=80, high=125), CapacitySpread(80, 100, 125), id="bounds: halfway as ratios go"),
        pytest.param(Band(low=80, value=90), CapacitySpread(80, 90, None), id="no rate failed"),
        pytest.param(Band(low=80), CapacitySpread(80, 80, None), id="a lower bound alone"),
        pytest.param(
            Band(low=32, value=30, high=1024), CapacitySpread(32, 64, 1024), id="a value below both"
        ),
        pytest.param(
            Band(low=32, value=1024, high=1024), CapacitySpread(32, 512, 1024), id="a value at a bound"
        ),
        pytest.param(Band(value=90, high=125), None, id="no lower bound"),
        pytest.param(Band(low=0, value=90), None, id="nothing was held"),
        pytest.param(Band(), None, id="nothing known"),
        pytest.param(Band(low=80, value=80, high=80), CapacitySpread(80, 80, 80), id="one rate"),
        pytest.param(Band(low=80, value=70), CapacitySpread(80, 80, None), id="a value below the only bound"),
    ],
)
def test_as_a_search_found_it(band: Band, expected: CapacitySpread | None) -> None:
    """A band becomes the spread that claims no more than it does; without a lower bound there is none."""
    actual = spread_of(band)

    assert (expected is None) is (actual is None)
    if expected and actual:
        assert actual.low_per_s == expected.low_per_s
        assert actual.point_per_s == pytest.approx(expected.point_per_s)
        assert actual.high_per_s == expected.high_per_s


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param((0.0, 100.0, 110.0), id="nothing was shown"),
        pytest.param((110.0, 100.0, 120.0), id="a lower bound above the point"),
        pytest.param((90.0, 100.0, 95.0), id="an upper bound below the point"),
        pytest.param((90.0, 100.0, math.inf), id="no upper bound, said wrongly"),
        pytest.param((math.nan, 100.0, 110.0), id="no number"),
    ],
)
def test_refused(figures: tuple[float, float, float]) -> None:
    """Figures out of order are no capacity."""
    with pytest.raises(RehearsalError, match="lower bound <= point <= upper bound"):
        CapacitySpread(*figures)
