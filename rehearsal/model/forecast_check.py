"""What a plan's forecast contradicts: past promotions that tell no spread, drivers of nothing. Pure."""

import math
from collections.abc import Iterator

from rehearsal.model.past_peaks import FEWEST, median_peak
from rehearsal.model.plan import Forecast, Plan
from rehearsal.model.toml_places import Path

#: A stated peak may differ from what the past comes to by this part of it before that is said.
_NEAR = 0.10
#: Multipliers nearer to each other than this, as a ratio, differ by rounding of the arithmetic alone.
_SAME = 1e-9


def forecasts(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of the table, each with its place."""
    if plan.forecast is None:
        return
    past = plan.forecast.multipliers
    if 0 < len(past) < FEWEST:
        words = (
            f"of {len(past)} past promotion{'s' if len(past) > 1 else ''} tell no spread; give {FEWEST} or "
            "more, or none and peak_per_s"
        )
        yield ("forecast", "multipliers"), words
    elif past and max(past) <= min(past) * (1 + _SAME):
        words = (
            f"are all {past[0]:g}, which tells no spread; give them as measured (peak ÷ normal volume), or "
            "none and peak_per_s"
        )
        yield ("forecast", "multipliers"), words
    if plan.forecast.drivers and not past:
        words = "have no use without multipliers: a stated peak_per_s is the peak with all that is known"
        yield ("forecast", "drivers"), words


def peak_differs(plan: Plan) -> str:
    """Return in a sentence that a stated peak is not what the past comes to, "" if it is about that."""
    forecast = plan.forecast
    if forecast is None or len(forecast.multipliers) < FEWEST or plan.traffic.normal_per_s is None:
        return ""
    told = _told(forecast, plan.traffic.normal_per_s)
    if abs(forecast.peak_per_s / told - 1) <= _NEAR:
        return ""
    return (
        f"forecast.peak_per_s is {forecast.peak_per_s:.4g}, and {len(forecast.multipliers)} past promotions "
        f"come to {told:.4g} (normal volume x their geometric mean x drivers); the stated one counts."
    )


def _told(forecast: Forecast, normal_per_s: float) -> float:
    return median_peak(normal_per_s, forecast.multipliers, math.prod(forecast.drivers.values()))
