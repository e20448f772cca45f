"""The recorder: what goes in comes out whole, in the agreed order, and nothing is kept."""

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from locust.event import Events
from locust.stats import RequestStats

from rehearsal.model.history import PENDING, Kind, Outcome, Row
from rehearsal.model.secrets import masker
from scenarios.recording.histogram_book import HistogramBook
from scenarios.recording.locust_stats import BatchedStats
from scenarios.recording.recorder import SLICE, Recorder
from scenarios.recording.tally import Tally

S = 1_000_000_000
MS = 1_000_000
#: Locust's event hooks carry no types.
Unchecked: Any = Events


class Kept:
    """A sink that remembers what it was told."""

    def __init__(self) -> None:
        """Begin empty."""
        self.rows: list[Row] = []
        self.marks: list[int] = []
        self.told: list[str] = []

    def history(self, lines: bytes) -> None:
        """Keep rows."""
        self.rows += msgspec.json.Decoder(Row).decode_lines(lines)

    def histograms(self, lines: bytes) -> None:
        """Keep what the mark says."""
        mark = msgspec.json.decode(lines.splitlines()[-1])
        self.marks.append(mark["attempts"])
        self.told.append("histograms")

    def flush(self) -> None:
        """Note it."""
        self.told.append("flush")

    def close(self) -> None:
        """Note it."""
        self.told.append("close")


class Lab:
    """A recorder and everything around it."""

    def __init__(self) -> None:
        """Begin empty."""
        self.sink = Kept()
        environment: Any = SimpleNamespace(stats=RequestStats(), events=Unchecked(), runner=None)
        self.stats = environment.stats
        self.tally = Tally()
        self.book = HistogramBook((("normal", 0),))
        self.recorder = Recorder(self.sink, self.book, BatchedStats(environment), self.tally)

    def attempt(self, n: int, **changes: Any) -> Row:
        """Record attempt n, due at n ms and 5 ms long."""
        row = Row(kind=Kind.OP, f="pay", due_ns=n * MS, sent_ns=n * MS, done_ns=(n + 5) * MS, **changes)
        self.recorder.attempt(row, good=row.outcome == Outcome.OK, length=10, method="POST")
        return row


@pytest.fixture
def lab() -> Lab:
    """Return an empty lab."""
    return Lab()


def test_every_row_reaches_the_history(lab: Lab) -> None:
    """Attempts, visits and drops, in slices or not, once each."""
    rows = [lab.attempt(n, outcome=Outcome.OK) for n in range(2 * SLICE + 3)]
    visit, drop = Row(kind=Kind.VISIT, f="cart"), Row(kind=Kind.DROP, f="pool_exhausted")
    lab.recorder.visit(visit)
    lab.recorder.drop(drop)
    lab.recorder.flush(1)

    assert lab.sink.rows == [*rows, visit, drop]


def test_each_attempt_is_booked_everywhere(lab: Lab) -> None:
    """History, histograms, Locust's statistics and the tally count the same attempts."""
    lab.attempt(0, outcome=Outcome.OK)
    lab.attempt(1, outcome=Outcome.INFO, error=PENDING)
    lab.attempt(2, outcome=Outcome.FAIL, error="timeout")
    lab.recorder.flush(10 * MS)
    total = lab.stats.total
    progress = lab.tally.progress(10 * MS, started=0, dropped=0, in_flight=0)

    assert (lab.book.attempts, progress.requests_per_s, total.num_requests) == (3, 3.0, 3)
    # A payment that is not decided yet is not good so far, but no failure of the request either.
    assert progress.good_share == pytest.approx(1 / 3)
    assert total.num_failures == 1
    assert [error.error for error in lab.stats.errors.values()] == ["timeout"]


def test_locust_books_by_the_time_of_the_end(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt flushed a second late is in the second in which it ended."""
    monkeypatch.setattr("time.time", lambda: 1_790_000_002.0)
    lab.attempt(0, outcome=Outcome.OK)
    lab.recorder.flush(1005 * MS)

    assert dict(lab.stats.total.num_reqs_per_sec) == {1_790_000_001: 1}


def test_histograms_are_cut_once_a_second_and_at_the_end(lab: Lab) -> None:
    """What a mark counts was flushed to the history before; the last mark counts everything."""
    for now_ns in (S // 2, S, S + S // 2, 2 * S):
        lab.attempt(now_ns // MS, outcome=Outcome.OK)
        lab.recorder.flush(now_ns)
    lab.attempt(2100, outcome=Outcome.OK)
    lab.recorder.close(2 * S + S // 5)

    assert lab.sink.marks == [2, 4, 5]
    assert [before for before, told in pairwise(lab.sink.told) if told == "histograms"] == ["flush"] * 3
    assert lab.sink.told[-1] == "close"


def test_many_attempts_are_cut_sooner(lab: Lab) -> None:
    """However many there are, no more counts wait than one cut can write without holding others up."""
    for n in range(14 * SLICE):
        lab.attempt(n // 50, outcome=Outcome.OK)
    lab.recorder.flush(S // 4)

    assert lab.sink.marks == [14 * SLICE]
    assert lab.recorder.held == 0


def test_others_may_record_while_a_flush_pauses(lab: Lab) -> None:
    """What is recorded between slices waits for the next flush, and is not lost."""
    for n in range(SLICE + 1):
        lab.attempt(n, outcome=Outcome.OK)
    meanwhile: list[Row] = []
    lab.recorder.flush(1, lambda: meanwhile.append(lab.attempt(9, outcome=Outcome.OK)))
    flushed = len(lab.sink.rows)
    lab.recorder.close(2)

    assert SLICE + 1 <= flushed < SLICE + 1 + len(meanwhile)
    assert len(lab.sink.rows) == lab.sink.marks[-1] == SLICE + 1 + len(meanwhile)


def test_what_is_held_does_not_grow(lab: Lab) -> None:
    """A minute or an hour: what is kept after a flush is the last second's counts, and no row."""
    held = []
    for second in range(60):
        for n in range(40):
            lab.attempt(second * 1000 + n * 25, outcome=Outcome.OK)
            if n % 10 == 9:
                lab.recorder.flush(second * S + (n + 1) * 25 * MS)
                held.append(lab.recorder.held)

    assert max(held[:8]) == max(held)
    assert max(held) <= 40 * 3
    assert sum(chunk.shape[1] for chunk in lab.tally._recent) <= 2 * 40
    assert len(lab.book._keys) == 1


def test_text_that_is_none_does_not_cost_the_rows_beside_it(lab: Lab) -> None:
    """A lone surrogate, which JSON cannot hold, is written with a backslash."""
    lab.attempt(0, outcome=Outcome.OK)
    lab.attempt(1, outcome=Outcome.OK, region="\ud800")
    lab.recorder.flush(1)

    assert [row.region for row in lab.sink.rows] == ["", "\\ud800"]
    lab.recorder.flush(9_000_000_000)


def test_secrets_of_a_stranger_s_rows_are_masked(lab: Lab) -> None:
    """Where a row's visit is not known, what records masks the plan's secrets in all it is told."""
    mask = masker(["geheimnis"])
    environment: Any = SimpleNamespace(stats=RequestStats(), events=Unchecked(), runner=None)
    lab.recorder = Recorder(lab.sink, lab.book, BatchedStats(environment), lab.tally, mask=mask)
    lab.attempt(0, outcome=Outcome.FAIL, error="no geheimnis")
    lab.recorder.visit(Row(kind=Kind.USERS, f="error", note="geheimnis"))
    lab.recorder.flush(1)

    assert [(row.error, row.note) for row in lab.sink.rows] == [("no ***", ""), ("", "***")]
    assert [error.error for error in environment.stats.errors.values()] == ["no ***"]
