"""Five to ten times the traffic by more sessions: clones with buyers of their own. Pure.

Each clone keeps its session's own clock; only its start is new, drawn evenly in the arrival interval its
original came in. So the arrival curve scales, and clones do not march in step. The original is kept as the
first of its clones. Speeding the clock instead, as most replayers do, shrinks think times, sessions and
every lifetime in the shop; `speed_up` is here to be compared with, and fails the score.
"""

import numpy as np

from rehearsal.model.errors import RehearsalError
from scenarios.replay.steps import Floats, Ints, Steps

#: More steps than this would not fit into memory beside the log.
MOST_STEPS = 40_000_000

_NS = 1_000_000_000
_MS = 1_000_000
#: Windows at which bursts are looked at, and arrival intervals tried.
_WINDOWS_NS = (_NS, 100 * _MS)
_LADDER_NS = (100 * _MS, 200 * _MS, 500 * _MS, *(n * _NS for n in (1, 2, 5, 10, 30, 60, 120, 300, 600)))
#: More windows than this would not fit into memory.
_MOST_WINDOWS = 20_000_000
#: Intervals that a log must at least hold, or its curve would be flattened.
_FEWEST_INTERVALS = 6


def clones(sessions: int, multiplier: float, random: np.random.Generator) -> Ints:
    """Return how often each session is sent: the multiplier, its fraction spread evenly over the log."""
    marks = np.floor(np.arange(sessions + 1, dtype=np.float64) * multiplier + random.random())
    return np.diff(marks).astype(np.int64)


def unround(steps: Steps, resolution_ns: int, random: np.random.Generator) -> Steps:
    """Return sessions begun at an even place within the step of the log's clock, which hides it."""
    if resolution_ns <= 1:
        return steps
    shift = random.integers(0, resolution_ns, steps.sessions)
    return _moved(steps, np.arange(steps.sessions, dtype=np.int64), steps.start_ns + shift)


def amplify(steps: Steps, multiplier: float, interval_ns: int, random: np.random.Generator) -> Steps:
    """Return `multiplier` times as many sessions. RehearsalError if they would not fit into memory."""
    if len(steps.at_ns) * multiplier > MOST_STEPS:
        raise RehearsalError(
            f"{multiplier:g} times {len(steps.at_ns):,} steps are over {MOST_STEPS:,}: "
            "replay a part of the log, as in --from 2026-11-10T20:00 --for 3600."
        )
    counts = clones(steps.sessions, multiplier, random)
    source = np.repeat(np.arange(steps.sessions, dtype=np.int64), counts)
    is_original = np.concatenate([[True], source[1:] != source[:-1]]) if len(source) else np.zeros(0, bool)
    low_ns = steps.start_ns[source] // interval_ns * interval_ns
    # The first and the last interval are only partly covered by the log.
    high_ns = np.minimum(low_ns + interval_ns, steps.start_ns[-1] + 1)
    low_ns = np.maximum(low_ns, steps.start_ns[0])
    drawn = low_ns + np.floor(random.random(len(source)) * (high_ns - low_ns)).astype(np.int64)
    return _moved(steps, source, np.where(is_original, steps.start_ns[source], drawn))


def speed_up(steps: Steps, factor: float) -> Steps:
    """Return the same sessions with the whole clock run `factor` times as fast."""
    zero_ns = steps.start_ns[0]
    at_ns = zero_ns + np.floor((steps.at_ns - zero_ns) / factor).astype(np.int64)
    return Steps(steps.length, at_ns, steps.template, steps.row, steps.labels)


def arrival_interval_ns(start_ns: Ints, resolution_ns: int) -> int:
    """Return the interval in whose bounds a clone may begin.

    Wide intervals smooth the log's own bursts away; narrow ones multiply its chance clusters, which more
    independent shoppers would have averaged out. The interval taken costs least of both, at windows of 1 s
    and, where the log's clock is that fine, of 100 ms: the dispersion within intervals beyond a Poisson
    flow's 1 (less two standard errors), lost by smoothing, plus window / interval (at most 1), what a
    multiplied Poisson count adds for each multiple.
    """
    at_ns = start_ns - start_ns[0] // _NS * _NS
    span_ns = int(at_ns[-1]) + 1
    windows = [w for w in _WINDOWS_NS if w >= resolution_ns and span_ns // w <= _MOST_WINDOWS]
    finest = windows[-1] if windows else _NS
    tried = [i for i in _LADDER_NS if i >= finest and i * _FEWEST_INTERVALS <= span_ns] or [finest]
    costs = [sum(_lost(at_ns, w, i) + min(w / i, 1.0) for w in windows) for i in tried]
    return tried[int(np.argmin(costs))]


def _lost(at_ns: Ints, window_ns: int, interval_ns: int) -> float:
    """Return the dispersion of counts in windows within intervals, beyond what chance explains."""
    each = interval_ns // window_ns
    whole = (int(at_ns[-1]) + 1) // interval_ns
    if each <= 1 or whole == 0:
        return 0.0
    counts = np.bincount(at_ns // window_ns, minlength=whole * each)[: whole * each].astype(np.float64)
    within = counts.reshape(whole, each)
    used = within[within.sum(axis=1) > 0]
    freedom = used.shape[0] * (each - 1)
    expected: Floats = used.mean(axis=1, keepdims=True)
    dispersion = float((((used - expected) ** 2) / expected).sum() / freedom)
    return max(0.0, dispersion - 1 - 2 * float(np.sqrt(2 / freedom)))


def _moved(steps: Steps, source: Ints, start_ns: Ints) -> Steps:
    """Return sessions `source` begun at `start_ns`, each on its own clock, in the order of their starts."""
    order = np.argsort(start_ns, kind="stable")
    picked = steps.pick(source[order])
    shift = start_ns[order] - picked.start_ns
    at_ns = picked.at_ns + np.repeat(shift, picked.length)
    return Steps(picked.length, at_ns, picked.template, picked.row, picked.labels)
