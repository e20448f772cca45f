"""How high the peak of a fitted scalability law may be: the profile interval of X*, searched on a grid.

With a and N* = 1 / u given, the law is g times a known curve, so the squares left are a parabola in g, and
the g compatible with the measurements an interval around its best; X* = g / (a + (1 - a) u (2 - u)). That
leaves the highest and the lowest of X* over (a, u), where a descent would end in one of several valleys.
"""

from collections.abc import Callable

import numpy as np

from capacity.samples import Floats
from capacity.usl_fit import UslFit

_GRID = 31
_ZOOM = 0.3
#: Each finds the best point on the grid and looks closer there: 0.3^14 is 5e-8 of the whole.
_ZOOMS = 14

Span = tuple[float, float]


def height_span(fit: UslFit, allowed: float, contention: Span, inverse_peak: Span) -> Span:
    """Return the lowest and highest X* of a law that leaves at most `allowed` squares.

    `contention` and `inverse_peak` are from where to where these laws' a and u lie. The highest is infinite
    if linear scaling is among them.
    """
    return (
        _least(lambda a, u: _heights(fit, allowed, a, u)[0], fit, contention, inverse_peak),
        -_least(lambda a, u: -_heights(fit, allowed, a, u)[1], fit, contention, inverse_peak),
    )


def _heights(fit: UslFit, allowed: float, contention: Floats, inverse_peak: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest X* at each pair of the axes; infinitely bad where too much is left."""
    a, u, n = contention[:, None, None], inverse_peak[None, :, None], fit.concurrency
    shapes = n / (1 + a * (n - 1) + (1 - a) * u * u * n * (n - 1))
    weights = np.sum(shapes * shapes, axis=2)
    best = shapes @ fit.per_s / weights
    left = np.sum((best[..., None] * shapes - fit.per_s) ** 2, axis=2)
    either_way = np.sqrt(np.maximum(allowed - left, 0) / weights)
    slowed = (a + (1 - a) * u * (2 - u))[..., 0]
    with np.errstate(divide="ignore"):
        low, high = (best - either_way) / slowed, (best + either_way) / slowed
    fits = left <= allowed
    return np.where(fits, low, np.inf), np.where(fits, high, -np.inf)


def _least(
    height: Callable[[Floats, Floats], Floats], fit: UslFit, contention: Span, inverse_peak: Span
) -> float:
    """Return the least height over the rectangle of both spans, from the fit's own point in it."""
    at = (fit.law.contention, 1 / fit.law.peak_concurrency)
    spans, width, least = (contention, inverse_peak), 1.0, np.inf
    for _ in range(_ZOOMS):
        axes = [_axis(value, span, width) for value, span in zip(at, spans, strict=True)]
        heights = height(*axes)
        row, column = np.unravel_index(int(np.argmin(heights)), heights.shape)
        at, least = (float(axes[0][row]), float(axes[1][column])), float(heights[row, column])
        width *= _ZOOM
    return least


def _axis(at: float, span: Span, width: float) -> Floats:
    """Return a grid around `at` of this part of a span, kept inside it; `at` is one of its points."""
    reach = width * (span[1] - span[0])
    return np.clip(at + reach * np.linspace(-1, 1, _GRID), *span)
