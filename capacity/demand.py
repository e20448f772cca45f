"""How much of a resource a request takes: the utilisation law U = X D / m, fitted to a few trials.

Used units (busy cores, connections held, Mbit/s) against the rate X of requests completed lie on a line: the
demand D for each request a second, over what is used idle. D does not depend on load (Denning and Buzen,
Computing Surveys 10 (1978), 225-261), so the line may be followed to a rate that was not tried.

The line is Theil's and Sen's: the median of the slopes between any two trials, and the median of what that
leaves (Sen, JASA 63 (1968), 1379-1389). One strange reading does not turn it. The band around it is that of
least squares, with the residuals about this line, which are never smaller than about their own: a strange
reading makes the band wider. Bounds are one-sided 95 %, for one more reading at that rate.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from capacity.samples import Floats
from capacity.student import t_quantile
from rehearsal.model.errors import RehearsalError

#: Rates that differ; with two there is a line through any readings, and no telling how good it is.
FEWEST = 3
CONFIDENCE = 0.95
#: A bend counts if it lifts the ends off the line by this part of the rise, and not by chance.
BEND = 0.02
#: A parabola through three readings leaves nothing over; and three are in order by chance once in six times.
_FEWEST_TO_BEND = 4


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with one-sided 95 % bounds."""

    low: float
    point: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """Used units over the rate: idle + demand x rate.

    noise      standard deviation of a reading about the line, on `dof` degrees of freedom
    bends      use grows faster than the rate beyond doubt: further out the line is too low
    rises      every reading is above those at lower rates, of so many that chance would not do it
    share, mean_per_s, spread    a reading at x has the variance noise² (1 + share + (x - mean)² / spread)
    """

    demand: float
    idle: float
    noise: float
    dof: int
    bends: bool
    rises: bool
    share: float
    mean_per_s: float
    spread: float

    @property
    def reach(self) -> float:
        """How far a bound lies from a value, in the value's standard errors, times the noise."""
        return t_quantile(CONFIDENCE, self.dof) * self.noise

    @property
    def slope(self) -> Interval:
        """The demand with its bounds."""
        half = self.reach / math.sqrt(self.spread)
        return Interval(self.demand - half, self.demand, self.demand + half)

    @property
    def grows(self) -> bool:
        """Whether use grows with the rate beyond doubt."""
        return self.slope.low > 0

    def used_at(self, rate_per_s: float) -> Interval:
        """Return what a reading at a rate will be, 0 or more."""
        point = max(0.0, self.idle + self.demand * rate_per_s)
        away = (rate_per_s - self.mean_per_s) ** 2 / self.spread
        half = self.reach * math.sqrt(1 + self.share + away)
        return Interval(max(0.0, point - half), point, point + half)

    def rate_at(self, used: float) -> Interval:
        """Return the rate at which a reading of `used` units is reached; its bounds are 0 or more.

        The bounds are where the band of `used_at` crosses `used` (Fieller, J. R. Statist. Soc. B 16 (1954),
        175-185). ValueError if use does not grow with the rate, for then there may be none.
        """
        if not self.grows:
            raise ValueError("use does not grow with the rate, so no rate is where it reaches a limit")
        rise = used - self.idle - self.demand * self.mean_per_s
        bent = self.demand**2 - self.reach**2 / self.spread
        half = self.reach * math.sqrt((1 + self.share) * bent + rise**2 / self.spread)
        low, high = ((self.demand * rise + side * half) / bent + self.mean_per_s for side in (-1, 1))
        point = (used - self.idle) / self.demand
        return Interval(max(0.0, low), max(0.0, point), max(0.0, high))


def fit_line(rates_per_s: Sequence[float], used: Sequence[float], *, has_idle: bool = True) -> Line:
    """Return the line through readings of used units at rates of completed requests.

    Without `has_idle` the line goes through the origin (what is known to rest when nobody comes): its slope
    is the median, over any one or two trials, of used / rate of those together. RehearsalError for fewer than
    `FEWEST` different rates, if there is not a reading for each, and for what is no number of 0 or more.
    """
    rates, readings = _checked(rates_per_s, used)
    if has_idle:
        demand = _median_slope(rates, readings)
        idle = float(np.median(readings - demand * rates))
        share, mean, known = 1 / rates.size, float(rates.mean()), 2
    else:
        demand, idle = _median_ratio(rates, readings), 0.0
        share, mean, known = 0.0, 0.0, 1
    dof = rates.size - known
    left = readings - idle - demand * rates
    return Line(
        demand=demand,
        idle=idle,
        noise=math.sqrt(float(left @ left) / dof),
        dof=dof,
        bends=_bends(rates, readings),
        rises=_rises(rates, readings),
        share=share,
        mean_per_s=mean,
        spread=float(((rates - mean) ** 2).sum()),
    )


def _checked(rates_per_s: Sequence[float], used: Sequence[float]) -> tuple[Floats, Floats]:
    rates, readings = np.asarray(rates_per_s, dtype=np.float64), np.asarray(used, dtype=np.float64)
    if rates.size != readings.size:
        raise RehearsalError(
            f"There are {rates.size} rates and {readings.size} readings: one for each, please."
        )
    both = np.concatenate([rates, readings])
    if not (np.isfinite(both) & (both >= 0)).all():
        raise RehearsalError("A rate or a reading is no number of 0 or more; leave that trial out.")
    if (different := np.unique(rates).size) < FEWEST:
        raise RehearsalError(
            f"What a request takes needs readings at {FEWEST} different rates, not {different}; add trials."
        )
    return rates, readings


def _median_slope(rates: Floats, readings: Floats) -> float:
    i, j = np.triu_indices(rates.size, k=1)
    apart = rates[j] - rates[i]
    return float(np.median((readings[j] - readings[i])[apart != 0] / apart[apart != 0]))


def _median_ratio(rates: Floats, readings: Floats) -> float:
    i, j = np.triu_indices(rates.size)
    both = rates[i] + rates[j]
    return float(np.median((readings[i] + readings[j])[both > 0] / both[both > 0]))


def _bends(rates: Floats, readings: Floats) -> bool:
    """Tell whether a parabola curves upward: its coefficient is above 0 by t at 95 %, and by `BEND`."""
    if rates.size < _FEWEST_TO_BEND:
        return False
    x = (2 * rates - rates.max() - rates.min()) / (rates.max() - rates.min())
    columns = np.vander(x, 3)
    found = np.linalg.lstsq(columns, readings, rcond=None)[0]
    left = readings - columns @ found
    dof = rates.size - columns.shape[1]
    error = math.sqrt(float(left @ left) / dof * float(np.linalg.inv(columns.T @ columns)[0, 0]))
    lift = float(found[0])
    return lift > t_quantile(CONFIDENCE, dof) * error and lift > BEND * float(np.ptp(readings))


def _rises(rates: Floats, readings: Floats) -> bool:
    in_order = bool((np.diff(readings[np.argsort(rates, kind="stable")]) > 0).all())
    return in_order and rates.size >= _FEWEST_TO_BEND
