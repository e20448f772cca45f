"""When visits are due: rates as a function of time, and the instants at which arrivals fall. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Profile:
    """A piecewise linear arrival rate: at `times_s[i]` it is `rates_per_s[i]`; equal times make a jump."""

    times_s: tuple[float, ...]
    rates_per_s: tuple[float, ...]

    @property
    def arrivals(self) -> float:
        """Return the area under the rate: the expected number of arrivals, a real number."""
        return float(self._areas()[-1])

    def rates_at(self, times_s: Sequence[float]) -> tuple[float, ...]:
        """Return the rate at each of some instants, none of them at a jump."""
        return tuple(np.interp(times_s, self.times_s, self.rates_per_s).tolist())

    def due_s(self, counts: Floats) -> Floats:
        """Return the times at which the area under the rate reaches `counts` (each in [0, arrivals]).

        Inside a piece with rate r and slope m the area after t is r t + m t²/2; its root is taken as
        2a / (r + √(r² + 2 m a)), which stays exact when m is 0 and does not cancel when it is small.
        """
        areas = self._areas()
        times, rates = self._knots()
        piece = np.clip(np.searchsorted(areas, counts, side="left") - 1, 0, len(times) - 2)
        width = times[piece + 1] - times[piece]
        slope = np.divide(rates[piece + 1] - rates[piece], width, out=np.zeros_like(width), where=width > 0)
        over = counts - areas[piece]
        root = np.sqrt(np.maximum(rates[piece] ** 2 + 2 * slope * over, 0.0))
        base = rates[piece] + root
        inside = np.divide(2 * over, base, out=np.zeros_like(over), where=base > 0)
        due: Floats = np.minimum(times[piece] + inside, times[piece + 1])
        return due

    def _knots(self) -> tuple[Floats, Floats]:
        return np.asarray(self.times_s, dtype=np.float64), np.asarray(self.rates_per_s, dtype=np.float64)

    def _areas(self) -> Floats:
        times, rates = self._knots()
        return np.concatenate([[0.0], np.cumsum(np.diff(times) * (rates[1:] + rates[:-1]) / 2)])


def constant(rate_per_s: float, duration_s: float) -> Profile:
    """Return a profile that keeps one rate."""
    return Profile((0.0, duration_s), (rate_per_s, rate_per_s))


def ramp(start_per_s: float, end_per_s: float, duration_s: float) -> Profile:
    """Return a straight line from one rate to another."""
    return Profile((0.0, duration_s), (start_per_s, end_per_s))


def stairs(start_per_s: float, end_per_s: float, steps: int, duration_s: float) -> Profile:
    """Return `steps` (2 or more) steps, equally long and high, from one rate to the other."""
    levels = [start_per_s + (end_per_s - start_per_s) * step / (steps - 1) for step in range(steps)]
    edges = [duration_s * step / steps for step in range(steps + 1)]
    return Profile(
        tuple(time for pair in pairwise(edges) for time in pair),
        tuple(level for level in levels for _ in "ab"),
    )


def spike(base_per_s: float, peak_per_s: float, spike_s: float, duration_s: float) -> Profile:
    """Return a base rate with a plateau of `spike_s` at the peak in its middle; both edges are jumps."""
    rise, fall = (duration_s - spike_s) / 2, (duration_s + spike_s) / 2
    return Profile(
        (0.0, rise, rise, fall, fall, duration_s),
        (base_per_s, base_per_s, peak_per_s, peak_per_s, base_per_s, base_per_s),
    )


def along(curve: tuple[float, ...], start_per_s: float, end_per_s: float, duration_s: float) -> Profile:
    """Return a measured curve (counts at even steps), stretched so that its ends meet the rates given.

    Where the curve dips below its own start so far that the rate would be negative, the rate is 0.
    """
    counts = np.asarray(curve, dtype=np.float64)
    shape = (counts - counts[0]) / (counts[-1] - counts[0])
    rates = np.maximum(start_per_s + (end_per_s - start_per_s) * shape, 0.0)
    times = np.linspace(0.0, duration_s, len(counts))
    return Profile(tuple(times.tolist()), tuple(rates.tolist()))


def even(profile: Profile, count: int, offset: float = 0.0) -> Floats:
    """Return `count` due times: the n-th is where the area reaches n - offset (offset in [0, 1)).

    The offset carries the fraction of an arrival left over by the profile before, as k6 does.
    """
    marks = np.arange(1, count + 1, dtype=np.float64) - offset
    return profile.due_s(np.minimum(marks, profile.arrivals))


def poisson(profile: Profile, count: int, random: Random) -> Floats:
    """Return `count` sorted due times of an inhomogeneous Poisson process, given that exactly `count` fall.

    Given the count, the arrivals' areas are independent and uniform (order statistics property), so the
    total stays exact. `random.Random` is used because its `random()` is fixed across Python versions.
    """
    area = profile.arrivals
    marks = np.array(sorted(random.random() * area for _ in range(count)), dtype=np.float64)
    return profile.due_s(marks)
