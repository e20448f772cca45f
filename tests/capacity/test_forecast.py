"""The forecast against the worked example, a slow oracle, and what must not change it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.forecast import Driver, PeakForecast, forecast_peak, stated_peak
from rehearsal.model.errors import RehearsalError

PAST = (5.2, 6.1, 7.4, 5.8, 8.3)
WORKED = forecast_peak(PAST, normal_per_s=1)

MULTIPLIERS = st.lists(st.floats(1.0, 50.0), min_size=3, max_size=12).filter(
    lambda drawn: max(drawn) > 1.001 * min(drawn)
)


def quantile(forecast: PeakForecast, q: float) -> float:
    """Return the quantile of a forecast that has one."""
    rate_per_s = forecast.quantile_per_s(q)
    assert rate_per_s is not None
    return rate_per_s


def chance(forecast: PeakForecast, rate_per_s: float) -> float:
    """Return the chance of more than a rate, of a forecast that knows one."""
    known = forecast.exceeds(rate_per_s)
    assert known is not None
    return known


def test_the_worked_example() -> None:
    """Five promotions give the median, the upper bounds and the chances of the reference, to its digits."""
    bounds = [round(quantile(WORKED, q), 3) for q in (0.5, 0.8, 0.9, 0.95)]
    chances = [round(100 * chance(WORKED, times * WORKED.median_per_s), 1) for times in (1.3, 1.5)]

    assert bounds == [6.466, 7.858, 8.885, 10.059]
    assert chances == [13.7, 6.1]


def test_the_words_of_the_worked_example() -> None:
    """The sheet says on how little the forecast rests and how likely 1.3 times it is not enough."""
    assert WORKED.words() == (
        "forecast peak 6.466/s from 5 past promotions; it stays below 7.858 (80 %), 8.885 (90 %),"
        " 10.06 (95 %);"
        " the chance of a peak is 13.7 % above 1.3 times it, 6.1 % above 1.5 times it;"
        " the highest so far would be 8.3/s today, a bound of 83.3 % without a distribution"
    )


@pytest.mark.parametrize(
    ("multipliers", "words"),
    [
        pytest.param([], "3 past promotions, not 0", id="none"),
        pytest.param([5.0, 6.0], "3 past promotions, not 2", id="two"),
        pytest.param([5.0, 6.0, 0.0], "above 0, not 0", id="a zero"),
        pytest.param([5.0, 6.0, -1.0], "above 0, not -1", id="a negative one"),
        pytest.param([5.0, math.nan, 6.0], "above 0, not nan", id="not a number"),
        pytest.param([5.0, math.inf, 6.0], "above 0, not inf", id="without end"),
        pytest.param([5.0, 5.0, 5.0], "All 3 multipliers are 5, which leaves no spread", id="all equal"),
        pytest.param([0.1 + 0.2, 0.3, 0.3], "All 3 multipliers are 0.3", id="equal but for arithmetic"),
    ],
)
def test_refused(multipliers: list[float], words: str) -> None:
    """What no forecast can be made of is refused in one sentence that says what to do."""
    with pytest.raises(RehearsalError, match=words):
        forecast_peak(multipliers, normal_per_s=10)


@pytest.mark.parametrize(
    ("normal_per_s", "factor", "words"),
    [
        pytest.param(0.0, 1.0, "The normal volume must be a number above 0, not 0", id="no volume"),
        pytest.param(1.0, -2.0, "The factor of mail must be a number above 0, not -2", id="a wrong driver"),
    ],
)
def test_a_volume_and_factors_are_positive(normal_per_s: float, factor: float, words: str) -> None:
    """A volume or a driver that would take the peak to nothing is refused."""
    with pytest.raises(RehearsalError, match=words):
        forecast_peak(PAST, normal_per_s=normal_per_s, drivers=[Driver("mail", factor)])


@given(MULTIPLIERS, st.floats(0.1, 1e4), st.floats(0.01, 0.99))
def test_the_forecast_scales_with_volume_and_drivers(
    multipliers: list[float], normal_per_s: float, q: float
) -> None:
    """Every quantile is proportional to the normal volume, and to each known driver."""
    unit = forecast_peak(multipliers, normal_per_s=1)
    driven = forecast_peak(
        multipliers, normal_per_s=normal_per_s, drivers=[Driver("mail", 2.0), Driver("price", 0.9)]
    )

    assert 1.8 * normal_per_s * quantile(unit, q) == pytest.approx(quantile(driven, q))
    assert 1.8 * normal_per_s * max(multipliers) == pytest.approx(driven.rank_bound_per_s)


@given(MULTIPLIERS, st.floats(0.01, 0.98), st.integers(0, 11))
def test_higher_means_higher(multipliers: list[float], q: float, at: int) -> None:
    """More certainty takes a higher bound, and a higher past peak a higher forecast."""
    before = forecast_peak(multipliers, normal_per_s=1)
    raised = list(multipliers)
    raised[at % len(raised)] = 2 * max(multipliers)
    after = forecast_peak(raised, normal_per_s=1)

    assert quantile(before, q) < quantile(before, q + 0.01)
    assert before.median_per_s < after.median_per_s


@given(MULTIPLIERS, st.floats(0.001, 0.999))
def test_the_chance_inverts_the_quantile(multipliers: list[float], q: float) -> None:
    """A peak above the q-quantile has the chance 1 - q."""
    forecast = forecast_peak(multipliers, normal_per_s=7)

    assert 1 - q == pytest.approx(chance(forecast, quantile(forecast, q)), rel=1e-6)


def test_the_density_adds_up_to_the_chance() -> None:
    """The area of the density between two rates is the difference of their chances."""
    rates = np.geomspace(2, 30, 4001)
    density = WORKED.density(rates)

    assert density is not None
    assert chance(WORKED, 2) - chance(WORKED, 30) == pytest.approx(np.trapezoid(density, rates), abs=1e-5)


def test_every_peak_is_above_nothing() -> None:
    """A rate of 0 is exceeded for certain."""
    assert chance(WORKED, 0) == 1


def coverage(n: int, q: float, draw: np.random.Generator, *, plug_in: bool = False) -> float:
    """Return how often the next of lognormal peaks stays below its q-bound, over many histories of n.

    With `plug_in` the bound is the one of a peer that takes the sample's mean and spread for the true ones.
    """
    runs = 1500
    logs = draw.normal(1.8, 0.25, (runs, n + 1))
    z = 1.2816 if q == 0.9 else 1.6449
    held = 0
    for history in logs:
        forecast = forecast_peak(np.exp(history[:-1]).tolist(), normal_per_s=1)
        naive = math.exp(history[:-1].mean() + z * history[:-1].std())
        held += math.exp(history[-1]) <= (naive if plug_in else quantile(forecast, q))
    return held / runs


@pytest.mark.parametrize(("n", "q"), [(3, 0.9), (5, 0.95), (12, 0.95)])
def test_the_bound_holds_as_often_as_it_says(n: int, q: float) -> None:
    """Of many lognormal histories the next peak stays below the q-bound in a share q: the slow oracle."""
    assert q == pytest.approx(coverage(n, q, np.random.default_rng(n)), abs=0.02)


def test_a_bound_that_takes_the_sample_for_the_truth_does_not_hold() -> None:
    """Mean plus 1.645 standard deviations of five promotions, called 95 %, holds in less than 90 %."""
    assert coverage(5, 0.95, np.random.default_rng(1), plug_in=True) < 0.9


def test_the_highest_of_n_is_a_bound_of_its_rank() -> None:
    """The next of n + 1 equal draws is the highest with probability 1 / (n + 1): 95 % takes 19 promotions."""
    draws = np.random.default_rng(4).lognormal(size=(40_000, 6))
    highest = float((draws[:, 5] <= draws[:, :5].max(axis=1)).mean())

    assert WORKED.rank_share == pytest.approx(highest, abs=0.01)
    assert forecast_peak([5.0, 6.0] * 9, normal_per_s=1).rank_share < 0.95
    assert forecast_peak([*([5.0, 6.0] * 9), 7.0], normal_per_s=1).rank_share == 0.95


def test_a_stated_peak_knows_no_chances() -> None:
    """A forecast without a history says so, and claims no probability of anything."""
    stated = stated_peak(20, drivers=[Driver("twice the mail", 1.5)])
    rates = np.array([30.0])

    assert stated.words() == "forecast peak 30/s, times 1.5 for twice the mail: stated, without a spread"
    assert (stated.exceeds(30), stated.quantile_per_s(0.9), stated.tail(rates), stated.density(rates)) == (
        None,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("peak_per_s", [0.0, -3.0, math.nan])
def test_a_stated_peak_is_positive(peak_per_s: float) -> None:
    """A stated peak that is no rate is refused."""
    with pytest.raises(RehearsalError, match="The stated peak must be a number above 0"):
        stated_peak(peak_per_s)
