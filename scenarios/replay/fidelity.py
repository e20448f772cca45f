"""How faithful a replay is to its log: distances of what a shop feels, and one score. Pure.

    score = Π (1 - d) over the parts that can be known

Each distance d lies in [0, 1] and is 0 for the same traffic. A product, because parts do not make good for
each other: with a mean, eight of nine parts right would hide that sessions last a fifth of the time. A
replay is faithful when every part keeps its limit; limits allow for chance in small samples.
"""

from collections.abc import Iterator
from math import prod

import msgspec
import numpy as np

from scenarios.replay.burstiness import FEWEST_WINDOWS, burstiness
from scenarios.replay.distances import (
    chance_limit,
    jensen_shannon,
    kolmogorov_smirnov,
    ratio_distance,
    transition_distance,
)
from scenarios.replay.steps import NS_PER_S, Floats, Ints, Steps

_LIMIT = 0.1
_BURST_LIMIT = 0.25
_WINDOWS_NS = ((1_000_000_000, "1 s"), (100_000_000, "100 ms"))


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One distance and its limit; `distance` is None where it cannot be known, and `note` says why."""

    name: str
    measure: str
    distance: float | None
    limit: float
    note: str = ""

    @property
    def is_kept(self) -> bool:
        """Tell whether the limit is kept, or cannot be asked for."""
        return self.distance is None or self.distance <= self.limit


class Fidelity(msgspec.Struct, frozen=True, kw_only=True):
    """All parts, the score, and whether every limit is kept."""

    score: float
    is_faithful: bool
    parts: tuple[Part, ...]


def fidelity(
    log: Steps, replay: Steps, *, multiplier: float, resolution_ns: int, tolerance_s: float = 0.0
) -> Fidelity:
    """Compare a replay with `multiplier` times its log. Both have the same labels and the same time axis.

    Times between starts and within sessions are compared in steps of `tolerance_s`: a request sent a
    millisecond late is no other think time.
    """
    parts = (
        *_paths(log, replay),
        *_starts(log, replay, multiplier, tolerance_s),
        *_within(log, replay, tolerance_s),
        *_bursts(log, replay, multiplier, resolution_ns),
    )
    return Fidelity(
        score=prod(1 - part.distance for part in parts if part.distance is not None),
        is_faithful=all(part.is_kept for part in parts),
        parts=parts,
    )


def mix_counts(steps: Steps) -> Ints:
    """Return how often each label was asked for."""
    return np.bincount(steps.template, minlength=len(steps.labels)).astype(np.int64)


def transition_counts(steps: Steps) -> Ints:
    """Return how often a label followed another; the last row is the start, the last column the end."""
    size = len(steps.labels) + 1
    before = np.full(len(steps.template) + 1, size - 1, dtype=np.int64)
    before[1:] = steps.template
    before[:-1][steps.is_first] = size - 1
    pairs = before[:-1] * size + steps.template
    last = steps.first + steps.length - 1
    ends = steps.template[last] * size + size - 1
    counts = np.bincount(np.concatenate([pairs, ends]), minlength=size * size)
    return counts.reshape(size, size).astype(np.int64)


def _paths(log: Steps, replay: Steps) -> Iterator[Part]:
    yield Part(
        name="path mix",
        measure="Jensen-Shannon",
        distance=jensen_shannon(mix_counts(log), mix_counts(replay)),
        limit=_LIMIT,
    )
    yield Part(
        name="transitions",
        measure="weighted total variation",
        distance=transition_distance(transition_counts(log), transition_counts(replay)),
        limit=_LIMIT,
    )


def _starts(log: Steps, replay: Steps, multiplier: float, tolerance_s: float) -> Iterator[Part]:
    apart = np.diff(log.start_ns) / NS_PER_S, np.diff(replay.start_ns) * multiplier / NS_PER_S
    gaps = _rounded(apart[0], tolerance_s), _rounded(apart[1], tolerance_s)
    origin = log.start_ns[0]
    starts = (log.start_ns - origin).astype(np.float64), (replay.start_ns - origin).astype(np.float64)
    yield _ks("arrival curve", starts)
    yield _ks(
        "inter-arrival times",
        gaps,
        note="" if multiplier == 1 else f"the replay's gaps, {multiplier:g} times",
    )


def _within(log: Steps, replay: Steps, tolerance_s: float) -> Iterator[Part]:
    yield _ks("think times", (_rounded(log.think_s, tolerance_s), _rounded(replay.think_s, tolerance_s)))
    yield _ks("session length, steps", (log.length.astype(np.float64), replay.length.astype(np.float64)))
    yield _ks(
        "session length, time",
        (_rounded(log.duration_s, tolerance_s), _rounded(replay.duration_s, tolerance_s)),
    )


def _rounded(seconds: Floats, tolerance_s: float) -> Floats:
    return np.rint(seconds / tolerance_s) if tolerance_s else seconds


def _ks(name: str, samples: tuple[Floats, Floats], note: str = "") -> Part:
    left, right = samples
    return Part(
        name=name,
        measure="Kolmogorov-Smirnov",
        distance=kolmogorov_smirnov(left, right),
        limit=max(_LIMIT, chance_limit(len(left), len(right))),
        note=note,
    )


def _bursts(log: Steps, replay: Steps, multiplier: float, resolution_ns: int) -> Iterator[Part]:
    for window_ns, words in _WINDOWS_NS:
        name, measure = f"burstiness at {words}", "index of dispersion"
        before, after = burstiness(log, window_ns), burstiness(replay, window_ns)
        if resolution_ns > window_ns:
            note = f"not known: the log's clock steps by {resolution_ns / 1e9:g} s"
            yield Part(name=name, measure=measure, distance=None, limit=_BURST_LIMIT, note=note)
        elif before is None or after is None:
            note = f"not known: sessions begin for less than {FEWEST_WINDOWS} times {words}"
            yield Part(name=name, measure=measure, distance=None, limit=_BURST_LIMIT, note=note)
        else:
            expected = before.expected(multiplier)
            note = (
                f"{after.dispersion:.2f}, expected {expected:.2f}; peak to mean {after.peak_to_mean:.1f}, "
                f"in the log {before.peak_to_mean:.1f}"
            )
            distance = ratio_distance(expected, after.dispersion)
            limit = min(max(_BURST_LIMIT, 2 * before.chance), 1.0)
            yield Part(name=name, measure=measure, distance=distance, limit=limit, note=note)
