"""Where the share of misses, rising with the rate, crosses the share that is allowed.

A straight line through ln(share of misses) over ln(rate), fitted to all trials near by. Misses come in
bursts, so that a share of them is uncertain by a share of itself, whatever it is: the fit weighs relative
residuals (a gamma quasi-likelihood; McCullagh and Nelder, Generalized Linear Models (1989), chapters 8-9),

    sum_i n_i (y_i / mu_i - 1) (1, x_i) = 0,    ln mu = a + b x,    ln C = (ln allowed - a) / b

and its dispersion phi is the larger of two: between trials, of the residuals (trials are independent of each
other, for the shop is drained between them), and within trials, of their batch means. The error of ln C is
that of inverse prediction, sqrt(phi (s2 - 2 l s1 + l^2 s0) / (s0 s2 - s1^2)) / b with s_k = sum n x^k.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from capacity.quantiles import student_t
from capacity.samples import Floats

#: The line is straight near by only. Trials count whose misses are within a factor e^2 or so of those allowed
#: by the slope of the line; and at least, and at most, those so far beside the bracket in ln(rate).
_MISSES, _REACH = 2.0, (0.24, 0.7)
_NARROWINGS = 4
#: d ln(misses) / d ln(rate): 1.4 with one server, 16 with eight. A line steeper than 40 is not believed:
#: where servers are nearly saturated, trials of a few thousand requests end before the queue has shown
#: itself, and with the flatter line the lower bound is the more cautious.
_SLOPES = (0.5, 40.0)
#: A crossing lies at most so far (in ln rate) beside where the bracket was.
_BESIDE = 0.2
#: The fit's two unknowns; trials beyond them tell how well it fits.
_UNKNOWNS = 2
_ABOVE = 5.0
#: An error of ln C beyond which nothing is known of C anyway.
_UNKNOWN = 1.0
_ROUNDS, _CLOSE = 80, 1e-9
#: One step of the fit changes ln(misses) by at most 1 and the slope by at most 5.
_STEP = (1.0, 5.0)


@dataclass(frozen=True, slots=True)
class Point:
    """The share of `requests` that missed a promise at one rate, and its standard error by batch means."""

    rate_per_s: float
    requests: int
    missed: float
    error: float


@dataclass(frozen=True, slots=True)
class Crossing:
    """The rate of the crossing, the standard error of its logarithm, and from how many trials.

    `spare` is set where misses do not come near those allowed as far as is looked: by how many of its own
    standard errors the line stays below them there. Misses that hardly rise with the rate (errors of a
    thousandth of all requests, cards that are declined) say nothing of where they would cross.
    """

    rate_per_s: float
    log_error: float
    trials: int
    spare: float = 0.0

    def low_per_s(self, confidence: float) -> float:
        """Return the one-sided lower bound, by Student's t of the trials beyond two."""
        errors = student_t(max(1, self.trials - _UNKNOWNS), confidence)
        return self.rate_per_s * (1.0 if self.spare > errors else math.exp(-errors * self.log_error))

    @property
    def high_per_s(self) -> float:
        """Return the upper bound, five standard errors above.

        Trials that saw no burst put the crossing too high by little, those that saw one too low by much: on
        M/M/c with 1 to 16 servers 5 errors cover the capacity in 95 to 98 % of searches, 1.7 in 70 %.
        Infinite where misses stay below those allowed as far as is looked: what broke then broke by chance.
        """
        return math.inf if self.spare > 0 else self.rate_per_s * math.exp(_ABOVE * self.log_error)


def crossing_of(points: Sequence[Point], allowed: float, near_per_s: float) -> Crossing | None:
    """Return where misses cross the share `allowed`, looked for near a rate.

    None if no trial near by missed anything, or fewer than three were made there, at two rates.
    """
    log_rates = [math.log(point.rate_per_s / near_per_s) for point in points]
    reach, found = _REACH[1], None
    for _ in range(_NARROWINGS):
        used = [point for point, x in zip(points, log_rates, strict=True) if abs(x) <= reach]
        if not _tells(used):
            return found
        found, slope = _fitted(used, allowed, near_per_s)
        reach = min(max(_MISSES / slope, _REACH[0]), reach)
    return found


def _tells(used: Sequence[Point]) -> bool:
    enough = len(used) > _UNKNOWNS and len({point.rate_per_s for point in used}) >= _UNKNOWNS
    return enough and any(point.missed for point in used)


def _fitted(used: Sequence[Point], allowed: float, near_per_s: float) -> tuple[Crossing, float]:
    y = np.array([point.missed for point in used])
    n = np.array([point.requests for point in used], dtype=np.float64)
    x = np.log([point.rate_per_s / near_per_s for point in used])
    a, b = _line(x, y, n, math.log(allowed))
    beside = min(max((math.log(allowed) - a) / b, -_BESIDE), _BESIDE)
    mu = np.exp(a + b * x)
    between = float(n @ (y / mu - 1) ** 2) / (len(used) - _UNKNOWNS)
    within = float((n * (np.array([point.error for point in used]) / mu) ** 2).mean())
    s0, s1, s2 = _sums(x, n)
    lever = (s2 - 2 * beside * s1 + beside**2 * s0) / (s0 * s2 - s1**2)
    apart = math.sqrt(max(between, within) * lever)
    spare = (math.log(allowed) - a - b * beside) / max(apart, _CLOSE) if beside == _BESIDE else 0.0
    return Crossing(near_per_s * math.exp(beside), min(_UNKNOWN, apart / b), len(used), spare), b


def _line(x: Floats, y: Floats, n: Floats, start: float) -> tuple[float, float]:
    """Return a and b by Fisher scoring, whose information for relative residuals is n (1, x) (1, x)^T."""
    s0, s1, s2 = _sums(x, n)
    spread = s0 * s2 - s1**2
    a, b = start, 10.0
    for _ in range(_ROUNDS):
        residual = n * (y / np.exp(a + b * x) - 1)
        r0, r1 = float(residual.sum()), float(residual @ x)
        da, db = (s2 * r0 - s1 * r1) / spread, (s0 * r1 - s1 * r0) / spread
        damped = min(1.0, 1 / max(abs(da) / _STEP[0], abs(db) / _STEP[1], _CLOSE))
        before = b
        a, b = a + damped * da, min(max(b + damped * db, _SLOPES[0]), _SLOPES[1])
        if abs(damped * da) + abs(b - before) < _CLOSE:
            break
    return a, b


def _sums(x: Floats, n: Floats) -> tuple[float, float, float]:
    return float(n.sum()), float(n @ x), float(n @ x**2)
