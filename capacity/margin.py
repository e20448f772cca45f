"""Capacity over the forecast peak: three figures that are often confused.

factor = C / P        what the rule asks 1.3 of
spare  = (C - P) / C  the part of the capacity that the peak leaves unused: 23.1 % at a factor of 1.3
slack  = C / P - 1    by how much the peak may still grow: 30 % at a factor of 1.3
"""

import math
from dataclasses import dataclass

from rehearsal.model.percent import percent

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
            return f"{self.factor:.2f} times the peak: {percent(-self.slack)} of the peak cannot be served"
        return (
            f"{self.factor:.2f} times the peak: {percent(self.spare)} of the capacity is spare,"
            f" and the peak may grow by {percent(self.slack)}"
        )
