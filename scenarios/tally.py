"""The last second of load as a few numbers, for whoever watches. Pure."""

from collections import deque

from rehearsal.model.clock import NS_PER_MS, NS_PER_S, seconds
from rehearsal.model.history import Row
from scenarios.load_order import Progress


class Tally:
    """Attempts of the last second, oldest first."""

    def __init__(self) -> None:
        """Begin empty."""
        self._recent: deque[tuple[int, float, float, bool]] = deque()

    def add(self, row: Row, *, good: bool) -> None:
        """Count one attempt."""
        response_ms = (row.done_ns - row.due_ns) / NS_PER_MS
        lag_ms = (row.sent_ns - row.due_ns) / NS_PER_MS
        self._recent.append((row.done_ns, response_ms, lag_ms, good))

    def progress(self, now_ns: int, *, started: int, dropped: int, in_flight: int) -> Progress:
        """Return the state of the second before `now_ns`."""
        while self._recent and self._recent[0][0] < now_ns - NS_PER_S:
            self._recent.popleft()
        responses = sorted(entry[1] for entry in self._recent)
        count = len(responses)
        return Progress(
            state="running",
            at_s=seconds(now_ns),
            started=started,
            dropped=dropped,
            in_flight=in_flight,
            requests_per_s=float(count),
            good_share=sum(entry[3] for entry in self._recent) / count if count else 1.0,
            p95_ms=responses[int(count * 0.95)] if count else 0.0,
            lag_ms=max((entry[2] for entry in self._recent), default=0.0),
        )
