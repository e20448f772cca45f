"""What a search for capacity came to, in the few figures that a program asks for. Pure."""

import msgspec

from capacity.margin import Margin
from rehearsal.model.capacity import CapacityRecord, Found
from rehearsal.model.plan import Forecast
from rehearsal.model.verdict import Verdict
from reports.capacity import Overlap

#: A forecast from a few promotions knows no chance better.
_DIGITS = 4


class Carried(msgspec.Struct, frozen=True, kw_only=True):
    """A capacity in visits a second: bounds one-sided at 95 %, null where nothing is known.

    The last three compare the lower bound with the forecast peak: null without a forecast or a bound.
    """

    slo_set: str
    scene: str
    low_per_s: float | None
    value_per_s: float | None
    high_per_s: float | None
    broke: str
    why: str
    shoppers: float | None
    factor: float | None = None
    spare: float | None = None
    slack: float | None = None


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What is carried with something gone; `proven`: it was. `carried` is null if nothing was measured."""

    scene: str
    fault: str
    required: float
    proven: bool
    carried: Carried | None
    why: str


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """What is carried at one value of one dimension."""

    dimension: str
    value: float
    carried: Carried


class Essentials(msgspec.Struct, frozen=True, kw_only=True):
    """`rehearse capacity --json`. `required` is the factor over the forecast peak that is asked for.

    `overload_chance` is that of a real peak above the capacity, `headroom_chance` that of a capacity of
    `required` times the real peak or more; if `chances_are_bounds`, at most the one and at least the other.
    Null unless the forecast has a spread and the capacity a lower bound.
    """

    run: str
    verdict: Verdict
    forecast_per_s: float | None
    required: float | None
    found: tuple[Carried, ...]
    surviving: tuple[Left, ...]
    dimensions: tuple[Cell, ...]
    trials: int
    requests: int
    stopped: str
    overload_chance: float | None = None
    headroom_chance: float | None = None
    chances_are_bounds: bool = False


def essentials(
    run: str,
    verdict: Verdict,
    record: CapacityRecord,
    forecast: Forecast | None,
    *,
    overlap: Overlap | None = None,
) -> Essentials:
    """Arrange a run's record; `run` names its folder, and `overlap` joins its capacity with the forecast."""
    peak_per_s = forecast.peak_per_s if forecast else None
    return Essentials(
        run=run,
        verdict=verdict,
        forecast_per_s=peak_per_s,
        required=forecast.headroom if forecast else None,
        found=tuple(_carried(found, peak_per_s) for found in record.found),
        surviving=tuple(
            Left(
                scene=row.scene,
                fault=row.fault,
                required=row.required,
                proven=row.proven,
                carried=_carried(row.found, peak_per_s) if row.found else None,
                why=row.why,
            )
            for row in record.surviving
        ),
        dimensions=tuple(
            Cell(dimension=cell.dimension, value=cell.value, carried=_carried(cell.found, peak_per_s))
            for cell in record.dimensions
        ),
        trials=len(record.trials),
        requests=sum(trial.requests for trial in record.trials),
        stopped=record.stopped,
        overload_chance=round(overlap.chance, _DIGITS) if overlap else None,
        headroom_chance=round(overlap.holds, _DIGITS) if overlap else None,
        chances_are_bounds=overlap is not None and overlap.is_bound,
    )


def _carried(found: Found, peak_per_s: float | None) -> Carried:
    band = found.capacity
    carried = Carried(
        slo_set=found.slo_set,
        scene=found.scene,
        low_per_s=band.low,
        value_per_s=band.value,
        high_per_s=band.high,
        broke=found.broke,
        why=found.why,
        shoppers=found.shoppers,
    )
    if band.low is None or peak_per_s is None:
        return carried
    margin = Margin(band.low, peak_per_s)
    # Of no capacity nothing is spare; JSON has no infinity.
    spare = margin.spare if margin.factor else None
    return msgspec.structs.replace(carried, factor=margin.factor, spare=spare, slack=margin.slack)
