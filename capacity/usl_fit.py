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

#: The search starts at coefficients no smaller, for from a bound it goes nowhere.
_LEAST_CONTENTION, _LEAST_COHERENCY = 1e-4, 1e-6
_STOP = 1e-15
#: A coefficient that lowers no measured throughput by as large a part stands at its bound.
_NOTHING = 1e-6


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

    Trust-region least squares from the parabola that N / X is; again without a coefficient that came out as
    next to nothing, so that a minimum at a bound is met exactly. ValueError for what cannot be fitted: fewer
    than `FEWEST` concurrencies, arrays of unequal length, numbers that are not positive and finite.
    """
    n, x = _checked(concurrency, per_s)
    start = _parabola(n, x)
    inside = _best(n, x, start, (0, 1, 2))
    counts = (inside.contention * n[-1] > _NOTHING, inside.coherency * n[-1] ** 2 > _NOTHING, True)
    free = tuple(index for index in range(3) if counts[index])
    law = inside if all(counts) else _best(n, x, start, free)
    ssr = float(np.sum((curve(law, n) - x) ** 2))
    return UslFit(law, n, x, _covariance(slopes(law, n), free, ssr / (n.size - 3)), ssr)


def _best(n: Floats, x: Floats, start: tuple[float, ...], free: tuple[int, ...]) -> Usl:
    """Return the law that leaves the fewest squares with only some of (a, b, g) free, the others 0."""

    def law(values: Floats) -> Usl:
        at = np.zeros(3)
        at[list(free)] = values
        return Usl(*(float(value) for value in at))

    solved = least_squares(
        lambda values: curve(law(values), n) - x,
        [start[index] for index in free],
        lambda values: slopes(law(values), n)[:, free],
        bounds=(0, np.inf),
        x_scale="jac",
        ftol=_STOP,
        xtol=_STOP,
        gtol=_STOP,
    )
    return law(solved.x)


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
    coherency = max(float(square) * single, _LEAST_COHERENCY)
    return max(float(linear) * single + coherency, _LEAST_CONTENTION), coherency, single


def _covariance(jacobian: Floats, free: tuple[int, ...], variance: float) -> Floats:
    scale = np.linalg.norm(jacobian[:, free], axis=0)
    scaled = jacobian[:, free] / scale
    covariance = np.zeros((3, 3))
    covariance[np.ix_(free, free)] = np.linalg.inv(scaled.T @ scaled) * variance / np.outer(scale, scale)
    return covariance
