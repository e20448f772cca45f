"""The forecast peak that past promotions' multipliers come to, where a plan leaves it out. Pure."""

import math
from collections.abc import Sequence
from typing import Any

#: Fewer promotions have no spread to speak of.
FEWEST = 3


def with_peak(raw: Any) -> Any:
    """Return a plan's raw tables with `forecast.peak_per_s`, if that was left out and can be told.

    The median of a lognormal peak: normal volume x the multipliers' geometric mean x the known drivers. What
    is not of the right shape is returned as it came: the model says what is wrong with it.
    """
    forecast = raw.get("forecast") if isinstance(raw, dict) else None
    if not isinstance(forecast, dict) or "peak_per_s" in forecast:
        return raw
    traffic, drivers = raw.get("traffic"), forecast.get("drivers", {})
    normal = _numbers([traffic.get("normal_per_s")] if isinstance(traffic, dict) else None)
    past = _numbers(forecast.get("multipliers"))
    drivers = _numbers(list(drivers.values()) if isinstance(drivers, dict) else None)
    if not normal or past is None or len(past) < FEWEST or drivers is None:
        return raw
    return {**raw, "forecast": {**forecast, "peak_per_s": median_peak(normal[0], past, math.prod(drivers))}}


def median_peak(normal_per_s: float, multipliers: Sequence[float], driven: float) -> float:
    """Return normal volume x the geometric mean of at least one multiplier x the drivers' product."""
    return normal_per_s * math.exp(math.fsum(map(math.log, multipliers)) / len(multipliers)) * driven


def _numbers(values: Any) -> list[float] | None:
    if not isinstance(values, list | tuple):
        return None
    good = [float(each) for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    return good if len(good) == len(values) and all(0 < each < math.inf for each in good) else None
