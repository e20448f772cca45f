"""What a load process writes down: an attempt costs the hot path one tuple, all else happens at the flush.

At a flush attempts become lines of the history, counts of the histograms (on three clocks), entries of
Locust's statistics and the live tally, slice by slice, with a pause between slices in which visits go on.
Whatever the run's length, no more is held than the attempts since the last flush and the histograms' counts
since the last cut.

Measured at 20,000 attempts a second, flushed each 0.25 s (Python 3.11, CPU time of one thread): 1.8 µs an
attempt in all, 0.1 µs of it in the hot path; of the rest Locust's statistics take about half, JSON, columns,
histograms and their cut 0.2 µs each. The longest stretch without a pause was 2.2 ms.
"""

import time
from collections.abc import Callable, Sequence

import msgspec
import numpy as np

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.histogram import Ints
from rehearsal.model.history import PENDING, Row
from rehearsal.model.secrets import Masker
from scenarios.hush import hushed
from scenarios.recording.histogram_book import HistogramBook
from scenarios.recording.locust_stats import BatchedStats
from scenarios.recording.sink import Sink
from scenarios.recording.tally import Tally

#: Attempts taken in one go.
SLICE = 500
#: Histograms are cut once a second, or when so many counts wait: then a cut is about as long as a slice.
_CUT_EVERY_NS = NS_PER_S
_MOST_HELD = 20_000

_Attempt = tuple[Row, bool, int, str]


class Recorder:
    """Records one load process's attempts, visits and drops. Not to be flushed by two greenlets at a time."""

    def __init__(
        self,
        sink: Sink,
        book: HistogramBook,
        stats: BatchedStats,
        tally: Tally,
        *,
        mask: Masker | None = None,
    ) -> None:
        """Take the four that are told at each flush, and what masks secrets in rows, if there are any."""
        self._sink = sink
        self._book = book
        self._stats = stats
        self._tally = tally
        self._mask = mask
        self._attempts: list[_Attempt] = []
        self._others: list[Row] = []
        self._encoder = msgspec.json.Encoder()
        self._cut_ns = 0

    @property
    def held(self) -> int:
        """Return how many attempts, rows and counts are held."""
        return len(self._attempts) + len(self._others) + self._book.held

    def attempt(self, row: Row, *, good: bool, length: int, method: str) -> None:
        """Record one request: was the answer a good one, how long in bytes, asked by which method."""
        self._attempts.append((row if self._mask is None else hushed(row, self._mask), good, length, method))

    def visit(self, row: Row) -> None:
        """Record a visit that is over."""
        self._others.append(row if self._mask is None else hushed(row, self._mask))

    def drop(self, row: Row) -> None:
        """Record an arrival that was not started."""
        self._others.append(row)

    def flush(self, now_ns: int, pause: Callable[[], None] = lambda: None) -> None:
        """Hand on what was recorded; `now_ns` counts from the run's origin, as the rows do.

        `pause` is called between slices, a few milliseconds apart, and may let others record meanwhile.
        """
        epoch_s = time.time() - now_ns / NS_PER_S
        for _ in range(0, len(self._attempts), SLICE):
            batch = self._attempts[:SLICE]
            del self._attempts[:SLICE]
            self._take(batch, epoch_s)
            if self._book.held >= _MOST_HELD:
                self._cut(now_ns)
            pause()
        self._stats.flush(pause)
        others, self._others = self._others, []
        self._sink.history(self._lines(others)[0])
        self._sink.flush()
        if now_ns - self._cut_ns >= _CUT_EVERY_NS:
            self._cut(now_ns)

    def extend(self, phases: Sequence[tuple[str, int]], now_ns: int) -> None:
        """Go on with more phases: names and starts, all of them after those known so far."""
        self._cut(now_ns)
        self._book.extend(phases)

    def close(self, now_ns: int) -> None:
        """Hand on everything, mark the end of the histograms, and close the sink."""
        self.flush(now_ns)
        self._sink.histograms(self._book.cut(end=True))
        self._sink.close()

    def _cut(self, now_ns: int) -> None:
        """Hand on what was counted; the history it is about goes first, and so survives with it."""
        self._cut_ns = now_ns
        self._sink.flush()
        self._sink.histograms(self._book.cut())
        self._sink.flush()

    def _take(self, batch: list[_Attempt], epoch_s: float) -> None:
        taken, goods, lengths, methods = zip(*batch, strict=True)
        lines, rows = self._lines(taken)
        self._sink.history(lines)
        due_ns, sent_ns, done_ns = _instants(rows)
        self._book.add([(row.f, row.region, row.outcome) for row in rows], due_ns, sent_ns, done_ns)
        self._tally.extend(due_ns, sent_ns, done_ns, np.array(goods))
        self._stats.extend(
            zip(
                methods,
                [row.f for row in rows],
                # A payment not decided yet is no failure: what becomes of it, a later answer tells.
                [
                    "" if good or row.error == PENDING else row.error
                    for row, good in zip(rows, goods, strict=True)
                ],
                (done_ns - due_ns).tolist(),
                lengths,
                (epoch_s + done_ns / NS_PER_S).tolist(),
                strict=True,
            )
        )

    def _lines(self, rows: Sequence[Row]) -> tuple[bytes, Sequence[Row]]:
        try:
            return self._encoder.encode_lines(rows), rows
        except UnicodeEncodeError:
            # A shop or an adapter that names what is no text must not cost the rows beside it.
            printable = [_printable(row) for row in rows]
            return self._encoder.encode_lines(printable), printable


def _instants(rows: Sequence[Row]) -> tuple[Ints, Ints, Ints]:
    due_ns = np.array([row.due_ns for row in rows], np.int64)
    sent_ns = np.array([row.sent_ns for row in rows], np.int64)
    return due_ns, sent_ns, np.array([row.done_ns for row in rows], np.int64)


def _printable(row: Row) -> Row:
    texts = {name: value for name, value in msgspec.structs.asdict(row).items() if isinstance(value, str)}
    printable = {name: text.encode(errors="backslashreplace").decode() for name, text in texts.items()}
    return msgspec.structs.replace(row, **printable)
