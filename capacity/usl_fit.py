"""The universal scalability law, fitted to measurements by least squares in throughput."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares  # type: ignore[import-untyped]

from capacity.samples import Floats
from capacity.usl import Usl

#: Three parameters leave nothing over to judge the fit by if fewer concurrencies were measured.
FEWEST = 4
#: A residual this small a part of the largest throughput is the arithmetic's own.
ROUNDING = 1e-9

_CONTENTION, _COHERENCY = 1e-2, 1e-4
_STOP = 1e-15
#: A coefficient that changes no measured throughput by as much stands at its bound.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class UslFit:
    """A fitted law, what it was fitted to, and how well."""

    law: Usl
    concurrency: Floats
    """N of each measurement, rising."""
    per_s: Floats
    """X of each measurement."""
    covariance: Floats
    """Of (a, b, g), 3 by 3: s^2 (J'J)^-1; zeros for a coefficient that stands at its bound 0."""
    ssr: float
    """The sum of squared residuals."""

    @property
    def freedom(self) -> int:
        """Return the degrees of freedom, n - 3."""
        return self.concurrency.size - 3

    @property
    def residuals(self) -> Floats:
        """Return measured - fitted, in the order of the concurrencies."""
        return self.per_s - curve(self.law, self.concurrency)

    @property
    def scatter(self) -> float:
        """Return s, the standard deviation of the residuals."""
        return float(np.sqrt(self.ssr / self.freedom))

    @property
    def is_exact(self) -> bool:
        """Tell whether the law meets every measurement to the last digits: no scatter is left to judge by."""
        return bool(np.all(np.abs(self.residuals) <= ROUNDING * self.per_s.max()))

    @property
    def standard_errors(self) -> Floats:
        """Return those of (a, b, g); 0 for a coefficient at its bound."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def efficiency(self) -> Floats:
        """Return X / (g N), the part of linear scaling that was reached, for each measurement."""
        return self.per_s / (self.law.single_per_s * self.concurrency)


def curve(law: Usl, n: Floats) -> Floats:
    """Return X(N) for an array of concurrencies."""
    return law.single_per_s * n / (1 + law.contention * (n - 1) + law.coherency * n * (n - 1))


def slopes(law: Usl, n: Floats) -> Floats:
    """Return the derivatives of X(N) by (a, b, g), a row for each N."""
    cost = 1 + law.contention * (n - 1) + law.coherency * n * (n - 1)
    by_contention = -law.single_per_s * n * (n - 1) / cost**2
    return np.column_stack([by_contention, by_contention * n, n / cost])


def fit_usl(concurrency: Floats, per_s: Floats) -> UslFit:
    """Fit the law with a, b >= 0 to throughputs `per_s` measured at concurrencies; repeats may be given.

    Trust-region least squares (dogbox, which can stand exactly on a bound), in scaled parameters, from the
    parabola that N / X is. ValueError for what cannot be fitted: fewer than `FEWEST` concurrencies, arrays
    of unequal length, numbers that are not positive and finite.
    """
    n, x = _checked(concurrency, per_s)
    start = _parabola(n, x)
    solved = least_squares(
        lambda at: curve(Usl(*at), n) - x,
        start,
        lambda at: slopes(Usl(*at), n),
        bounds=(0, np.inf),
        method="dogbox",
        x_scale=(_CONTENTION, _COHERENCY, start[2]),
        ftol=_STOP,
        xtol=_STOP,
        gtol=_STOP,
    )
    weight = solved.x * (n[-1], n[-1] ** 2, 1.0)
    at = np.where(weight > _NOTHING, solved.x, 0.0)
    law = Usl(*(float(value) for value in at))
    ssr = float(2 * solved.cost)
    return UslFit(law, n, x, _covariance(slopes(law, n), at > 0, ssr / (n.size - 3)), ssr)


def _checked(concurrency: Floats, per_s: Floats) -> tuple[Floats, Floats]:
    n, x = np.asarray(concurrency, dtype=np.float64), np.asarray(per_s, dtype=np.float64)
    if n.ndim != 1 or n.shape != x.shape:
        raise ValueError("give one throughput for each concurrency, as two lists of the same length")
    if not (np.all(np.isfinite(n)) and np.all(np.isfinite(x)) and np.all(n > 0) and np.all(x > 0)):
        raise ValueError("concurrencies and throughputs must be positive, finite numbers")
    distinct = np.unique(n).size
    if distinct < FEWEST:
        raise ValueError(
            f"three parameters cannot be told from {distinct} concurrencies: measure at {FEWEST} or more"
            " (at 6 or more for a peak)"
        )
    order = np.argsort(n, kind="stable")
    return n[order], x[order]


def _parabola(n: Floats, x: Floats) -> tuple[float, float, float]:
    """Return a start inside the bounds: N / X = ((1 - a) + (a - b) N + b N^2) / g is a parabola in N."""
    square, linear, constant = np.polynomial.Polynomial.fit(n, n / x, 2).convert().coef[::-1]
    total = square + linear + constant
    single = float(1 / total) if total > 0 else float(np.max(x / n))
    coherency = max(float(square) * single, _COHERENCY / 100)
    return max(float(linear) * single + coherency, _CONTENTION / 100), coherency, single


def _covariance(jacobian: Floats, is_free: np.ndarray, variance: float) -> Floats:
    free = np.flatnonzero(is_free)
    scale = np.linalg.norm(jacobian[:, free], axis=0)
    scaled = jacobian[:, free] / scale
    covariance = np.zeros((3, 3))
    covariance[np.ix_(free, free)] = np.linalg.inv(scaled.T @ scaled) * variance / np.outer(scale, scale)
    return covariance
