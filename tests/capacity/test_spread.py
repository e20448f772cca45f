"""The spread of a capacity is just what its three figures claim."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.spread import CapacitySpread, spread_of
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
    """What lies below a rate under the point depends on the lower bound and the point only."""
    tight, loose = CapacitySpread(90, 100, 101), CapacitySpread(90, 100, 200)
    rates = np.array([50.0, 80.0, 95.0, 100.0])

    assert tight.below(rates).tolist() == loose.below(rates).tolist()


def test_the_density_is_the_slope_of_the_share() -> None:
    """The area of the density on either side of the point is a half."""
    spread = CapacitySpread(90, 100, 140)
    below, above = np.linspace(60, 99.999999, 4001), np.linspace(100, 400, 8001)

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
        pytest.param(Band(low=80, value=70, high=90), CapacitySpread(80, 80, 90), id="a value below both"),
        pytest.param(Band(low=80, value=95, high=90), CapacitySpread(80, 90, 90), id="a value above both"),
        pytest.param(Band(value=90, high=125), None, id="no lower bound"),
        pytest.param(Band(low=0, value=90), None, id="nothing was held"),
        pytest.param(Band(), None, id="nothing known"),
    ],
)
def test_as_a_search_found_it(band: Band, expected: CapacitySpread | None) -> None:
    """A band becomes the spread that claims no more than it does; without a lower bound there is none."""
    assert expected == spread_of(band)


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
