"""Statistics booked in batches against Locust's own, booked one by one on a clock that is set by hand."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import locust.stats
import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locust.event import Events
from locust.exception import StopTest, StopUser
from locust.stats import RequestStats, StatsCSV, StatsEntry, setup_distributed_stats_event_listeners

from rehearsal.model.history import PENDING, Kind, Outcome, Row
from scenarios.recording.locust_stats import SLICE, BatchedStats, fire, keep_precision
from scenarios.recording.stats_batch import Attempt
from scenarios.reply import Reply
from scenarios.storefront import Answer

T0 = 1_790_000_000.0
REPLY = Reply(sent_ns=2, done_ns=5_000_001, status=200, body=b"{}")
#: Locust's event hooks carry no types.
Unchecked: Any = Events
ATTEMPTS = st.lists(
    st.tuples(
        st.sampled_from(("GET", "POST")),
        st.sampled_from(("pay", "product", "order")),
        st.sampled_from(("", "", "timeout", "reset")),
        st.one_of(st.integers(0, 300_000_000), st.integers(0, 40_000_000_000)),
        st.integers(0, 5_000),
        st.floats(0, 1.5),
    ),
    max_size=40,
)


@pytest.fixture(autouse=True)
def put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Locust be as it was after each test."""
    monkeypatch.setattr(locust.stats, "bucket_response_time", locust.stats.bucket_response_time)
    monkeypatch.setattr(StatsCSV, "_percentile_fields", StatsCSV._percentile_fields)


def environment(*listeners: Callable[..., None], cached: bool = True, own: bool = True) -> Any:
    """Return an environment with empty statistics, and Locust's `own` listener among these."""
    events = Unchecked()

    def on_request(**_: Any) -> None:
        raise AssertionError("Locust's own listener would book the attempt twice")

    on_request.__module__ = "locust.runners"
    for listener in (*listeners, on_request) if own else listeners:
        events.request.add_listener(listener)
    stats = RequestStats(use_response_times_cache=cached)
    return SimpleNamespace(stats=stats, events=events, runner=None)


def timed(attempts: list[Attempt]) -> list[Attempt]:
    """Return attempts whose last column is a wait as attempts that end one after another."""
    at_s = T0
    ended: list[Attempt] = []
    for *rest, wait_s in attempts:
        at_s += wait_s
        ended.append((*rest, at_s))  # type: ignore[arg-type]
    return ended


def one_by_one(stats: RequestStats, attempts: list[Attempt]) -> None:
    """Book attempts as Locust does, each when it ends."""
    with pytest.MonkeyPatch.context() as patch:
        for method, name, error, response_ns, length, at_s in attempts:
            patch.setattr(time, "time", lambda at_s=at_s: at_s)
            stats.log_request(method, name, response_ns / 1e6, length)  # type: ignore[arg-type]
            if error:
                stats.log_error(method, name, error)


def content(entry: StatsEntry) -> dict[str, Any]:
    """Return what an entry holds; sums of floats to a part in a million million, and the cache."""
    held: dict[str, Any] = {**entry.serialize()}
    held["start_time"] = None
    held["total_response_time"] = pytest.approx(held["total_response_time"], rel=1e-12)
    cache: dict[int, Any] = dict(entry.response_times_cache or {})
    # An entry caches its empty self when it is made, which the batch does later.
    held["cache"] = {second: dict(seen.response_times) for second, seen in cache.items() if seen.num_requests}
    return held


@settings(max_examples=60)
@given(ATTEMPTS)
def test_batches_book_what_locust_books(attempts: list[Attempt]) -> None:
    """Every entry, the total, the cached seconds and the errors are those of `log_request`, one by one."""
    ended = timed(attempts)
    batched = BatchedStats(ours := environment())
    batched.extend(ended)
    batched.flush()
    theirs = RequestStats()
    one_by_one(theirs, ended)

    assert content(ours.stats.total) == content(theirs.total)
    assert {key: content(entry) for key, entry in ours.stats.entries.items()} == {
        key: content(entry) for key, entry in theirs.entries.items()
    }
    assert {key: (e.method, e.name, e.error, e.occurrences) for key, e in ours.stats.errors.items()} == {
        key: (e.method, e.name, e.error, e.occurrences) for key, e in theirs.errors.items()
    }


def test_batches_follow_each_other() -> None:
    """Many slices and many flushes give one set of statistics; others may run between slices."""
    attempts: list[Attempt] = [
        ("GET", "product", "" if n % 7 else "eof", n * 100_000, 10, T0 + n / 500)
        for n in range(2 * SLICE + 5)
    ]
    batched = BatchedStats(ours := environment())
    pauses = []
    for part in (attempts[: SLICE + 1], attempts[SLICE + 1 :]):
        batched.extend(part)
        batched.flush(lambda: pauses.append(1))
    theirs = RequestStats()
    one_by_one(theirs, attempts)

    assert content(ours.stats.total) == content(theirs.total)
    assert len(pauses) == 4


def test_an_attempt_added_ends_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """`add` takes the instant from the clock, as Locust does."""
    batched = BatchedStats(ours := environment())
    monkeypatch.setattr(time, "time", lambda: T0)
    batched.add("GET", "product", 12_340_000, 7, "")
    batched.flush()

    assert ours.stats.total.last_request_timestamp == T0
    assert ours.stats.total.response_times == {12.3: 1}


@pytest.mark.parametrize(
    ("response_ms", "expected"),
    [
        pytest.param(0.04, 0.0, id="less than half a tenth"),
        pytest.param(0.05, 0.1, id="half a tenth"),
        pytest.param(12.34, 12.3, id="tenths"),
        pytest.param(99.96, 100.0, id="up to the next decade"),
        pytest.param(123.4, 123.0, id="whole milliseconds"),
        pytest.param(1705.0, 1710.0, id="tens: Locust would say 1700"),
        pytest.param(12_345.0, 12_300.0, id="hundreds: Locust would say 12000"),
        pytest.param(-1.0, 0.0, id="a clock that went back"),
    ],
)
def test_response_times_keep_three_digits(response_ms: float, expected: float) -> None:
    """Both ways into the statistics, ours and Locust's own, keep three digits and no more."""
    batched = BatchedStats(ours := environment())
    batched.extend([("GET", "product", "", int(response_ms * 1e6), 0, T0)])
    batched.flush()
    theirs = RequestStats()
    theirs.log_request("GET", "product", max(response_ms, 0.0), 0)  # type: ignore[arg-type]

    assert list(ours.stats.total.response_times) == [expected]
    assert list(theirs.total.response_times) == [expected]


def test_the_csv_writer_cuts_nothing() -> None:
    """Percentiles reach the CSV file with their tenths; Locust's own writer would cut 0.9 ms to 0."""
    keep_precision()
    writer = StatsCSV(ours := environment(), [0.5, 1.0])
    empty = writer._percentile_fields(ours.stats.total)
    ours.stats.log_request("GET", "product", 0.9, 0)

    assert empty == ["N/A", "N/A"]
    assert writer._percentile_fields(ours.stats.total) == [0.9, 0.9]
    assert writer._percentile_fields(ours.stats.total, use_current=True) == [0, 0]


def test_what_a_worker_ships_the_master_adds_up() -> None:
    """Reports cross the wire as msgpack, are cleared at the worker and are whole at the master."""
    attempts = timed([("GET", "pay", "timeout" if n % 3 else "", n * 777_777, 5, 0.3) for n in range(30)])
    worker, master = environment(cached=False), environment()
    setup_distributed_stats_event_listeners(worker.events, worker.stats)
    setup_distributed_stats_event_listeners(master.events, master.stats)
    batched = BatchedStats(worker)
    for part in (attempts[:10], attempts[10:]):
        batched.extend(part)
        batched.flush()
        report: dict[str, Any] = {}
        worker.events.report_to_master.fire(client_id="w", data=report)
        received = msgpack.loads(msgpack.dumps(report), strict_map_key=False)
        master.events.worker_report.fire(client_id="w", data=received)
    expected = RequestStats()
    one_by_one(expected, attempts)
    kept = {key: value for key, value in content(master.stats.total).items() if key != "cache"}

    assert kept == {key: value for key, value in content(expected.total).items() if key != "cache"}
    assert [error.occurrences for error in master.stats.errors.values()] == [20]


def test_strangers_hear_of_each_attempt() -> None:
    """A listener as in Locust's documentation gets every argument, and an exception for a failure alone."""
    heard: list[tuple[Any, ...]] = []

    def listen(  # noqa: PLR0917 - as Locust's documentation writes it
        request_type: str,
        name: str,
        response_time: float,
        response_length: int,
        response: Any,
        context: Any,
        exception: Any,
        start_time: float,
        url: str,
        **_: Any,
    ) -> None:
        heard.append((request_type, name, response_time, response_length, repr(exception), start_time))

    batched = BatchedStats(environment(listen))
    batched.extend([("GET", "product", "", 250_000_000, 7, T0), ("POST", "pay", "timeout", 0, 0, T0)])
    batched.flush()

    assert heard == [
        ("GET", "product", 250.0, 7, "None", T0 - 0.25),
        ("POST", "pay", 0.0, 0, "RequestFailed('timeout')", T0),
    ]


@pytest.mark.parametrize(
    ("raised", "running", "ended"),
    [
        pytest.param(StopUser(), True, False, id="a user that is long gone"),
        pytest.param(StopTest(), True, True, id="the whole test"),
        pytest.param(StopTest(), False, False, id="a test that has no runner yet"),
    ],
)
def test_a_stranger_may_stop_the_test_but_no_user(
    raised: Exception, running: bool, ended: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """What a listener asks of Locust's control flow does not end the one who flushes."""

    def listen(**_: Any) -> None:
        raise raised

    quits: list[bool] = []
    there = environment(listen)
    there.runner = SimpleNamespace(quit=lambda: quits.append(True)) if running else None
    batched = BatchedStats(there)
    batched.add("GET", "product", 1, 0, "")
    batched.flush()

    assert bool(quits) == ended
    assert ("asked to stop a user" in caplog.text) == isinstance(raised, StopUser)
    assert there.stats.total.num_requests == 1


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        pytest.param(Answer(reply=REPLY, outcome=Outcome.OK), False, id="ok"),
        pytest.param(Answer(reply=REPLY, outcome=Outcome.FAIL, error="sold_out"), False, id="a rightful no"),
        pytest.param(Answer(reply=REPLY, outcome=Outcome.INFO, error=PENDING), False, id="not decided yet"),
        pytest.param(Answer(reply=REPLY, outcome=Outcome.INFO, error="timeout"), True, id="no answer"),
    ],
)
def test_a_single_attempt_is_fired_as_locust_does(answer: Answer, failed: bool) -> None:
    """In the closed model attempts go through the event, one by one."""
    heard: list[dict[str, Any]] = []
    row = Row(kind=Kind.OP, f="pay", intent="i", due_ns=1, sent_ns=2, done_ns=5_000_001, error=answer.error)
    fire(environment(lambda **event: heard.append(event), own=False), row, answer)
    (event,) = heard

    assert (event["request_type"], event["name"], event["response_time"]) == ("POST", "pay", 5.0)
    assert (event["response_length"], event["exception"] is not None) == (2, failed)
