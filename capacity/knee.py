"""The knee of a curve by Kneedle: a hint where to look, and no capacity.

Satopaa, Albrecht, Irwin and Raghavan, Finding a "Kneedle" in a Haystack, ICDCS Workshops (2011), 166-171:
scaled to the unit square, the knee is where the curve stands farthest above the diagonal, and falls again by
S mean steps. Scaled by its own ends: so it moves with the end of the ramp, though the system does not. That
is why no knee is given here without its spread.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from capacity.samples import Floats

#: Satopaa's S: how many mean steps of x the difference must fall to declare a knee.
SENSITIVITY = 1.0
#: As many of the last points are left out in turn, to see how the knee moves.
LEFT_OUT = 0.25
FEWEST = 5
HINT_ONLY: Final = "A hint only: it is no capacity."


@dataclass(frozen=True, slots=True)
class Knee:
    """The knee of a curve, and from where to where it moves as the last points are left out."""

    x: float | None
    """None if the curve has none."""
    low: float | None
    high: float | None
    said: str


def kneedle(x: Floats, y: Floats, *, convex: bool, sensitivity: float = SENSITIVITY) -> int | None:
    """Return the index of the knee of a rising curve, or None.

    `convex`: a curve that steepens (latency against rate); else one that flattens (throughput against
    concurrency). The highest local maximum of the difference that falls by the threshold before the curve
    rises above it again. ValueError for fewer than `FEWEST` points, or x that does not rise.
    """
    _check(x, y)
    if y.max() == y.min():
        return None
    across, up = (x - x[0]) / (x[-1] - x[0]), (y - y.min()) / (y.max() - y.min())
    difference = across - up if convex else up - across
    # A curve that steepens is one that flattens, seen from its other end.
    walked = difference[::-1] if convex else difference
    at = int(np.argmax(walked))
    falls = walked[at:] < walked[at] - sensitivity / (x.size - 1)
    if at in {0, x.size - 1} or not falls.any():
        return None
    return x.size - 1 - at if convex else at


def knee(x: Floats, y: Floats, *, convex: bool) -> Knee:
    """Return the knee of a rising curve, and its spread as up to `LEFT_OUT` of the points are left out."""
    _check(x, y)
    ends = range(max(FEWEST, x.size - int(LEFT_OUT * x.size)), x.size + 1)
    found = [kneedle(x[:end], y[:end], convex=convex) for end in ends]
    knees = [float(x[index]) for index in found if index is not None]
    last = found[-1]
    if last is None:
        return Knee(None, None, None, f"No knee. {HINT_ONLY}")
    at, low, high = float(x[last]), min(knees), max(knees)
    some = f", none for {len(found) - len(knees)} of {len(found)}" if len(knees) < len(found) else ""
    said = f"Knee at {at:.4g}; {low:.4g} to {high:.4g} as the ramp ends earlier{some}. {HINT_ONLY}"
    return Knee(at, low, high, said)


def _check(x: Floats, y: Floats) -> None:
    if x.shape != y.shape or x.size < FEWEST:
        raise ValueError(f"a knee needs {FEWEST} points or more, each with its x and its y")
    if not (np.all(np.diff(x) > 0) and np.all(np.isfinite(y))):
        raise ValueError("a knee needs x that rises and y that is finite: leave the overloaded points out")
