"""How sure a fitted scalability law is: Wald, delta-method and profile-likelihood intervals.

The profile interval of a quantity holds every value v of it for which the best fit with v held fixed has
SSR(v) <= SSR (1 + t^2 / (n - 3)), t Student's quantile at n - 3 degrees of freedom. It need not be symmetric,
and sees a bound. Source: Bates and Watts, Nonlinear Regression Analysis (1988), sections 2.3 and 6.1.
All presume that the residuals are independent: `residual_runs` says whether they look so.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, least_squares  # type: ignore[import-untyped]

from capacity.quantiles import student_t
from capacity.samples import Floats
from capacity.usl import Usl
from capacity.usl_fit import UslFit, curve, slopes
from capacity.usl_peak import height_span

CONFIDENCE = 0.95

_INVERSE_PEAK = "inverse_peak"
_OF_THE_PEAK = ("peak_concurrency", "peak_per_s")
_TOPS = {_INVERSE_PEAK: 1.0}
_TINY = 1e-12
_NO_TOPS = (math.inf, math.inf)
_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high`; `high` may be infinite."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Way:
    """How one quantity is held: the law of (held, free, free), and where the free ones start and end."""

    law: Callable[[float, float, float], Usl]
    start: tuple[float, float]
    tops: tuple[float, float]


def wald(fit: UslFit, confidence: float = CONFIDENCE) -> dict[str, Interval]:
    """Return estimate +- t(n - 3) standard errors, by parameter; a coefficient at its bound has none."""
    t = _quantile(fit, confidence)
    values = (fit.law.contention, fit.law.coherency, fit.law.single_per_s)
    names = ("contention", "coherency", "single_per_s")
    return {
        name: Interval(value - t * error, value + t * error)
        for name, value, error in zip(names, values, map(float, fit.standard_errors), strict=True)
        if value > 0
    }


def peak_by_delta(fit: UslFit, confidence: float = CONFIDENCE) -> tuple[Interval, Interval]:
    """Return the delta method's symmetric intervals of (N*, X*); ValueError where b stands at its bound.

    At the peak dX/dN = 0, so X* varies with the parameters as X at that fixed N does.
    """
    law = fit.law
    if law.coherency == 0:
        raise ValueError("a law without coherency has no peak")
    peak = law.peak_concurrency
    by_peak = np.array([-1 / (2 * law.coherency * peak), -peak / (2 * law.coherency), 0.0])
    by_height = slopes(law, np.array([peak]))[0]
    return _delta(fit, peak, by_peak, confidence), _delta(fit, law.peak_per_s, by_height, confidence)


def profile(fit: UslFit, quantity: str, confidence: float = CONFIDENCE) -> Interval:
    """Return the profile interval of a quantity.

    `quantity`: "contention", "coherency", "single_per_s", "peak_concurrency" or "peak_per_s". The last two
    end at infinity, or at a limit g / a, where no coherency at all is compatible with the measurements;
    ValueError where the law peaks at N = 1 or below.
    """
    if quantity not in _OF_THE_PEAK:
        return _held(fit, quantity, confidence)
    if fit.law.peak_concurrency <= 1:
        raise ValueError("throughput falls from N = 1 on: there is no peak to give an interval of")
    inverse = _held(fit, _INVERSE_PEAK, confidence)
    if quantity == "peak_concurrency":
        return Interval(1 / inverse.high, 1 / inverse.low if inverse.low > 0 else math.inf)
    contention = _held(fit, "contention", confidence)
    spans = (contention.low, min(contention.high, 1.0)), (inverse.low, inverse.high)
    return Interval(*height_span(fit, _allowed(fit, confidence), *spans))


def _held(fit: UslFit, quantity: str, confidence: float) -> Interval:
    """Return the profile interval of a quantity that can be held while the other two are free."""
    way, at, allowed = _WAYS[quantity](fit), _value(fit, quantity), _allowed(fit, confidence)
    if fit.is_exact:
        return Interval(at, at)

    def excess(held: float) -> float:
        return _best_ssr(fit, way, held) / allowed - 1

    return Interval(_below(excess, at), _above(excess, at, _TOPS.get(quantity, math.inf)))


def _allowed(fit: UslFit, confidence: float) -> float:
    t = _quantile(fit, confidence)
    return fit.ssr * (1 + t * t / fit.freedom)


def _quantile(fit: UslFit, confidence: float) -> float:
    return student_t(fit.freedom, (1 + confidence) / 2)


def _delta(fit: UslFit, at: float, gradient: Floats, confidence: float) -> Interval:
    half = _quantile(fit, confidence) * math.sqrt(float(gradient @ fit.covariance @ gradient))
    return Interval(at - half, at + half)


def _value(fit: UslFit, quantity: str) -> float:
    return 1 / fit.law.peak_concurrency if quantity == _INVERSE_PEAK else float(getattr(fit.law, quantity))


def _best_ssr(fit: UslFit, way: _Way, held: float) -> float:
    def misses(free: Floats) -> Floats:
        return curve(way.law(held, *free), fit.concurrency) - fit.per_s

    solved = least_squares(misses, way.start, bounds=((0, 0), way.tops), x_scale="jac")
    return float(2 * solved.cost)


def _below(excess: Callable[[float], float], at: float) -> float:
    if at <= 0 or excess(0.0) <= 0:
        return 0.0
    return float(brentq(excess, 0.0, at, xtol=_TINY * at))


def _above(excess: Callable[[float], float], at: float, top: float) -> float:
    low, step = at, max(at, 1e-6) / 4
    for _ in range(_DOUBLINGS):
        high = min(low + step, top)
        if excess(high) > 0:
            return float(brentq(excess, low, high, xtol=_TINY * high))
        if high >= top:
            return top
        low, step = high, 2 * step
    return math.inf


def _by_inverse_peak(inverse_peak: float, contention: float, single: float) -> Usl:
    return Usl(contention, (1 - contention) * inverse_peak**2, single)


_WAYS: dict[str, Callable[[UslFit], _Way]] = {
    "contention": lambda fit: _Way(Usl, (fit.law.coherency, fit.law.single_per_s), _NO_TOPS),
    "coherency": lambda fit: _Way(
        lambda b, a, g: Usl(a, b, g), (fit.law.contention, fit.law.single_per_s), _NO_TOPS
    ),
    "single_per_s": lambda fit: _Way(
        lambda g, a, b: Usl(a, b, g), (fit.law.contention, fit.law.coherency), _NO_TOPS
    ),
    _INVERSE_PEAK: lambda fit: _Way(
        _by_inverse_peak, (fit.law.contention, fit.law.single_per_s), (1.0, math.inf)
    ),
}
