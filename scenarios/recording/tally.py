"""The last second of load as a few numbers, and what stop conditions look at. Pure."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from rehearsal.model.clock import NS_PER_MS, NS_PER_S, nanoseconds, seconds
from rehearsal.model.histogram import Ints, rank_of
from scenarios.load_order import Progress, Watch

#: done, response, service, send lag (ns), good: a column for each attempt.
_ROWS = 5


class Tally:
    """Attempts of the last second, or of the watch if that is longer, in the chunks in which they came."""

    def __init__(self, watch: Watch | None = None) -> None:
        """Begin empty; without a watch nothing is counted for it."""
        self._recent: deque[Ints] = deque()
        self._watch = watch
        self._keep_ns = max(NS_PER_S, nanoseconds(watch.window_s) if watch else 0)

    def extend(self, due_ns: Ints, sent_ns: Ints, done_ns: Ints, good: NDArray[np.bool_]) -> None:
        """Count attempts that ended about now."""
        if done_ns.size:
            chunk = np.array([done_ns, done_ns - due_ns, done_ns - sent_ns, sent_ns - due_ns, good], np.int64)
            self._recent.append(chunk)
            self._forget(int(done_ns.max()) - self._keep_ns)

    def progress(self, now_ns: int, *, started: int, dropped: int, in_flight: int) -> Progress:
        """Return the state of the second before `now_ns`."""
        self._forget(now_ns - self._keep_ns)
        recent = np.concatenate([np.empty((_ROWS, 0), np.int64), *self._recent], axis=1)
        _, response, service, lag, good = recent[:, recent[0] >= now_ns - NS_PER_S]
        watched, bad, slow = self._watched(recent, now_ns)
        return Progress(
            watched=watched,
            watched_bad=bad,
            watched_slow=slow,
            state="running",
            at_s=seconds(now_ns),
            started=started,
            dropped=dropped,
            in_flight=in_flight,
            requests_per_s=float(good.size),
            good_share=float(good.mean()) if good.size else 1.0,
            p95_ms=_percentile_ms(response, 0.95),
            p99_ms=_percentile_ms(response, 0.99),
            service_p95_ms=_percentile_ms(service, 0.95),
            lag_ms=_percentile_ms(lag, 1.0),
        )

    def _watched(self, recent: Ints, now_ns: int) -> tuple[int, int, int]:
        """Return how many requests the watch saw, how many were not good, and how many too slow."""
        if self._watch is None:
            return 0, 0, 0
        kept = recent[:, recent[0] >= now_ns - nanoseconds(self._watch.window_s)]
        slow_ms = self._watch.slow_ms
        slow = 0 if slow_ms is None else int((kept[1] > slow_ms * NS_PER_MS).sum())
        return kept.shape[1], int((kept[4] == 0).sum()), slow

    def _forget(self, since_ns: int) -> None:
        while self._recent and self._recent[0][0].max() < since_ns:
            self._recent.popleft()


def _percentile_ms(times_ns: Ints, share: float) -> float:
    if not times_ns.size:
        return 0.0
    rank = rank_of(share, times_ns.size) - 1
    return float(np.partition(times_ns, rank)[rank]) / NS_PER_MS
