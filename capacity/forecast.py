"""The peak to expect, from what past promotions multiplied the normal volume by.

Of each past promotion m = peak / normal volume of its time is known. Their logarithms are taken as drawn from
one normal distribution of unknown mean and spread, of which the next promotion is one more draw. With n of
them, mean l and standard deviation s (n - 1 in the divisor) of ln m, and B the normal volume of today:

    P_q = B exp(l + t_{n-1,q} s sqrt(1 + 1/n))

is exceeded by the next peak with probability 1 - q exactly (the prediction interval of a normal sample;
Hahn and Meeker, Statistical Intervals (1991), section 4.7). P_.5 is the forecast. What is known to differ
this time (twice the advertising, a deeper price cut) is a factor on top. No seasons are fitted: five events
hold none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from capacity.samples import Floats
from capacity.student import t_density, t_quantile, t_tail
from rehearsal.model.errors import RehearsalError
from rehearsal.model.past_peaks import FEWEST, median_peak
from rehearsal.model.percent import percent

#: The upper bounds that are shown.
LEVELS = (0.80, 0.90, 0.95)
#: The excesses over the forecast whose chances are shown.
EXCESSES = (1.3, 1.5)

#: Multipliers nearer to each other than this (as ratio) differ by rounding of the arithmetic alone.
_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Driver:
    """What is known to differ from the past promotions, as the factor it puts on the peak."""

    name: str
    factor: float


@dataclass(frozen=True, slots=True)
class PeakForecast:
    """A distribution of the peak on the day: ln(peak / median_per_s) / log_scale is Student's t.

    `n` past promotions stand behind it; `rank_bound_per_s` is what the highest of them would be today. A
    forecast that somebody stated has n = 0 and neither a scale nor a rank bound; every chance of it is None.
    """

    median_per_s: float
    log_scale: float | None = None
    n: int = 0
    rank_bound_per_s: float | None = None
    drivers: tuple[Driver, ...] = ()

    @property
    def dof(self) -> float:
        """Degrees of freedom, n - 1."""
        return self.n - 1

    @property
    def rank_share(self) -> float:
        """The chance n / (n + 1) that the next peak stays below the highest of n: 95 % takes 19 of them."""
        return self.n / (self.n + 1)

    def quantile_per_s(self, q: float) -> float | None:
        """Return the rate that the peak stays below with probability q, 0 < q < 1."""
        if self.log_scale is None:
            return None
        return self.median_per_s * math.exp(t_quantile(q, self.dof) * self.log_scale)

    def exceeds(self, rate_per_s: float) -> float | None:
        """Return the chance that the real peak is above a rate."""
        tail = self.tail(np.array([rate_per_s]))
        return None if tail is None else float(tail[0])

    def tail(self, rates_per_s: Floats) -> Floats | None:
        """Return `exceeds` for each of many rates; 1 for a rate of 0."""
        if self.log_scale is None:
            return None
        return t_tail(self._standard(rates_per_s, self.log_scale), self.dof)

    def density(self, rates_per_s: Floats) -> Floats | None:
        """Return the density at each of many positive rates, per (1/s)."""
        if self.log_scale is None:
            return None
        standard = self._standard(rates_per_s, self.log_scale)
        return t_density(standard, self.dof) / (self.log_scale * rates_per_s)

    def _standard(self, rates_per_s: Floats, log_scale: float) -> Floats:
        with np.errstate(divide="ignore"):
            return np.log(rates_per_s / self.median_per_s) / log_scale

    def words(self) -> str:
        """Return the forecast as a sheet tells it: the bounds, the chances, and how little it rests on."""
        known = "".join(f", times {driver.factor:g} for {driver.name}" for driver in self.drivers)
        if self.log_scale is None:
            return f"forecast peak {self.median_per_s:.4g}/s{known}: stated, without a spread"
        uppers = ", ".join(f"{self.quantile_per_s(q):.4g} ({percent(q, 0)})" for q in LEVELS)
        chances = ", ".join(
            f"{percent(self.exceeds(times * self.median_per_s) or 0.0)} above {times:g} times it"
            for times in EXCESSES
        )
        return (
            f"forecast peak {self.median_per_s:.4g}/s from {self.n} past promotions{known};"
            f" it stays below {uppers}; the chance of a peak is {chances};"
            f" the highest so far would be {self.rank_bound_per_s:.4g}/s today,"
            f" a bound of {percent(self.rank_share)} without a distribution"
        )


def forecast_peak(
    multipliers: Sequence[float], *, normal_per_s: float, drivers: Sequence[Driver] = ()
) -> PeakForecast:
    """Return the forecast from past promotions' multipliers (peak / normal) and today's normal volume.

    RehearsalError for fewer than `FEWEST` multipliers, for one that is no positive number, and for
    multipliers that are all equal: real peaks never are, so these were rounded, planned or copied, and an
    interval of no width would claim to know the peak.
    """
    _check(multipliers)
    logs = np.log(np.asarray(multipliers, dtype=np.float64))
    driven = _product(drivers)
    basis_per_s = _positive("the normal volume", normal_per_s) * driven
    return PeakForecast(
        median_per_s=median_peak(normal_per_s, multipliers, driven),
        log_scale=float(logs.std(ddof=1)) * math.sqrt(1 + 1 / logs.size),
        n=int(logs.size),
        rank_bound_per_s=basis_per_s * max(multipliers),
        drivers=tuple(drivers),
    )


def stated_peak(peak_per_s: float, *, drivers: Sequence[Driver] = ()) -> PeakForecast:
    """Return a forecast that is a number somebody stated; RehearsalError if it is no positive number."""
    stated = PeakForecast(median_per_s=_positive("the stated peak", peak_per_s) * _product(drivers))
    return replace(stated, drivers=tuple(drivers))


def _check(multipliers: Sequence[float]) -> None:
    if len(multipliers) < FEWEST:
        raise RehearsalError(
            f"A forecast needs the multipliers of {FEWEST} past promotions, not {len(multipliers)};"
            " add more, or state the peak yourself."
        )
    for multiplier in multipliers:
        _positive("a past promotion's multiplier", multiplier)
    if max(multipliers) <= min(multipliers) * (1 + _SAME):
        raise RehearsalError(
            f"All {len(multipliers)} multipliers are {multipliers[0]:g}, which leaves no spread to forecast"
            " with; give them as measured (peak ÷ normal volume, unrounded), or state the peak yourself."
        )


def _product(drivers: Sequence[Driver]) -> float:
    return math.prod(_positive(f"the factor of {driver.name}", driver.factor) for driver in drivers)


def _positive(what: str, value: float) -> float:
    if not (math.isfinite(value) and value > 0):
        raise RehearsalError(f"{what[0].upper()}{what[1:]} must be a number above 0, not {value:g}.")
    return value
