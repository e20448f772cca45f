"""The line through used units: exact where readings are, robust where one is not, and covered by its band."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.demand import Line, fit_line
from rehearsal.model.errors import RehearsalError

RATES = (40.0, 80.0, 120.0, 160.0, 200.0)


def readings(demand: float, idle: float, *, strange: float = 0.0) -> list[float]:
    """Return exact readings of a line, the third of them off by `strange`."""
    return [idle + demand * rate + (strange if rate == 120.0 else 0.0) for rate in RATES]


def noisy(draw: np.random.Generator, *, n: int = 5, noise: float = 0.3, idle: float = 4.0) -> Line:
    """Return the line through n readings of 0.1 a request and some noise."""
    rates = np.linspace(20, 100, n)
    used = idle + 0.1 * rates + draw.normal(0, noise, n)
    return fit_line(rates.tolist(), used.tolist(), has_idle=idle > 0)


@given(st.floats(0.001, 10), st.floats(0, 50))
def test_exact_readings_give_their_line(demand: float, idle: float) -> None:
    """Without noise demand, idle use and the rate at a limit come back, with no width."""
    line = fit_line(RATES, readings(demand, idle))
    limit = idle + 300 * demand

    assert (demand, idle) == pytest.approx((line.demand, line.idle), abs=1e-9 * (1 + idle))
    assert (
        pytest.approx([line.rate_at(limit).low, line.rate_at(limit).point, line.rate_at(limit).high])
        == [300] * 3
    )
    assert not line.bends
    assert line.grows


def test_one_strange_reading_widens_the_band_and_leaves_the_line() -> None:
    """Four exact readings keep the line where least squares would be turned; the doubt is told."""
    rates = [40.0, 80.0, 120.0, 160.0, 400.0]
    used = [0.1 * rate for rate in rates[:-1]] + [90.0]
    line = fit_line(rates, used)

    assert line.demand == pytest.approx(0.1, rel=0.2)
    assert np.polyfit(rates, used, 1)[0] > 0.2
    assert line.used_at(300).high > 60


def test_a_strange_reading_in_the_middle_moves_nothing() -> None:
    """The line through five readings does not see the third one off by half."""
    line = fit_line(RATES, readings(0.1, 2.0, strange=6.0))

    assert pytest.approx((line.demand, line.idle)) == (0.1, 2.0)


def test_through_the_origin() -> None:
    """What rests when nobody comes has no idle use, and its demand is used over rate."""
    line = fit_line(RATES, readings(0.1, 0.0, strange=3.0), has_idle=False)

    assert line.idle == 0
    assert line.demand == pytest.approx(0.1)
    assert line.dof == 4


@pytest.mark.parametrize("n", [3, 5, 12])
@pytest.mark.parametrize("idle", [0.0, 4.0])
def test_the_bounds_hold_as_often_as_they_say(n: int, idle: float) -> None:
    """One more reading, the demand and the rate at a limit lie within each 95 % bound: the slow oracle."""
    draw, runs, held = np.random.default_rng(n), 500, np.zeros(6)
    for _ in range(runs):
        line, reading = noisy(draw, n=n, idle=idle), idle + 13 + draw.normal(0, 0.3)
        used, slope, rate = line.used_at(130), line.slope, line.rate_at(reading) if line.grows else None
        held += (
            used.low <= reading,
            reading <= used.high,
            slope.low <= 0.1,
            slope.high >= 0.1,
            rate is None or rate.low <= 130,
            rate is None or rate.high >= 130,
        )

    assert (held / runs >= 0.92).all()
    assert (held / runs <= 0.98).all()


def test_a_normal_quantile_would_not_hold() -> None:
    """With 1.645 in place of t, three readings bound the next one in under 90 % of cases, not in 95."""
    draw, held = np.random.default_rng(3), 0
    for _ in range(500):
        line, reading = noisy(draw, n=3), 17 + draw.normal(0, 0.3)
        used = line.used_at(130)
        held += reading <= used.point + (used.high - used.point) * 1.645 / 6.314

    assert held / 500 < 0.9


@given(st.integers(0, 2**32), st.floats(5, 60))
def test_the_rate_at_a_limit_is_where_the_band_meets_it(seed: int, limit: float) -> None:
    """At the lower bound of the rate the upper bound of the use is the limit, and the other way round."""
    line = noisy(np.random.default_rng(seed))
    rate = line.rate_at(limit)

    assert 0 <= rate.low <= rate.point <= rate.high
    assert rate.low == 0 or limit == pytest.approx(line.used_at(rate.low).high, rel=1e-6)
    assert rate.high == 0 or limit == pytest.approx(line.used_at(rate.high).low, rel=1e-6)


def test_noise_is_not_called_growth() -> None:
    """Of resources that do not depend on the load one in twenty is said to grow."""
    draw = np.random.default_rng(9)

    grown = [fit_line(RATES, draw.normal(10, 1, 5).tolist()).grows for _ in range(600)]

    assert 0.02 < np.mean(grown) < 0.08


def test_where_nothing_grows_no_rate_is_told() -> None:
    """A limit that is never met has no rate, and asking for it is a mistake."""
    line = fit_line(RATES, [5.0, 5.2, 4.9, 5.1, 5.0])

    assert not line.grows
    with pytest.raises(ValueError, match="does not grow with the rate"):
        line.rate_at(10)


@pytest.mark.parametrize(
    ("used", "bends", "rises"),
    [
        pytest.param([4.0, 8.1, 11.9, 16.0, 20.0], False, True, id="a line"),
        pytest.param([4.0, 8.5, 14.0, 20.5, 28.0], True, True, id="faster than the load"),
        pytest.param([4.0, 10.0, 14.0, 17.0, 19.0], False, True, id="slower than the load"),
        pytest.param([5.0, 5.0, 5.0, 5.0, 5.0], False, False, id="flat"),
        pytest.param([5.0, 4.0, 6.0, 5.0, 7.0], False, False, id="uneven"),
    ],
)
def test_what_is_no_line_is_told(used: list[float], bends: bool, rises: bool) -> None:
    """What grows faster than the load is told, for a line through it promises too much."""
    line = fit_line(RATES, used)

    assert (bends, rises) == (line.bends, line.rises)


@pytest.mark.parametrize(
    ("rates", "used", "words"),
    [
        pytest.param([1.0, 2.0], [1.0, 2.0], "3 different rates, not 2", id="two"),
        pytest.param([1.0, 2.0, 2.0, 1.0], [1.0] * 4, "3 different rates, not 2", id="two, twice"),
        pytest.param([], [], "3 different rates, not 0", id="none"),
        pytest.param([1.0, 2.0, 3.0], [1.0, 2.0], "3 rates and 2 readings", id="one missing"),
        pytest.param([1.0, 2.0, 3.0], [1.0, 2.0, math.nan], "no number of 0 or more", id="no number"),
        pytest.param([1.0, 2.0, 3.0], [1.0, 2.0, -1.0], "no number of 0 or more", id="below 0"),
        pytest.param(
            [1.0, 2.0, math.inf], [1.0, 2.0, 3.0], "no number of 0 or more", id="a rate without end"
        ),
    ],
)
@pytest.mark.parametrize("has_idle", [True, False])
def test_refused(rates: list[float], used: list[float], words: str, has_idle: bool) -> None:
    """What no line can be fitted to is refused in one sentence."""
    with pytest.raises(RehearsalError, match=words):
        fit_line(rates, used, has_idle=has_idle)
