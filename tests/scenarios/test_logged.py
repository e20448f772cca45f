"""Visits that are sessions of an access log, in time that stands still."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome, Row
from rehearsal.model.plan import VisitKind
from scenarios.load_order import LoadOrder, LogOrder
from scenarios.logged import LoggedVisits, fate_of, logged_visits, sessions_of
from scenarios.replay import visits
from scenarios.replay.visits import COLUMNS, Visits, visits_of
from scenarios.reply import Reply
from scenarios.schedule import Arrival
from scenarios.storefront import Answer, Endpoints
from scenarios.visit import Basis

S = 1_000_000_000
#: Session 0: three steps within ten seconds. Session 1: one step.
STEPS = [(0, 0, "/"), (0, S, "/a"), (0, 10 * S, "/b"), (1, 0, "/c")]
OUTCOMES = [
    ("a page", 200, "", 4, Outcome.OK, ""),
    ("a page where the log has a redirect", 200, "", 8, Outcome.OK, ""),
    ("a redirect as in the log", 302, "", 8, Outcome.OK, ""),
    ("a redirect where the log has pages", 302, "", 4, Outcome.FAIL, "http_302"),
    ("a redirect where the log tells nothing", 302, "", 0, Outcome.OK, ""),
    ("missing as in the log", 404, "", 16, Outcome.OK, ""),
    ("missing where the log has it", 404, "", 4, Outcome.FAIL, "http_404"),
    ("missing where the log tells nothing", 404, "", 0, Outcome.FAIL, "http_404"),
    ("too many, whatever the log has", 429, "", 16, Outcome.FAIL, "busy"),
    ("broken, as in the log", 500, "", 32, Outcome.INFO, "http_500"),
    ("nobody listens", 0, "connect_refused", 4, Outcome.FAIL, "connect_refused"),
    ("no answer", 0, "timeout", 4, Outcome.INFO, "timeout"),
]


class Over:
    """Never over, until it is; remembers how long it was waited for."""

    def __init__(self) -> None:
        """Begin."""
        self.over = False
        self.waited_s: list[float] = []

    def is_set(self) -> bool:
        """Tell whether it is over."""
        return self.over

    def wait(self, timeout: float) -> bool:
        """Return at once."""
        self.waited_s.append(timeout)
        return self.over


@pytest.fixture
def played() -> Visits:
    """Return two sessions."""
    rows = [(number, at, "GET", path, f"GET {path}", 4) for number, at, path in STEPS]
    return visits_of(pl.DataFrame(rows, schema=list(COLUMNS), orient="row"))


class Shop:
    """Takes `takes_ns` for each answer, of the clock it is given, and notes what was asked when."""

    def __init__(self, pace: Any, takes_ns: int = 0) -> None:
        """Begin."""
        self.pace = pace
        self.takes_ns = takes_ns
        self.asked: list[tuple[int, str, str]] = []

    def request(self, method: str, url: str) -> Reply:
        """Answer one request."""
        sent_ns = self.pace.now_ns()
        self.asked.append((sent_ns, method, url))
        self.pace.wait_until_ns(sent_ns + self.takes_ns)
        return Reply(sent_ns=sent_ns, done_ns=self.pace.now_ns(), status=200)


@pytest.fixture
def play(played: Visits, fake_shop: Any) -> Callable[..., tuple[Shop, list[Row], Row, Over]]:
    """Return a function that plays visit `index`, due after a second, until `end_ns`."""

    def run(
        index: int = 0, *, takes_ns: int = 0, end_ns: int = 60 * S, over: bool = False
    ) -> tuple[Shop, list[Row], Row, Over]:
        shop, stop, rows = Shop(fake_shop.pace, takes_ns), Over(), list[Row]()
        stop.over = over
        logged = LoggedVisits(played, url="http://shop/", seed=7, end_ns=end_ns, over=stop)

        def record(row: Row, _answer: Answer) -> None:
            rows.append(row)

        arrival: Any = Arrival(index, S, VisitKind.LOGGED)
        client: Any = shop
        row = logged.play(arrival, client, pace=fake_shop.pace, record=record)
        return shop, rows, row, stop

    return run


def test_steps_are_due_by_the_logs_clock(play: Callable[..., Any]) -> None:
    """Each is sent when it was, counted from the arrival; rows are called by method and path."""
    shop, rows, visit, _ = play()

    assert shop.asked == [
        (S, "GET", "http://shop/"),
        (2 * S, "GET", "http://shop/a"),
        (11 * S, "GET", "http://shop/b"),
    ]
    assert [(row.f, row.due_ns, row.sent_ns, row.visit) for row in rows] == [
        ("GET /", S, S, 0),
        ("GET /a", 2 * S, 2 * S, 0),
        ("GET /b", 11 * S, 11 * S, 0),
    ]
    assert (visit.f, visit.due_ns, visit.done_ns, visit.outcome) == ("logged", S, 11 * S, Outcome.OK)


def test_nobody_asks_before_the_answer_is_there(play: Callable[..., Any]) -> None:
    """Behind a slow answer the next step is due when that is there, and then the log's clock leads again."""
    shop, _, _, _ = play(takes_ns=3 * S)

    assert [at for at, _, _ in shop.asked] == [S, 4 * S, 11 * S]


def test_sessions_come_round(play: Callable[..., Any]) -> None:
    """Visit 3 of two sessions plays the second of them."""
    assert [path for _, _, path in play(3)[0].asked] == ["http://shop/c"]


def test_nothing_begins_after_the_end(play: Callable[..., Any]) -> None:
    """What is due after the last phase is not sent, and the visit did not go wrong for it."""
    shop, _, visit, _ = play(end_ns=11 * S)

    assert (len(shop.asked), visit.outcome) == (2, Outcome.OK)


def test_a_stop_ends_long_pauses(play: Callable[..., Any]) -> None:
    """A pause longer than two seconds is waited out where a stop is heard, but for its last second."""
    stopped, (_, rows, _, waits) = play(over=True), play()

    assert stopped[0].asked == []
    assert (waits.waited_s, len(rows)) == ([8.0], 3)


@pytest.mark.parametrize(
    ("what", "status", "broke", "seen", "outcome", "error"), OUTCOMES, ids=[row[0] for row in OUTCOMES]
)
def test_the_log_says_what_is_a_good_answer(
    what: str, status: int, broke: str, seen: int, outcome: Outcome, error: str
) -> None:
    """A success is, and what the log has for the same request; what was never answered is as ever."""
    reply = Reply(sent_ns=0, done_ns=1, status=status, error=broke)

    assert fate_of(reply, seen) == (outcome, error), what


def log_order(folder: Path, played: Visits, **other: Any) -> LogOrder:
    """Return an order for sessions in a file that is not there."""
    order = LogOrder(
        file=str(folder / "sessions.parquet"),
        sha256=played.sha256,
        log=str(folder / "access.log"),
        log_sha256="",
        methods=("GET",),
        visits=50,
        end_ns=S,
    )
    return msgspec.structs.replace(order, **other)


def write_log(path: Path) -> str:
    """Write a log of a hundred and fifty sessions, one in two seconds; return its hash."""
    line = '10.0.{}.{} - - [10/Nov/2026:12:{:02d}:{:02d} +0000] "GET /{} HTTP/1.1" 200 17'
    path.write_text("\n".join(line.format(n // 250, n % 250, n // 30, n % 30 * 2, n) for n in range(150)))
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_log_itself_is_read_elsewhere(tmp_path: Path) -> None:
    """Where the run's folder is not, the same log gives the same sessions; another log does not pass."""
    sha256 = write_log(tmp_path / "access.log")
    played = visits_of(visits.read(tmp_path / "access.log", methods=("GET",), seed=3, visits=50).table)
    order = log_order(tmp_path, played, log_sha256=sha256)

    assert sessions_of(order, 3).sha256 == played.sha256
    with pytest.raises(RehearsalError, match=r"sessions of .* are not here what they are"):
        sessions_of(order, 4)
    with pytest.raises(RehearsalError, match=r"The log .* is not here what it is where"):
        sessions_of(msgspec.structs.replace(order, log_sha256="0"), 3)
    (tmp_path / "access.log").unlink()
    with pytest.raises(RehearsalError, match="There is no log"):
        sessions_of(order, 3)


def test_only_a_plan_with_a_log_plays_one(played: Visits, tmp_path: Path) -> None:
    """A load process takes its sessions from the file that the order names, if it names any."""
    order = LoadOrder(
        adapter="",
        endpoints=Endpoints(url="http://shop"),
        basis=Basis(sale_sku="", limit_per_shopper=1, think_s=0.0),
        seed=1,
        pool=1,
    )
    rows = [(number, at, "GET", path, f"GET {path}", 4) for number, at, path in STEPS]
    pl.DataFrame(rows, schema=list(COLUMNS), orient="row").write_parquet(tmp_path / "sessions.parquet")
    with_log = msgspec.structs.replace(order, sessions=log_order(tmp_path, played))

    assert logged_visits(order, Over()) is None
    assert logged_visits(with_log, Over()) is not None
