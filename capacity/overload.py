"""The chance that the peak is higher than the capacity, when neither is known exactly.

Peak and capacity are independent: the one is guessed from past promotions, the other measured by trials. So

    P(peak > C) = ∫ P(peak > C(z)) φ(z) dz,    P(C >= h peak) = 1 - P(peak > C / h)

with C(z) the capacity at the standard normal score z. Computed by Gauss-Legendre on panels that become finer
where C(z) passes the forecast, so it is exact to ten digits however much narrower one of the two is.
"""

import math
from dataclasses import dataclass

import numpy as np

from capacity.forecast import PeakForecast
from capacity.samples import Floats
from capacity.spread import Z_95, CapacitySpread
from rehearsal.model.percent import percent

#: Scores beyond this have a chance of 1e-19.
_FAR = 9.0
#: A score beside the point.
_NEAR = 1e-9
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
#: The share of peaks that a figure leaves out at either end, and how many points it has for each density.
_SHOWN = 0.002
_POINTS = 301
#: Chances nearer to never, or to always, are told apart by nobody; half of it rounds to nothing.
_RARE, _ROUNDS_TO_0 = 0.001, 0.0005
_MOST, _LEAST = "at most ", "at least "


@dataclass(frozen=True, slots=True)
class Overload:
    """The joined uncertainty of a forecast and a capacity, as figures.

    chance       P(peak > capacity); None if the forecast is stated without a spread
    holds        P(capacity >= required x peak); None likewise
    short        P(capacity < median of the forecast): what the measurement alone leaves open
    is_bound     the capacity has no upper bound: `chance` and `short` are at most, `holds` is at least
    """

    chance: float | None
    holds: float | None
    short: float
    required: float
    is_bound: bool

    def words(self) -> str:
        """Return a sentence for a sheet."""
        short, chance, holds = (
            None if share is None else _percent(share, bound if self.is_bound else "")
            for share, bound in ((self.short, _MOST), (self.chance, _MOST), (self.holds, _LEAST))
        )
        if chance is None:
            return (
                "the forecast is stated, without a spread: the chance of an overload is not known;"
                f" the chance of a capacity below the stated peak is {short}"
            )
        return (
            f"the chance of an overload, a peak above the capacity, is {chance};"
            f" that the capacity is {self.required:g} times the peak or more, {holds}"
        )


@dataclass(frozen=True, slots=True)
class Curves:
    """Both densities over one axis, per (1/s); `overload` is their joint part, and its area the chance.

    `overload` is the density of the peak times the chance that the capacity lies below it. `forecast` and
    `overload` are None of a forecast without a spread.
    """

    rates_per_s: Floats
    capacity: Floats
    forecast: Floats | None
    overload: Floats | None


def overload_of(forecast: PeakForecast, capacity: CapacitySpread, *, required: float = 1.3) -> Overload:
    """Join a forecast and a capacity; `required` is the headroom asked for."""
    chance, missed = (overload_chance(forecast, capacity.times(1 / h)) for h in (1.0, required))
    return Overload(
        chance=chance,
        holds=None if missed is None else 1 - missed,
        short=float(capacity.below(np.array([forecast.median_per_s]))[0]),
        required=required,
        is_bound=capacity.is_open,
    )


def overload_chance(forecast: PeakForecast, capacity: CapacitySpread) -> float | None:
    """Return P(peak > capacity), between 0 and 1; None if the forecast has no spread."""
    if forecast.log_scale is None:
        return None
    edges = _panels(forecast.median_per_s, forecast.log_scale, capacity)
    middles, halves = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    z = middles[:, None] + halves[:, None] * _NODES
    weights = halves[:, None] * _WEIGHTS * np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    tails = forecast.tail(capacity.at(z))
    return None if tails is None else float(np.clip((weights * tails).sum(), 0, 1))


def curves_of(forecast: PeakForecast, capacity: CapacitySpread) -> Curves:
    """Return the densities at ascending rates that hold all but the far tails of both."""
    near = capacity.at(np.linspace(-3.5, 3.5, _POINTS))
    lowest, highest = (forecast.quantile_per_s(q) or forecast.median_per_s for q in (_SHOWN, 1 - _SHOWN))
    wide = np.geomspace(min(near[0], lowest), max(near[-1], highest), _POINTS)
    rates = np.unique(np.concatenate([near, wide]))
    peaks = forecast.density(rates)
    return Curves(
        rates_per_s=rates,
        capacity=capacity.density(rates),
        forecast=peaks,
        overload=None if peaks is None else peaks * capacity.below(rates),
    )


def _panels(median_per_s: float, log_scale: float, capacity: CapacitySpread) -> Floats:
    """Return edges of panels over the scores: unit steps, and doubling ones around where C(z) = median.

    And the scores at which the capacity's law changes: its point and its bounds.
    """
    edges = [np.arange(-_FAR, _FAR + 1), np.array([-Z_95, Z_95])]
    gap = math.log(median_per_s / capacity.point_per_s)
    score = float(capacity.scores(np.array([median_per_s]))[0])
    for side in (-1, 1):
        # On the side where the median is not, it lies where the law would reach it if it went on as it began.
        at = score if side * gap > 0 else side * _NEAR
        slope = float(capacity.slopes(np.array([at]))[0])
        if slope > 0:
            width = log_scale / slope
            steps = width * 2.0 ** np.arange(-1, max(1, math.ceil(math.log2(2 * _FAR / width))))
            centre = at if side * gap > 0 else gap / slope
            near = np.concatenate([centre - steps, [centre], centre + steps])
            edges.append(near[side * near > 0])
    joined = np.clip(np.concatenate(edges), -_FAR, _FAR)
    return np.unique(joined)


def _percent(chance: float, bound: str) -> str:
    """Return a chance to a tenth of a percent; what rounds to nothing, or to certainty, is not called so."""
    if 0 < chance < _ROUNDS_TO_0 and bound != _LEAST:
        return f"below {percent(_RARE)}"
    if 0 < 1 - chance <= _ROUNDS_TO_0 and bound != _MOST:
        return f"above {percent(1 - _RARE)}"
    return f"{bound}{percent(chance)}"
