"""What a forecast's past promotions and drivers may be."""

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import check_plan, warnings_of

PAST = "multipliers = [5.2, 6.1, 7.4, 5.8, 8.3]\n"
STATED = "peak_per_s = 10.0\n"


def checked(text: str, forecast: str) -> Plan:
    """Check the small plan, of normal volume 2, with another forecast."""
    assert STATED in text
    return check_plan(text.replace(STATED, forecast), source="p.toml", curves=())


@pytest.mark.parametrize(
    ("forecast", "says"),
    [
        pytest.param(
            f"{STATED}multipliers = [5.0]\n",
            "forecast.multipliers: of 1 past promotion tell no spread; give 3 or more",
            id="one promotion",
        ),
        pytest.param(
            f"{STATED}multipliers = [5.0, 6.0]\n",
            "forecast.multipliers: of 2 past promotions tell no spread",
            id="two promotions",
        ),
        pytest.param(
            "multipliers = [5.0, 6.0]\n",
            "forecast.peak_per_s: is missing; it is told by 3 multipliers or more",
            id="two promotions, and no peak",
        ),
        pytest.param(
            "multipliers = [6.1, 6.1, 6.1]\n",
            "forecast.multipliers: are all 6.1, which tells no spread",
            id="all the same",
        ),
        pytest.param(
            f"{STATED}drivers = {{ ads = 2.0 }}\n",
            "forecast.drivers: have no use without multipliers",
            id="drivers of a stated peak",
        ),
        pytest.param(
            f"{STATED}multipliers = [5.0, 6.0, 0.0]\n", "multipliers[2]: must be greater than 0", id="no peak"
        ),
    ],
)
def test_refusals(plan_text: str, forecast: str, says: str) -> None:
    """Each with its place and what would do instead."""
    with pytest.raises(PlanError) as caught:
        checked(plan_text, forecast)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("forecast", "peak_per_s", "said"),
    [
        pytest.param(PAST, 12.93, "", id="told by the past"),
        pytest.param(f"{PAST}drivers = {{ ads = 2.0 }}\n", 25.86, "", id="and by what is known"),
        pytest.param(f"{PAST}peak_per_s = 14.0\n", 14.0, "", id="stated within a tenth"),
        pytest.param(
            f"{PAST}peak_per_s = 20.0\n",
            20.0,
            "forecast.peak_per_s is 20, and 5 past promotions come to 12.93",
            id="stated far above the past",
        ),
        pytest.param(
            f"{PAST}peak_per_s = 12.9\ndrivers = {{ ads = 2.0 }}\n",
            12.9,
            "come to 25.86",
            id="stated without what is known",
        ),
        pytest.param(STATED, 10.0, "", id="stated, and no past"),
    ],
)
def test_a_stated_peak_is_held_against_the_past(
    plan_text: str, forecast: str, peak_per_s: float, said: str
) -> None:
    """It counts, and both figures are named where they differ by more than a tenth."""
    plan = checked(plan_text, forecast)
    words = [each for each in warnings_of(plan) if "past promotions" in each]

    assert plan.forecast is not None
    assert round(plan.forecast.peak_per_s, 2) == peak_per_s
    assert [said in each for each in words] == ([True] if said else [])
