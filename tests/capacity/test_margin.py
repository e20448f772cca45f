"""Factor, spare and slack are three figures."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.margin import Margin


@pytest.mark.parametrize(
    ("capacity", "factor", "spare", "slack"),
    [
        pytest.param(1300, 1.3, 0.231, 0.30, id="what the rule asks"),
        pytest.param(1000, 1.0, 0.0, 0.0, id="just enough"),
        pytest.param(2000, 2.0, 0.5, 1.0, id="twice"),
        pytest.param(800, 0.8, -0.25, -0.2, id="too little"),
        pytest.param(0, 0.0, -math.inf, -1.0, id="nothing"),
    ],
)
def test_the_three_figures_differ(capacity: float, factor: float, spare: float, slack: float) -> None:
    """At a factor of 1.3 a share of 23.1 % is spare, and the peak may grow by 30 %."""
    margin = Margin(capacity, 1000)

    assert (factor, spare, slack) == pytest.approx((margin.factor, margin.spare, margin.slack), abs=5e-4)


@pytest.mark.parametrize(
    ("capacity", "words"),
    [
        pytest.param(
            1300,
            "1.30 times the peak: 23.1 % of the capacity is spare, and the peak may grow by 30.0 %",
            id="1.3",
        ),
        pytest.param(800, "0.80 times the peak: 20.0 % of the peak cannot be served", id="too little"),
        pytest.param(0, "no capacity was shown", id="nothing"),
    ],
)
def test_words(capacity: float, words: str) -> None:
    """Each figure is told with what it is a part of."""
    assert words == Margin(capacity, 1000).words()


@given(st.floats(0.1, 1e6), st.floats(0.1, 1e6))
def test_each_figure_gives_the_others(capacity: float, peak: float) -> None:
    """Spare = slack / factor, and factor (1 - spare) = 1."""
    margin = Margin(capacity, peak)

    assert margin.spare * margin.factor == pytest.approx(margin.slack, abs=1e-6 * margin.factor)
    assert margin.factor * (1 - margin.spare) == pytest.approx(1)


@pytest.mark.parametrize(
    ("capacity", "peak"), [(-1.0, 1.0), (1.0, 0.0), (math.nan, 1.0), (1.0, math.nan), (math.inf, 1.0)]
)
def test_no_margin_of_no_numbers(capacity: float, peak: float) -> None:
    """A capacity below 0, a peak of 0 and what is no number are refused."""
    with pytest.raises(ValueError, match="a margin needs a capacity and a peak"):
        Margin(capacity, peak)
