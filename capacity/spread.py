"""What a measured capacity leaves open, as a distribution: from its lower bound, point and upper bound.

Stated as the rate at each standard normal score z: on the logarithm, because trials err by a share of the
rate and the search goes by ratios, and each side by its own bound, because the bounds are measured apart
(the lower one by all trials near by, the upper one by the first failures). With Z = 1.645, the normal 95 %
point, s = ln(point / low) / Z below and ln(high / point) / Z above, and m the smaller of the two,

    ln C = ln point + s z - (s - m) z (1 - t)^3 (1 + 3 t),  t = |z| / Z up to the bound, 1 beyond it

so a share of 5 % lies below `low`, half below `point`, 5 % above `high`: just what the three figures claim.
The side of the smaller s is a lognormal. The other is one beyond its bound, and up to it Hermite's quintic
that meets both in value, slope and curvature (Farin, Curves and Surfaces for CAGD (2002), section 7.3): so
the density, exp(-z^2 / 2) / sqrt(2 pi) / (dC / dz), has neither step nor kink. ln C rises throughout, for its
slope s - (s - m) (1 - t)^2 (1 + 5 t) (1 - 3 t) is m at least. An upper bound looser than the lower one leaves
the lower side alone.

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
#: The least part of the way from one bound to the other, as ratios go, that a value is off both.
_INSIDE = 0.2
#: From 1.6 to the last digit of a score.
_HALVINGS = 54


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
        return self.point_per_s * np.exp(_grown(z, self._scales(z), self._slope))

    def slopes(self, z: Floats) -> Floats:
        """Return d ln C / dz at scores z; 0 on a side that has no width."""
        scales = self._scales(z)
        t = np.minimum(np.abs(z) / Z_95, 1)
        bent = np.where(scales > 0, scales - self._slope, 0)
        return np.asarray(scales - bent * (1 - t) ** 2 * (1 + 5 * t) * (1 - 3 * t), dtype=np.float64)

    def scores(self, rates_per_s: Floats) -> Floats:
        """Return z at each positive rate; beyond a side that has no width it is infinite."""
        logs = np.log(rates_per_s / self.point_per_s)
        z = np.sign(logs) * _scores(np.abs(logs), self._scales(logs), self._slope)
        return z if self.log_scales[0] > 0 else np.where(logs == 0, -math.inf, z)

    def below(self, rates_per_s: Floats) -> Floats:
        """Return P(C < rate) for each positive rate."""
        return np.asarray(ndtr(self.scores(rates_per_s)), dtype=np.float64)

    def density(self, rates_per_s: Floats) -> Floats:
        """Return the density at each positive rate, per (1/s); 0 on a side that has no width."""
        z = self.scores(rates_per_s)
        slopes = self.slopes(z)
        heights = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        return np.divide(heights, slopes * rates_per_s, out=np.zeros_like(heights), where=slopes > 0)

    def _scales(self, side: Floats) -> Floats:
        """Return the scale below for what is negative, and above for the rest."""
        return np.where(side < 0, *self.log_scales)

    @property
    def _slope(self) -> float:
        """Return d ln C / dz at the point; 0 if neither side has a width."""
        return min((scale for scale in self.log_scales if scale > 0), default=0.0)


def spread_of(band: Band) -> CapacitySpread | None:
    """Return the spread of a capacity as a search found it; None without a lower bound above 0.

    Without a value the point lies halfway between the bounds, as ratios go, or at the only one. A value
    nearer to a bound than `_INSIDE` of the way (it comes from other trials than they do) is moved there: a
    bound that holds with 95 % has not half of the capacities beyond it.
    """
    low, high = band.low, band.high
    if low is None or low <= 0:
        return None
    if high is None:
        return CapacitySpread(low, max(low, band.value or low), None)
    ratio = high / low
    value = math.sqrt(low * high) if band.value is None else band.value
    return CapacitySpread(low, min(max(value, low * ratio**_INSIDE), high / ratio**_INSIDE), high)


def _grown(z: Floats, scales: Floats, slope: float) -> Floats:
    """Return ln(C / point) at scores z, each on a side of that scale; `slope` is the slope at the point."""
    bent = np.where(scales > 0, scales - slope, 0)
    t = np.minimum(np.abs(z) / Z_95, 1)
    return np.asarray(z * (scales - bent * (1 - t) ** 3 * (1 + 3 * t)), dtype=np.float64)


def _scores(logs: Floats, scales: Floats, slope: float) -> Floats:
    """Return the z >= 0 at which `_grown` is `logs` >= 0, by halving up to the bound."""
    with np.errstate(divide="ignore", invalid="ignore"):
        straight = np.where(logs == 0, 0.0, logs / scales)
    low, high = np.zeros_like(straight), np.full_like(straight, Z_95)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        short = _grown(middle, scales, slope) < logs
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    is_bent = (scales > slope) & (straight < Z_95)
    return np.where(is_bent, low, straight)
