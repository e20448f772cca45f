"""How many instances more: for the factor asked, for the loss of some, for a small chance of an overload.

Measured is the capacity C of n instances; g(m) is the capacity of m instances over that of one. Each question
comes down to a multiple of the capacity of now that is needed, and to the fewest instances that give it:

    factor h     C_low g(m) / g(n) >= h P
    loss of k    C_low g(m - k) / g(n) >= h' P
    overload     P(peak > C g(m) / g(n)) <= limit

Without a law g(m) = m: capacity in line with the instances, the most that adding some can give, so the count
is the least that may do. A law measured on the shop (the USL's contention and coherency) asks for more, or
shows that no number is enough. Either is a guess until it has been measured with that many.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain, count

from capacity.forecast import PeakForecast
from capacity.margin import REQUIRED, SAME
from capacity.overload import overload_chance
from capacity.spread import CapacitySpread
from rehearsal.model.percent import percent

#: The capacity of so many instances, over that of one.
Law = Callable[[int], float]

#: The chance of an overload that is put up with.
OVERLOAD = 0.01
LIMITS = (0.001, 0.5)
#: More instances than this are not tried.
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Fleet:
    """`instances` of which the capacity was measured, and how capacity grows with more (None: in line)."""

    instances: int
    capacity: CapacitySpread
    law: Law | None = None

    def relative(self, instances: int) -> float:
        """Return the capacity of so many instances over that of the fleet."""
        return instances / self.instances if self.law is None else self.law(instances) / self._now()

    def _now(self) -> float:
        now = math.nan if self.law is None else self.law(self.instances)
        if not (math.isfinite(now) and now > 0):
            raise ValueError(f"the scaling law gives {now:g} for the {self.instances} instances there are")
        return now


@dataclass(frozen=True, slots=True)
class Need:
    """The answer to one question.

    relative     the multiple of the capacity of now that is needed; None if the question has no answer
    instances    the fewest, from those there are upward, that give it; None if no number does
    more         how many of them are missing; negative where a law has fallen, and fewer carry more
    """

    question: str
    relative: float | None
    instances: int | None
    more: int | None
    words: str


def provision(
    fleet: Fleet,
    forecast: PeakForecast,
    *,
    required: float = REQUIRED,
    lost: int = 1,
    surviving: float = 1.0,
    limit: float = OVERLOAD,
) -> tuple[Need, Need, Need]:
    """Return what is needed for the factor `required`, for the loss of `lost` instances, for the `limit`.

    `surviving` is the factor asked of those that are left. Of a forecast without a spread the third has no
    answer. ValueError for a fleet of none.
    """
    if fleet.instances < 1 or lost < 0:
        raise ValueError(f"there are {fleet.instances} instances and {lost} of them are lost: count again")
    peak, low = forecast.median_per_s, fleet.capacity.low_per_s
    scale = overload_scale(forecast, fleet.capacity, limit)
    left = f"{_times(surviving)} with {lost} instance{'' if lost == 1 else 's'} lost"
    return (
        _need(fleet, _times(required), required * peak / low),
        _need(fleet, left, surviving * peak / low, lost=lost),
        _need(fleet, f"a chance of an overload of at most {percent(limit)}", scale),
    )


def overload_scale(forecast: PeakForecast, capacity: CapacitySpread, limit: float) -> float | None:
    """Return the least multiple of a capacity whose chance of an overload is at most `limit`.

    Found by bisection to 1e-10, from above, for the chance falls with the capacity; None without a spread.
    ValueError for a limit outside of `LIMITS`: few promotions say nothing of rarer peaks.
    """
    if not LIMITS[0] <= limit <= LIMITS[1]:
        raise ValueError(f"a chance of an overload is put up with between {LIMITS[0]} and {LIMITS[1]}")

    def is_enough(multiple: float) -> bool:
        chance = overload_chance(forecast, capacity.times(multiple))
        return chance is not None and chance <= limit

    if forecast.log_scale is None:
        return None
    high = next(2.0**power for power in count() if is_enough(2.0**power))
    low = next(high / 2.0**power for power in count(1) if not is_enough(high / 2.0**power))
    while high / low > 1 + 1e-10:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high


def _times(factor: float) -> str:
    return "the forecast peak" if factor == 1 else f"{factor:g} times the forecast peak"


def _need(fleet: Fleet, question: str, relative: float | None, *, lost: int = 0) -> Need:
    if relative is None:
        why = "the forecast is stated, without a spread, so no number of instances can be told"
        return Need(question, None, None, None, f"for {question}: {why}")
    instances = _fewest(fleet, relative, lost)
    more = None if instances is None else instances - fleet.instances
    return Need(question, relative, instances, more, f"for {question}: {_words(fleet, relative, instances)}")


def _fewest(fleet: Fleet, relative: float, lost: int) -> int | None:
    start = max(fleet.instances, lost + 1)
    tried = chain(range(start, MOST + 1), range(start - 1, lost, -1))
    return next((m for m in tried if fleet.relative(m - lost) >= relative * (1 - SAME)), None)


def _words(fleet: Fleet, relative: float, instances: int | None) -> str:
    now = f"the {fleet.instances} present instances"
    if instances == fleet.instances:
        return f"{now} are enough"
    if instances is None:
        best = max(range(1, MOST + 1), key=fleet.relative)
        return (
            f"no number of instances up to {MOST} suffices: {relative:.2f} times the capacity of {now} is"
            f" needed, and {best} give the most, {fleet.relative(best):.2f} times"
        )
    more, total = instances - fleet.instances, f"{instances} in all"
    if more < 0:
        return f"{-more} fewer, {total}: by the scaling law that was measured there are too many already"
    if fleet.law is None:
        return f"at least {more} more, {total}, if capacity grows in line with the instances; it rarely does"
    return f"{more} more, {total}, by the scaling law that was measured; to be measured again with that many"
