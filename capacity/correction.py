"""Times of a foreign tool, corrected for the requests that it did not send while it waited.

Our own times run from the instant a request was due, so nothing is left out and nothing is to be corrected:
this is for times that a closed loop measured from its actual sends ("coordinated omission"; Tene's
HdrHistogram has the same correction). A correction guesses what a schedule would have measured.
"""

import numpy as np

from rehearsal.model.histogram import HIGHEST_NS, OVERFLOW, Histogram, Ints, add_up, bounds_ns, bucket_of


def corrected(times_ns: Ints, counts: Ints, every_ns: int) -> Histogram:
    """Return the histogram of a loop that meant to send every `every_ns`, with what it left out added.

    `counts` says how often each of `times_ns` was measured; of a foreign histogram, give its buckets' values.
    A time t stands also for what was due meanwhile: t - every, t - 2 every, … as long as that is at least
    `every`. ValueError for an interval below 1 ns, and for times over an hour or that never ended: how many
    are left out while one waits for ever has no answer.
    """
    if every_ns < 1:
        raise ValueError(f"requests every {every_ns} ns are no schedule: give the interval in ns, at least 1")
    if (times_ns > HIGHEST_NS).any():
        raise ValueError("a time over an hour, or that never ended, cannot be corrected: leave it out")
    buckets = np.arange(OVERFLOW, dtype=np.int64)
    lows, ends = bounds_ns(buckets)
    added = np.zeros(OVERFLOW, np.int64)
    for time_ns, count in zip(times_ns.tolist(), counts.tolist(), strict=True):
        # The k-th that was left out would have taken t - k every: a bucket holds k from `first` to `last`.
        first = np.maximum((time_ns - ends) // every_ns + 1, 1)
        last = np.minimum((time_ns - lows) // every_ns, time_ns // every_ns - 1)
        added += count * np.maximum(last - first + 1, 0)
    measured, some = counts > 0, added > 0
    return Histogram(
        *add_up(
            np.concatenate([bucket_of(times_ns[measured]), buckets[some]]),
            np.concatenate([counts[measured], added[some]]),
        )
    )
