"""What a measured capacity leaves open, as a distribution: from its lower bound, point and upper bound.

The shape is a two-piece lognormal. On the logarithm, because trials err by a share of the rate and the search
goes by ratios. In two pieces, because the bounds are measured apart (the lower one by a long confirmation,
the upper one by the first failure), and a loose upper bound must make the lower side neither better nor
worse. With z = 1.645, the normal 95 % point,

    ln C = ln point + Z ln(point / low) / z  for Z < 0,   ln point + Z ln(high / point) / z  for Z >= 0

so a share of 5 % lies below `low`, half below `point`, 5 % above `high`: just what the three figures claim.

Without an upper bound the upper half lies at `point` itself: nothing better than the point is assumed, and
every chance of an overload is an upper bound of it.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr  # type: ignore[import-untyped]

from capacity.samples import Floats
from rehearsal.model.capacity import Band
from rehearsal.model.errors import RehearsalError

#: The one-sided 95 % point of the normal distribution.
Z_95 = 1.6448536269514722


@dataclass(frozen=True, slots=True)
class CapacitySpread:
    """A capacity with one-sided 95 % bounds; `high_per_s` is None where no rate was seen to fail."""

    low_per_s: float
    point_per_s: float
    high_per_s: float | None

    def __post_init__(self) -> None:
        high = self.point_per_s if self.high_per_s is None else self.high_per_s
        if not 0 < self.low_per_s <= self.point_per_s <= high < math.inf:
            raise RehearsalError(
                "A capacity needs 0 < lower bound <= point <= upper bound, not"
                f" {self.low_per_s:g}, {self.point_per_s:g}, {high:g}; measure again where it holds none."
            )

    @property
    def is_open(self) -> bool:
        """Whether there is no upper bound."""
        return self.high_per_s is None

    @property
    def log_scales(self) -> tuple[float, float]:
        """Standard deviations of ln C below and above the point; 0 above it if there is no upper bound."""
        high = self.point_per_s if self.high_per_s is None else self.high_per_s
        below, above = math.log(self.point_per_s / self.low_per_s), math.log(high / self.point_per_s)
        return below / Z_95, above / Z_95

    def times(self, factor: float) -> "CapacitySpread":
        """Return the distribution of `factor` times this capacity."""
        high = None if self.high_per_s is None else factor * self.high_per_s
        return CapacitySpread(factor * self.low_per_s, factor * self.point_per_s, high)

    def at(self, z: Floats) -> Floats:
        """Return the rates at standard normal scores z (0 is the point)."""
        below, above = self.log_scales
        return self.point_per_s * np.exp(z * np.where(z < 0, below, above))

    def below(self, rates_per_s: Floats) -> Floats:
        """Return P(C < rate) for each positive rate."""
        return np.asarray(ndtr(self._scores(rates_per_s)), dtype=np.float64)

    def density(self, rates_per_s: Floats) -> Floats:
        """Return the density at each positive rate, per (1/s); 0 on a side that has no width."""
        z = self._scores(rates_per_s)
        below, above = self.log_scales
        scales = np.where(rates_per_s < self.point_per_s, below, above)
        heights = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return np.divide(heights, scales * rates_per_s, out=np.zeros_like(heights), where=scales > 0)

    def _scores(self, rates_per_s: Floats) -> Floats:
        below, above = self.log_scales
        logs = np.log(rates_per_s / self.point_per_s)
        scales = np.where(logs < 0, below, above)
        at_point = 0.0 if below > 0 else -math.inf
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(logs == 0, at_point, logs / scales)


def spread_of(band: Band) -> CapacitySpread | None:
    """Return the spread of a capacity as a search found it; None without a lower bound above 0.

    Without a value the point lies halfway between the bounds, as ratios go, or at the only one. A value
    outside of its bounds (they come from other trials than it does) is moved to the nearer of them.
    """
    low, high = band.low, band.high
    if low is None or low <= 0:
        return None
    halfway = low if high is None else math.sqrt(low * high)
    value = max(low, halfway if band.value is None else band.value)
    return CapacitySpread(low, value if high is None else min(value, high), high)
