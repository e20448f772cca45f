"""The books of a Locust process, fed by hand."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import locust.stats
import msgspec
import pytest
from gevent import GreenletExit
from locust.event import Events
from locust.stats import RequestStats, StatsCSV

from rehearsal.model.clock import NS_PER_MS
from scenarios.recording.books import Books
from scenarios.reply import Reply

#: Locust's event hooks carry no types.
Unchecked: Any = Events


@pytest.fixture(autouse=True)
def put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Locust be as it was after each test."""
    monkeypatch.setattr(locust.stats, "bucket_response_time", locust.stats.bucket_response_time)
    monkeypatch.setattr(StatsCSV, "_percentile_fields", StatsCSV._percentile_fields)


def environment(summary: Path | None = None) -> Any:
    """Return an environment with empty statistics."""
    options = SimpleNamespace(rehearsal_summary=str(summary or ""))
    return SimpleNamespace(stats=RequestStats(), events=Unchecked(), runner=None, parsed_options=options)


def request(books: Books, due_ms: int, sent_ms: int, done_ms: int, error: str = "") -> None:
    """Take one request of the given times."""
    reply = Reply(sent_ns=sent_ms * NS_PER_MS, done_ns=done_ms * NS_PER_MS, status=200, body=b"12345")
    books.take("GET", "/x", error, due_ms * NS_PER_MS, sent_ms * NS_PER_MS, reply)


def test_both_clocks_and_the_lag_are_kept_apart() -> None:
    """Response from due, service from sent, lag between: percentiles within half a bucket."""
    books = Books(environment())
    for n in range(100):
        request(books, due_ms=0, sent_ms=n, done_ms=n + 10)
    books.flush()
    summary = books.summary(planned=0, started=0, dropped={})

    assert summary["response_ms"]["p50"] == pytest.approx(59, rel=1 / 2048, abs=0.0006)
    assert summary["response_ms"]["max"] == pytest.approx(109, rel=1 / 2048, abs=0.0006)
    assert summary["service_ms"]["p99"] == pytest.approx(10, rel=1 / 2048, abs=0.0006)
    assert summary["send_lag_ms"]["p95"] == pytest.approx(94, rel=1 / 2048, abs=0.0006)


def test_locusts_own_statistics_follow() -> None:
    """Counts, failures and lengths reach the entry that Locust shows, at each flush and not twice."""
    there = environment()
    books = Books(there)
    request(books, 0, 0, 10)
    request(books, 0, 0, 20, error="http_500")
    books.flush()
    books.flush()
    entry = there.stats.get("/x", "GET")

    assert (entry.num_requests, entry.num_failures, entry.total_content_length) == (2, 1, 10)
    assert (entry.min_response_time, entry.max_response_time) == (10, 20)


def test_the_books_do_not_grow() -> None:
    """What was booked is forgotten; memory is the histograms', however many requests came."""
    books = Books(environment())
    for _ in range(3):
        for n in range(2_500):
            request(books, 0, 0, n % 7)
        books.flush()

    assert len(books._taken) == 0
    assert books._keys == [("GET", "/x", "")]
    assert books.summary(planned=0, started=0, dropped={})["requests"] == 7_500


def test_the_summary_is_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file holds the ledger and both clocks; the terminal shows them."""
    path = tmp_path / "summary.json"
    books = Books(environment(path))
    request(books, 0, 3, 10, error="timeout")
    books.flush()
    books.report(planned=3, started=1, dropped={"pool_exhausted": 2})
    written = msgspec.json.decode(path.read_bytes())
    told = capsys.readouterr().err

    assert (written["planned"], written["started"], written["dropped"]) == (3, 1, {"pool_exhausted": 2})
    assert (written["requests"], written["failures"]) == (1, 1)
    assert "planned 3 = started 1 + dropped (pool_exhausted 2)" in " ".join(told.split())
    assert "send lag" in told


def test_nothing_is_told_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a request there is no table, and no percentile is invented."""
    books = Books(environment())
    books.report(planned=0, started=0, dropped={})

    assert capsys.readouterr().err == ""
    assert books.summary(planned=0, started=0, dropped={})["response_ms"] == {}


def test_a_text_of_its_own_for_each_failure_is_told_as_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many kinds of failures a user invents, so many are told apart; none is lost from the count."""
    monkeypatch.setattr("scenarios.recording.books._MOST_KEYS", 3)
    books = Books(environment())
    for n in range(10):
        request(books, 0, 0, 1, error=f"order {n} is missing")
    request(books, 0, 0, 1)
    books.flush()

    assert len(books._keys) == 5
    assert books.summary(planned=0, started=0, dropped={})["failures"] == 10


def test_a_flush_cut_short_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had not come to is still there for the next."""
    books = Books(environment())
    for _ in range(2_500):
        request(books, 0, 0, 1)
    cut = pytest.MonkeyPatch()
    cut.setattr("scenarios.recording.books.gevent.sleep", lambda _: (_ for _ in ()).throw(GreenletExit))
    with cut.context(), pytest.raises(GreenletExit):
        books.flush()
    cut.undo()
    books.flush()

    assert books.summary(planned=0, started=0, dropped={})["requests"] == 2_500


def test_wall_time_runs_from_begin_to_the_first_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after the end (killing users, say) is no part of the rate."""
    clock = iter([0, 7_000_000_000, 99_000_000_000])
    monkeypatch.setattr("scenarios.recording.books.time.monotonic_ns", lambda: next(clock))
    books = Books(environment())
    books.begin(2_000_000_000)
    books.end()
    books.end()

    assert books.summary(planned=0, started=0, dropped={})["wall_s"] == 5.0
