"""Capacity over the forecast peak: three figures that are often confused, and the gate on them.

    factor = C / P        what the rule asks 1.3 of
    spare  = (C - P) / C  the part of the capacity that the peak leaves unused: 23.1 % at a factor of 1.3
    slack  = C / P - 1    by how much the peak may still grow: 30 % at a factor of 1.3

The gate sees bounds, never the point. PASS: the whole interval clears what is asked. FAIL: the whole interval
misses it. INCONCLUSIVE: the interval holds what is asked, and more measuring would decide.
"""

import math
from dataclasses import dataclass

from rehearsal.model.verdict import Status

#: The rule of the house: capacity over forecast peak.
REQUIRED = 1.3
#: A rate that misses what is asked by less than this share of it is taken for the same number.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Margin:
    """A capacity (0 or more) and a peak (above 0), in the same unit."""

    capacity_per_s: float
    peak_per_s: float

    def __post_init__(self) -> None:
        if not (0 <= self.capacity_per_s < math.inf and 0 < self.peak_per_s < math.inf):
            raise ValueError(
                f"a margin needs a capacity and a peak, not {self.capacity_per_s:g} and {self.peak_per_s:g}"
            )

    @property
    def factor(self) -> float:
        """Capacity over peak."""
        return self.capacity_per_s / self.peak_per_s

    @property
    def spare(self) -> float:
        """The unused part of the capacity; negative where the peak is higher, -inf where there is none."""
        return 1 - 1 / self.factor if self.factor else -math.inf

    @property
    def slack(self) -> float:
        """By what part of itself the peak may grow; negative where it is too high already."""
        return self.factor - 1

    def words(self) -> str:
        """Return the three figures with what each of them is."""
        if not self.factor:
            return "no capacity was shown"
        if self.factor < 1:
            return f"{self.factor:.2f} times the peak: {-self.slack:.1%} of the peak cannot be served"
        return (
            f"{self.factor:.2f} times the peak: {self.spare:.1%} of the capacity is spare,"
            f" and the peak may grow by {self.slack:.1%}"
        )


@dataclass(frozen=True, slots=True)
class Gate:
    """What the gate says of a capacity's bounds; `high` is None where no rate was seen to fail."""

    status: Status
    low: Margin
    high: Margin | None
    required: float
    words: str


def judge_margin(
    low_per_s: float,
    high_per_s: float | None,
    *,
    peak_per_s: float,
    required: float = REQUIRED,
    upper_peak_per_s: float | None = None,
) -> Gate:
    """Judge the bounds of a capacity against `required` times the forecast peak.

    With `upper_peak_per_s`, the forecast's own 95 % bound, the capacity must carry that too, once.
    ValueError where the lower bound is above the upper one.
    """
    low = Margin(low_per_s, peak_per_s)
    high = None if high_per_s is None else Margin(high_per_s, peak_per_s)
    if high is not None and high.factor < low.factor:
        raise ValueError(f"the lower bound {low_per_s:g} is above the upper bound {high_per_s:g}")
    once = 0.0 if upper_peak_per_s is None else Margin(upper_peak_per_s, peak_per_s).factor
    asked = max(required, once)
    status = _status(low, high, asked)
    return Gate(status, low, high, required, _words(status, low, high, asked=asked, required=required))


def _status(low: Margin, high: Margin | None, asked: float) -> Status:
    if low.factor >= asked * (1 - SAME):
        return Status.PASS
    if high is not None and high.factor < asked * (1 - SAME):
        return Status.FAIL
    return Status.INCONCLUSIVE


def _words(status: Status, low: Margin, high: Margin | None, *, asked: float, required: float) -> str:
    what = f"{required:g} times the forecast peak of {low.peak_per_s:.4g}/s"
    if asked > required:
        what = f"the forecast's upper bound, {asked:.2f} times its peak of {low.peak_per_s:.4g}/s"
    if status is Status.PASS:
        return f"even the lower bound of the capacity, {low.capacity_per_s:.4g}/s, is {low.words()}"
    if status is Status.FAIL and high is not None:
        bound = f"even the upper bound of the capacity, {high.capacity_per_s:.4g}/s"
        return f"{bound}, is less than {what}; it is {high.words()}"
    above = "and no rate was seen to fail" if high is None else f"the upper one {high.factor:.2f} times it"
    return (
        f"{what}, was neither shown nor refuted: the lower bound of the capacity is {low.factor:.2f} times"
        f" the peak, {above}; measure longer"
    )
