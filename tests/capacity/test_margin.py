"""Factor, spare and slack are three figures; the gate sees bounds and has three answers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.margin import Margin, judge_margin
from rehearsal.model.verdict import Status


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
            "1.30 times the peak: 23.1% of the capacity is spare, and the peak may grow by 30.0%",
            id="1.3",
        ),
        pytest.param(800, "0.80 times the peak: 20.0% of the peak cannot be served", id="too little"),
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


@pytest.mark.parametrize(
    ("low", "high", "upper_peak", "status", "words"),
    [
        pytest.param(1300, 1400, None, Status.PASS, "even the lower bound", id="just cleared"),
        pytest.param(
            1.3 * 1000, None, None, Status.PASS, "23.1% of the capacity is spare", id="no upper bound"
        ),
        pytest.param(
            1299, 1400, None, Status.INCONCLUSIVE, "the lower bound of the capacity is 1.30", id="close"
        ),
        pytest.param(1200, 1301, None, Status.INCONCLUSIVE, "the upper one 1.30 times", id="astride"),
        pytest.param(900, None, None, Status.INCONCLUSIVE, "no rate was seen to fail", id="never failed"),
        pytest.param(0, 1400, None, Status.INCONCLUSIVE, "measure longer", id="nothing shown yet"),
        pytest.param(1200, 1299, None, Status.FAIL, "less than 1.3 times", id="just missed"),
        pytest.param(0, 900, None, Status.FAIL, "10.0% of the peak cannot be served", id="missed by far"),
        pytest.param(1400, 1500, 1380, Status.PASS, "even the lower bound", id="the forecast's bound, too"),
        pytest.param(
            1350,
            1500,
            1400,
            Status.INCONCLUSIVE,
            "the forecast's upper bound, 1.40",
            id="that bound not shown",
        ),
        pytest.param(1310, 1380, 1400, Status.FAIL, "less than the forecast's upper", id="that bound missed"),
        pytest.param(1310, 1380, 1100, Status.PASS, "even the lower bound", id="a bound below 1.3"),
    ],
)
def test_the_gate(
    low: float, high: float | None, upper_peak: float | None, status: Status, words: str
) -> None:
    """PASS if the whole interval clears 1.3 times the peak, FAIL if it misses it, else INCONCLUSIVE."""
    gate = judge_margin(low, high, peak_per_s=1000, upper_peak_per_s=upper_peak)

    assert status is gate.status
    assert words in gate.words


@given(st.floats(1, 3000), st.floats(1, 2), st.floats(1, 2), st.floats(1, 2))
def test_a_narrower_interval_never_turns_a_verdict_round(
    point: float, below: float, above: float, narrower: float
) -> None:
    """What a wide interval decides, a narrower one within it decides the same way."""
    wide = judge_margin(point / below, point * above, peak_per_s=1000)
    narrow = judge_margin(point / below ** (1 / narrower), point * above ** (1 / narrower), peak_per_s=1000)

    assert wide.status in (Status.INCONCLUSIVE, narrow.status)


def test_bounds_out_of_order_are_refused() -> None:
    """An upper bound below the lower one is a mistake of the caller."""
    with pytest.raises(ValueError, match="above the upper bound"):
        judge_margin(1400, 1300, peak_per_s=1000)
