import http.server
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext

import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Row
from rehearsal.model.plan_capacity import Resource
from rehearsal.pipeline import gauges
from rehearsal.pipeline.gauges import Fetch, Gauges, NoReading, endpoint

ORIGIN_NS = 100 * NS_PER_S
BUSY = Resource(name="servers", series="busy_seconds_total", limit=8, rate=True)
NO_TEXT = "what they say is not Prometheus' text format (invalid metric name:<html>)"
WAITING = Resource(name="waiting", series='waiting{region="a"}', limit=400)


class Hands:
    """A clock whose hands a test turns."""

    def __init__(self) -> None:
        """Begin at the origin."""
        self.at_ns = ORIGIN_NS

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Turn them."""
        self.at_ns = instant_ns


def read_of(
    texts: Sequence[str | Exception], resources: Sequence[Resource] = (BUSY, WAITING), *, begin_s: float = 0
) -> tuple[Gauges, list[Row]]:
    """Return gauges that have read the texts, one a second, and the rows they wrote."""
    rows: list[Row] = []
    clock = Hands()
    found = Gauges(resources, nullcontext(_silent), clock=clock, origin_ns=ORIGIN_NS, record=rows.append)
    for second, text in enumerate(texts):
        clock.at_ns = ORIGIN_NS + round((begin_s + second) * NS_PER_S)
        found.read(_saying(text))
    return found, rows


def _silent() -> str:
    raise NoReading("nobody is there")


def _saying(text: str | Exception) -> Fetch:
    def fetch() -> str:
        if isinstance(text, Exception):
            raise text
        return text

    return fetch


def said(busy_s: float, waiting: float = 0) -> str:
    """Return what a shop of one region says."""
    return f'busy_seconds_total{{region="a"}} {busy_s}\nwaiting{{region="a"}} {waiting}\n'


def test_a_gauge_is_its_reading_and_a_counter_its_growth_a_second() -> None:
    """The first reading of a counter says nothing yet; each other is a row at its instant."""
    _, rows = read_of([said(10, 1), said(14, 3), said(20, 5)])

    assert [(row.f, row.sent_ns // NS_PER_S, row.value) for row in rows] == [
        ("used/waiting", 0, 1.0),
        ("used/servers", 1, 4.0),
        ("used/waiting", 1, 3.0),
        ("used/servers", 2, 6.0),
        ("used/waiting", 2, 5.0),
    ]


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [
        (0, 3, {"servers": 6.0, "waiting": 2.0}),  # gauges of 0, 1 and 2 s; all growth
        (0.5, 2.5, {"servers": 6.0, "waiting": 2.5}),  # half of 4, all of 6, half of 8
        (0, 0.5, {"servers": 4.0, "waiting": 1.0}),
        (2.5, 2.75, {"servers": 8.0}),  # no gauge was read then
        (3, 9, {"waiting": 4.0}),
        (4, 9, {}),
    ],
)
def test_means_are_of_the_stretch_that_is_asked_for(
    start_s: float, end_s: float, expected: dict[str, float]
) -> None:
    """A growth counts by as much of its second as lies within."""
    found, _ = read_of([said(0, 1), said(4, 2), said(10, 3), said(18, 4)])

    assert found.means(round(start_s * NS_PER_S), round(end_s * NS_PER_S)) == pytest.approx(expected)


def test_a_second_that_is_missed_leaves_no_gap_in_a_counter() -> None:
    """Its growth over two seconds is told once, and so much a second."""
    found, rows = read_of([said(0), NoReading("late"), said(8)], [BUSY])

    assert ([row.value for row in rows], found.means(0, 2 * NS_PER_S)) == ([4.0], {"servers": 4.0})
    assert found.told == "1 of 3 readings of the shop's metrics failed: late"


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([NoReading("no route")] * 2, "2 of 2 readings of the shop's metrics failed: no route"),
        (
            ["<html>"],
            f"1 of 1 readings of the shop's metrics failed: {NO_TEXT}",
        ),
        (
            ["other 1\n"],
            "the shop's metrics have no series for servers; the shop's metrics have no series for waiting",
        ),
    ],
    ids=["silent", "no metrics", "others"],
)
def test_a_broken_endpoint_is_one_sentence(texts: list[str | Exception], words: str) -> None:
    """And nothing was used, as far as is known."""
    found, rows = read_of(texts)

    assert (found.told, found.means(0, NS_PER_S), rows) == (words, {}, [])


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "1e999"])
def test_what_is_no_number_is_no_reading_and_is_told(value: str) -> None:
    """Nor is the sum of what else matches: a part of what is used would flatter."""
    pool = Resource(name="pool", series="pool", limit=9)
    texts = ['pool{n="1"} 4\npool{n="2"} 2\n', f'pool{{n="1"}} 4\npool{{n="2"}} {value}\n']
    found, rows = read_of(texts, [pool])

    assert [row.value for row in rows] == [6.0]
    assert (found.told, found.means(0, 2 * NS_PER_S)) == (
        "1 readings of pool were no number (NaN, or without end)",
        {"pool": 6.0},
    )


def test_a_counter_that_is_no_number_for_a_while_leaves_no_gap() -> None:
    """Its growth over the gap is told once; one that never was a number has no line at all."""
    never = Resource(name="never", series="never_total", limit=9, rate=True)
    texts = [said(0) + "never_total NaN\n", said(float("nan")) + "never_total NaN\n", said(8)]
    found, rows = read_of(texts, [BUSY, never])

    assert [row.value for row in rows] == [4.0]
    assert found.told == (
        "2 readings of never were no number (NaN, or without end); "
        "1 readings of servers were no number (NaN, or without end)"
    )


def test_a_counter_that_grows_without_end_is_no_reading() -> None:
    """Two numbers, the difference of which is none."""
    found, rows = read_of([said(-1.7e308), said(1.7e308)], [BUSY])

    assert (rows, found.means(0, NS_PER_S)) == ([], {})


def test_a_series_that_cannot_be_looked_for_is_told_and_the_others_are_read() -> None:
    """It has no limit either."""
    bad = Resource(name="bad", series='x{a=~"b"}', limit=1)
    found, _ = read_of([said(0, 3)], [bad, WAITING])

    assert found.told == 'the series of bad cannot be looked for: Invalid labels: a=~"b"'
    assert (found.means(0, NS_PER_S), found.limits) == ({"waiting": 3.0}, {"waiting": 400})


def test_all_is_well_where_nothing_is_said() -> None:
    """Nothing is wrong, and before anything was read nothing is either."""
    assert (read_of([said(1), said(2)])[0].told, read_of([])[0].told) == ("", "")


def test_what_was_read_before_the_origin_is_no_row() -> None:
    """But a counter's first growth may have begun there."""
    found, rows = read_of([said(0), said(4)], [BUSY, WAITING], begin_s=-0.5)

    assert [row.f for row in rows] == ["used/servers", "used/waiting"]
    assert found.means(0, NS_PER_S) == {"servers": 4.0, "waiting": 0.0}


def test_time_that_stands_still_is_no_rate() -> None:
    """Two readings at one instant."""
    found, _ = read_of([said(0)], [BUSY])
    found.read(_saying(said(5)))

    assert found.means(0, NS_PER_S) == {}


def watched(
    record: Callable[[Row], None], fetch: Fetch, resources: Sequence[Resource] = (WAITING,)
) -> Gauges:
    """Return gauges that a thread of their own will read."""
    return Gauges(resources, nullcontext(fetch), clock=Hands(), origin_ns=ORIGIN_NS, record=record)


def test_a_thread_reads_until_the_end() -> None:
    """Once at least, at once."""
    rows: list[Row] = []
    asked = threading.Event()

    def fetch() -> str:
        asked.set()
        return said(0, 2)

    with watched(rows.append, fetch) as found:
        assert asked.wait(10)

    assert found.means(0, NS_PER_S) == {"waiting": 2.0}


def test_without_resources_nobody_is_asked() -> None:
    """A shop without an endpoint has none."""
    with watched(lambda _: None, _silent, ()) as found:
        pass

    assert (found.told, found.means(0, NS_PER_S), found.limits) == ("", {}, {})


@pytest.mark.parametrize("worse", [False, True])
def test_a_disk_that_is_full_is_told_at_the_end(*, worse: bool) -> None:
    """Unless worse has come."""
    tried = threading.Event()

    def record(_: Row) -> None:
        tried.set()
        raise OSError(28, "No space left on device")

    with pytest.raises(KeyError if worse else OSError), watched(record, lambda: said(0)):
        assert tried.wait(10)
        if worse:
            raise KeyError


@contextmanager
def served(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """Give the address of a server with one answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/metrics"
        finally:
            server.shutdown()
            thread.join()


def with_body(body: bytes, status: int = 200) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    """Return an answer that is always the same, and names what was accepted."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(
            body.replace(b"ACCEPT", (handler.headers["Accept"] + handler.headers["X-R"]).encode())
        )

    return answer


def test_an_endpoint_is_asked_for_text_as_the_run() -> None:
    """The format of its choice would not be read; the run's mark goes with each request."""
    with served(with_body(b"# ACCEPT\n")) as url, endpoint(url, headers={"X-R": "!"}) as fetch:
        assert fetch() == "# text/plain; version=0.0.4!\n"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"no", 404, "answers 404"),
        (b"moved", 302, "answers 302"),
        (b"x" * 200, 200, "gives more than 100 bytes"),
    ],
)
def test_an_endpoint_that_says_nothing_usable_is_no_reading(
    monkeypatch: pytest.MonkeyPatch, body: bytes, status: int, words: str
) -> None:
    """An error page, somewhere else, or more than anybody wants to know."""
    monkeypatch.setattr(gauges, "_MOST_BYTES", 100)
    with (
        served(with_body(body, status)) as url,
        endpoint(url, headers={"X-R": ""}) as fetch,
        pytest.raises(NoReading, match=words),
    ):
        fetch()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/metrics", "https://127.0.0.1:1/", "nowhere", "http://[/"]
)
def test_an_address_that_nobody_answers_at_is_no_reading(url: str) -> None:
    """Nor one that is none."""
    with endpoint(url) as fetch, pytest.raises(NoReading):
        fetch()


def test_an_authority_of_ones_own_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan's `ca_file` says whom to believe."""
    asked: list[str] = []

    def context_of(file: str) -> bool:
        asked.append(file)
        return True

    monkeypatch.setattr(gauges, "context_of", context_of)
    with endpoint("https://127.0.0.1:1/", ca_file="own.pem"):
        pass

    assert asked == ["own.pem"]
