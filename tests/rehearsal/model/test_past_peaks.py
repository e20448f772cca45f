"""The forecast peak that past promotions come to."""

import math
from typing import Any

import pytest

from rehearsal.model.past_peaks import with_peak

PAST = [5.2, 6.1, 7.4, 5.8, 8.3]


def raw(**forecast: Any) -> dict[str, Any]:
    """Return a plan's tables with 100 visits a second as normal volume."""
    return {"traffic": {"normal_per_s": 100.0}, "forecast": forecast}


def test_the_median_of_the_past_is_the_forecast() -> None:
    """Normal volume times the geometric mean of the multipliers: 6.466 times 100."""
    peak = with_peak(raw(multipliers=PAST))["forecast"]["peak_per_s"]

    assert math.isclose(peak, 646.6, abs_tol=0.05)


def test_known_drivers_come_on_top() -> None:
    """Twice the advertising at a price a tenth deeper is 2.2 times the past."""
    plain = with_peak(raw(multipliers=PAST))["forecast"]["peak_per_s"]
    driven = with_peak(raw(multipliers=PAST, drivers={"ads": 2.0, "price": 1.1}))["forecast"]["peak_per_s"]

    assert math.isclose(driven, 2.2 * plain)


@pytest.mark.parametrize(
    "tables",
    [
        pytest.param(raw(peak_per_s=40.0, multipliers=PAST), id="a stated peak stands"),
        pytest.param(raw(multipliers=PAST[:2]), id="two promotions have no spread"),
        pytest.param(raw(multipliers=[5.2, 0.0, 7.4]), id="a promotion without a peak"),
        pytest.param(raw(multipliers=[5.2, True, 7.4]), id="no number"),
        pytest.param(raw(multipliers="5"), id="no list"),
        pytest.param(raw(multipliers=PAST, drivers=[1.0]), id="drivers that are no table"),
        pytest.param({"forecast": {"multipliers": PAST}}, id="no normal volume"),
        pytest.param({"traffic": 3, "forecast": {"multipliers": PAST}}, id="traffic that is no table"),
        pytest.param({"forecast": 3}, id="a forecast that is no table"),
        pytest.param({}, id="nothing"),
    ],
)
def test_what_cannot_be_told_is_left_to_the_model(tables: dict[str, Any]) -> None:
    """Nothing is made up: the plan's own checks say what is missing."""
    assert with_peak(tables) == tables
