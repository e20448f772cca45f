"""The few figures of a search that programs read."""

import msgspec
import pytest

from rehearsal.cli.capacity_essentials import Carried, essentials
from rehearsal.model.capacity import Band, CapacityRecord, Found, Survived, Swept
from rehearsal.model.plan import Forecast
from rehearsal.model.verdict import Verdict
from reports.capacity import Overlap

FORECAST = Forecast(peak_per_s=50.0)


def found(low: float | None, scene: str = "") -> Found:
    """Return a capacity with a lower bound and an upper one of 80."""
    return Found(slo_set="strict", scene=scene, capacity=Band(low=low, value=72.0, high=80.0), broke="pay")


def carried(record: CapacityRecord, forecast: Forecast | None = FORECAST) -> Carried:
    """Return the first thing found."""
    return essentials("runs/x", Verdict.GO, record, forecast).found[0]


@pytest.mark.parametrize(
    ("low", "forecast", "figures"),
    [
        pytest.param(65.0, FORECAST, (1.3, 1 - 1 / 1.3, 0.3), id="just what is asked"),
        pytest.param(25.0, FORECAST, (0.5, -1.0, -0.5), id="half the peak"),
        pytest.param(0.0, FORECAST, (0.0, None, -1.0), id="nothing carried: JSON knows no infinity"),
        pytest.param(None, FORECAST, (None, None, None), id="no lower bound"),
        pytest.param(65.0, None, (None, None, None), id="no forecast"),
    ],
)
def test_three_figures(
    low: float | None, forecast: Forecast | None, figures: tuple[float | None, ...]
) -> None:
    """Factor, spare and slack of the lower bound."""
    told = carried(CapacityRecord(found=(found(low),)), forecast)

    assert (told.factor, told.spare, told.slack) == pytest.approx(figures)
    assert (told.low_per_s, told.high_per_s, told.broke) == (low, 80.0, "pay")


def test_all_that_a_run_found() -> None:
    """Scenes and dimensions stand beside it, a scene that was not measured without a capacity."""
    record = CapacityRecord(
        found=(found(65.0),),
        surviving=(
            Survived(
                scene="region", fault="region_killed", found=found(32.0, "region"), required=1.0, proven=True
            ),
            Survived(scene="pool", fault="bots", found=None, required=1.3, proven=False, why="not felt"),
        ),
        dimensions=(Swept(dimension="rules", value=5.0, found=found(40.0, "rules 5")),),
        stopped="after 45000 requests",
    )
    told = msgspec.json.decode(msgspec.json.encode(essentials("runs/x", Verdict.NO_GO, record, FORECAST)))

    assert (told["run"], told["verdict"], told["stopped"]) == ("runs/x", "NO_GO", "after 45000 requests")
    assert (told["forecast_per_s"], told["required"]) == (50.0, 1.3)
    assert [row["carried"] and row["carried"]["factor"] for row in told["surviving"]] == [0.64, None]
    assert [(cell["value"], cell["carried"]["low_per_s"]) for cell in told["dimensions"]] == [(5.0, 40.0)]


def test_without_a_forecast_nothing_is_asked_for() -> None:
    """Capacity stands all the same."""
    told = essentials("runs/x", Verdict.INCONCLUSIVE, CapacityRecord(), None)

    assert (told.forecast_per_s, told.required, told.found) == (None, None, ())
    assert (told.trials, told.requests) == (0, 0)
    assert (told.overload_chance, told.headroom_chance, told.chances_are_bounds) == (None, None, False)


@pytest.mark.parametrize("is_bound", [False, True])
def test_both_chances_are_told(is_bound: bool) -> None:
    """That of an overload and that of the headroom, to four digits, and whether they are bounds."""
    overlap = Overlap(
        rates_per_s=(),
        forecast=(),
        capacity=(),
        overload=(),
        chance=0.103412,
        holds=0.61271,
        is_bound=is_bound,
    )
    told = essentials("runs/x", Verdict.GO, CapacityRecord(), FORECAST, overlap=overlap)

    assert (told.overload_chance, told.headroom_chance) == (0.1034, 0.6127)
    assert told.chances_are_bounds is is_bound
