"""How clustered requests come: the index of dispersion and the peak-to-mean ratio of counts. Pure."""

import msgspec
import numpy as np

from scenarios.replay.steps import Floats, Ints, Steps

#: Counts are compared with the mean of their own block, so that the arrival curve itself is no burst.
BLOCK_NS = 60_000_000_000

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
    """Measure sessions' steps while sessions begin; None if that is shorter than one block."""
    low_ns, high_ns = int(steps.start_ns[0]), int(steps.start_ns[-1])
    blocks = (high_ns - low_ns) // BLOCK_NS
    if blocks == 0:
        return None
    requests = _Counted(steps.at_ns - low_ns, window_ns, blocks)
    starts = _Counted(steps.start_ns - low_ns, window_ns, blocks)
    since_start = steps.at_ns - np.repeat(steps.start_ns, steps.length)
    return Burstiness(
        window_ns=window_ns,
        dispersion=requests.dispersion,
        start_dispersion=starts.dispersion,
        chance=2 * float(np.sqrt(2 / starts.freedom)),
        in_window=float((since_start < window_ns).sum() / steps.sessions),
        per_session=requests.total / max(starts.total, 1),
        peak_to_mean=requests.peak_to_mean,
    )


class _Counted:
    """Counts of events in windows, by blocks."""

    def __init__(self, at_ns: Ints, window_ns: int, blocks: int) -> None:
        windows = BLOCK_NS // window_ns
        inside = at_ns[(at_ns >= 0) & (at_ns < blocks * BLOCK_NS)] // window_ns
        counts, block = _counts(inside, windows, blocks)
        totals = np.bincount(block, weights=counts, minlength=blocks)
        squares = np.bincount(block, weights=counts**2, minlength=blocks)
        self.total = float(totals.sum())
        self.freedom = blocks * (windows - 1)
        mean = totals / windows
        variance = (squares - totals * mean) / (windows - 1)
        self.dispersion = float(variance.sum() / max(mean.sum(), 1e-300))
        per_window = self.total / (blocks * windows)
        self.peak_to_mean = float(counts.max() / per_window) if len(counts) else 0.0


def _counts(slots: Ints, windows: int, blocks: int) -> tuple[Floats, Ints]:
    """Return the counts of the windows that hold something, and the block of each."""
    if windows * blocks <= _DENSE:
        every = np.bincount(slots, minlength=windows * blocks)
        occupied = np.flatnonzero(every)
        counts = every[occupied]
    else:
        occupied, counts = np.unique(slots, return_counts=True)
    return counts.astype(np.float64), (occupied // windows).astype(np.int64)
