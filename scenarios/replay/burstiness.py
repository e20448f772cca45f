"""How clustered requests come: the index of dispersion and the peak-to-mean ratio of counts. Pure."""

import msgspec
import numpy as np

from scenarios.replay.steps import Floats, Ints, Steps

#: Fewer windows than this say nothing of dispersion.
FEWEST_WINDOWS = 100

#: More windows than this are counted by sorting instead of in one array.
_DENSE = 20_000_000


class Burstiness(msgspec.Struct, frozen=True, kw_only=True):
    """Of counts in windows of `window_ns`: a Poisson flow has a `dispersion` of 1, clusters more.

    `dispersion` is of requests, `start_dispersion` of session starts, and `chance` two standard errors of
    the latter in a Poisson flow. `in_window` is how many requests a session brings in its first window,
    `per_session` how many in all. `peak_to_mean` is of requests and only for show: a peak is an extreme.
    """

    window_ns: int
    dispersion: float
    start_dispersion: float
    chance: float
    in_window: float
    per_session: float
    peak_to_mean: float

    def expected(self, multiplier: float) -> float:
        """Return the dispersion of requests to be expected of `multiplier` times as many sessions.

        Independent sessions add: their counts' mean and variance grow alike and the index stays. What all
        sessions share, a rate that jumps, grows squared: for starts the index of a doubly stochastic
        Poisson process is 1 + multiplier (index - 1) (Cox and Lewis, The Statistical Analysis of Series
        of Events, 1966, ch. 7), and each start brings `in_window` requests at once.
        """
        excess = self.start_dispersion - 1
        shared = excess * self.in_window**2 / self.per_session if abs(excess) > self.chance else 0.0
        return max(self.dispersion + (multiplier - 1) * shared, 0.0)


def burstiness(steps: Steps, window_ns: int) -> Burstiness | None:
    """Measure sessions' steps while sessions begin; None if that is shorter than FEWEST_WINDOWS.

    Windows are those of the clock, so that a log and its replay are cut at the same instants.
    """
    low = -(-int(steps.start_ns[0]) // window_ns)
    windows = int(steps.start_ns[-1]) // window_ns - low
    if windows < FEWEST_WINDOWS:
        return None
    requests = _Counted(steps.at_ns // window_ns - low, windows)
    starts = _Counted(steps.start_ns // window_ns - low, windows)
    since_start = steps.at_ns - np.repeat(steps.start_ns, steps.length)
    return Burstiness(
        window_ns=window_ns,
        dispersion=requests.dispersion,
        start_dispersion=starts.dispersion,
        chance=starts.chance,
        in_window=float((since_start < window_ns).sum() / steps.sessions),
        per_session=requests.total / starts.total,
        peak_to_mean=requests.peak / requests.mean,
    )


class _Counted:
    """Counts of events in windows 0, 1 … `windows` - 1.

    The variance is taken from neighbours, Σ (n_i+1 - n_i)² / 2 (von Neumann's mean square successive
    difference, Ann. Math. Statist. 12, 1941), so that an arrival curve that rises or falls is no burst. Its
    relative error in a Poisson flow of mean m is √((3 + 1/m) / windows).
    """

    def __init__(self, slots: Ints, windows: int) -> None:
        occupied, counts = _counts(slots[(slots >= 0) & (slots < windows)], windows)
        self.total = float(counts.sum())
        self.mean = self.total / windows
        self.peak = float(counts.max())
        self.chance = 2 * float(np.sqrt((3 + 1 / self.mean) / windows))
        is_next = np.diff(occupied) == 1
        both = float((counts[1:] * counts[:-1])[is_next].sum())
        ends = float((counts[(occupied == 0) | (occupied == windows - 1)] ** 2).sum())
        differences = 2 * float((counts**2).sum()) - ends - 2 * both
        self.dispersion = differences / 2 / (windows - 1) / self.mean


def _counts(slots: Ints, windows: int) -> tuple[Ints, Floats]:
    """Return the windows that hold something, in order, and their counts."""
    if windows <= _DENSE:
        every = np.bincount(slots, minlength=windows)
        occupied = np.flatnonzero(every)
        return occupied.astype(np.int64), every[occupied].astype(np.float64)
    occupied, counts = np.unique(slots, return_counts=True)
    return occupied, counts.astype(np.float64)
