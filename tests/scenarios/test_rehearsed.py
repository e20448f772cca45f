from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent
import msgspec
import pytest
from locust.env import Environment

from rehearsal.model.clock import nanoseconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import ADAPTER_ERROR, Row
from rehearsal.model.plan import Plan
from rehearsal.model.secrets import Masker
from scenarios import data_file
from scenarios.closing import LAST_VISITS_S
from scenarios.http.cookies import Jar
from scenarios.load_order import Growth, LoadOrder, Progress
from scenarios.rehearsed import Rehearsed
from scenarios.reply import Reply
from scenarios.schedule import Schedule, stripe
from scenarios.secret_sources import Source
from scenarios.shopper import basis_of
from scenarios.storefront import Endpoints
from scenarios.test_data import Table

ADAPTER = "rehearsal.pipeline.selftest.booking_adapter:BookingStorefront"
VISITS = 122
KEY = "key of all"


class Wire:
    """A shop that answers everything alike, and sets a cookie."""

    def __init__(self, answer: Mapping[str, str]) -> None:
        """Take the answer."""
        self.give_up_s: float | None = None
        self.cookies = Jar()
        self.held: list[int] = []
        self._answer = answer

    def forget(self) -> None:
        """Forget all cookies."""
        self.cookies = Jar()

    def request(self, method: str, url: str, **_: Any) -> Reply:
        """Answer, having looked at the cookies."""
        if method == "POST":
            self.held.append(len(self.cookies.held))
        self.cookies.store("session=1", "127.0.0.1", "/")
        return Reply(sent_ns=1, done_ns=2, status=200, body=msgspec.json.encode(self._answer))


class Ears:
    """Sink and link of a load process that is not started."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.clock = SimpleNamespace(now_ns=lambda: 0)
        self.rows: list[Row] = []

    def origin_ns(self) -> int:
        """Return no origin."""
        return 0

    def enough(self) -> bool:
        """Go on for ever."""
        return False

    def grown(self) -> list[Growth]:
        """Hear of nothing more."""
        return []

    def say(self, progress: Progress) -> None:
        """Hear nothing."""

    def history(self, lines: bytes) -> None:
        """Keep the rows."""
        self.rows += msgspec.json.Decoder(Row).decode_lines(lines)

    def histograms(self, chunk: bytes) -> None:
        """Keep nothing."""

    def flush(self) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Keep nothing."""


@pytest.fixture
def order(make_plan: Callable[..., Plan], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadOrder:
    """Return what a load process is told: users with secret passwords, and a secret of all."""
    monkeypatch.setenv("KEY", KEY)
    monkeypatch.setattr("scenarios.rehearsed.hush_streams", lambda _: None)
    path = tmp_path / "users.csv"
    path.write_text("email,password\n" + "".join(f"u{n},geheim {n:03}\n" for n in range(VISITS)))
    _, sha256 = data_file.load(path)
    users = Table(name="users", file=str(path), sha256=sha256, rows=VISITS, secret=("password",))
    return LoadOrder(
        adapter=ADAPTER,
        endpoints=Endpoints(url="http://127.0.0.1:1"),
        basis=msgspec.structs.replace(basis_of(make_plan()), think_s=0.0),
        seed=1,
        pool=1,
        run="r",
        data=(users,),
        secrets=(Source(name="key", env="KEY"),),
    )


def rows_of(order: LoadOrder, http: Wire, visits: int) -> list[Row]:
    """Return the rows of the first visits, all of which only look."""
    due_ns = tuple(range(VISITS))
    schedule = Schedule(schema=1, seed=1, sha256="", planned={}, due_ns=due_ns, kind=tuple(0 for _ in due_ns))
    ears = Ears()
    rehearsed = Rehearsed(order, schedule, Environment(), link=ears, sink=ears)
    arrivals: Iterator[Any] = iter(stripe(schedule, 0, 1)[VISITS - visits :])
    rehearsed._dispatcher = SimpleNamespace(take=lambda: next(arrivals), done=lambda: None)  # type: ignore[assignment]
    for _ in range(visits):
        rehearsed.serve(http)  # type: ignore[arg-type]
    rehearsed._recorder.flush(1)
    return ears.rows


def test_garbage_is_collected_before_the_origin_is_chosen(
    order: LoadOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the word "ready", and only half a second ahead: on a slow machine the first visits would be late."""
    done: list[str] = []

    def say(_: Ears, progress: Progress) -> None:
        done.append(progress.state)
        raise InterruptedError

    monkeypatch.setattr("scenarios.rehearsed.quiet", lambda: done.append("quiet"))
    monkeypatch.setattr(Ears, "say", say)
    schedule, ears = Schedule(schema=1, seed=1, sha256="", planned={}, due_ns=(), kind=()), Ears()
    alone = msgspec.structs.replace(order, pool=0)
    with pytest.raises(InterruptedError):
        Rehearsed(alone, schedule, Environment(), link=ears, sink=ears).conduct()

    assert done == ["quiet", "ready"]


def test_what_a_shop_tells_of_secrets_is_masked(order: LoadOrder) -> None:
    """The plan's, and those of the visit's own row; what belongs to another visit is not known to it."""
    rows = rows_of(order, Wire({"region": f"geheim 121, {KEY}, geheim 001"}), 1)

    assert {row.region for row in rows if row.region} == {"***, ***, geheim 001"}


def test_what_an_adapter_s_error_tells_of_secrets_is_masked(order: LoadOrder) -> None:
    """The adapter breaks over visit 120, naming what it should not."""
    rows = rows_of(order, Wire({}), 2)

    assert [row.note for row in rows if row.error == ADAPTER_ERROR] == [
        "ValueError: the page of '***' has no price, although *** was shown"
    ]


def test_what_a_visit_prints_is_masked(order: LoadOrder, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the greenlet of a visit with its own secrets; in any other with those of the plan."""
    masks: list[Masker] = []
    monkeypatch.setattr("scenarios.rehearsed.hush_streams", masks.append)
    said = f"geheim 121 geheim 001 {KEY}"
    rows_of(order, Wire({}), 1)
    (mask,) = masks

    assert (mask(said), gevent.spawn(mask, said).get()) == ("*** geheim 001 ***", "geheim 121 geheim 001 ***")


def test_each_visit_begins_without_cookies(order: LoadOrder) -> None:
    """A user of the pool serves one shopper after another; a session is hers alone."""
    wire = Wire({})
    rows_of(order, wire, 3)

    assert (wire.held, bool(wire.cookies.held)) == ([0, 0, 0], True)


def test_what_is_different_in_a_trial_reaches_the_visits_that_are_due_in_it(order: LoadOrder) -> None:
    """Rules and products of the plan's phases at first, and of each trial as it is appended."""
    told = msgspec.structs.replace(order, varied=((0, 3, 1),))
    schedule = Schedule(
        schema=1, seed=1, sha256="", planned={}, due_ns=tuple(range(VISITS)), kind=tuple([0] * VISITS)
    )
    ears = Ears()
    rehearsed = Rehearsed(told, schedule, Environment(), link=ears, sink=ears)
    rehearsed._dispatcher = SimpleNamespace(extend=lambda _: None)  # type: ignore[assignment]
    growth = Growth(
        phases=(("trial 01", 500), ("rest 02", 900)),
        first=VISITS,
        due_ns=(),
        kind=(),
        varied=((500, 0, 5), (900, 0, 1)),
    )
    rehearsed._grow(growth, SimpleNamespace(now_ns=lambda: 400))  # type: ignore[arg-type]

    assert [rehearsed._shopping.varied.at(at_ns) for at_ns in (499, 500, 900)] == [(3, 1), (0, 5), (0, 1)]


class Stopping(Ears):
    """One whose run began at once, and is over at the first look."""

    def origin_ns(self) -> int:
        """Return an origin."""
        return 1

    def enough(self) -> bool:
        """Say so."""
        return True


@pytest.mark.parametrize(
    ("end_ns", "grows", "closes_ns"),
    [
        pytest.param(7, False, 7, id="a plan knows when its last phase ends"),
        pytest.param(0, True, -1, id="a search only when it is told"),
    ],
)
def test_visits_end_whatever_the_shop_does(
    order: LoadOrder, monkeypatch: pytest.MonkeyPatch, end_ns: int, grows: bool, closes_ns: int
) -> None:
    """So long after the last can be due."""
    monkeypatch.setattr("scenarios.rehearsed.quiet", lambda: None)
    monkeypatch.setattr("scenarios.rehearsed._EVERY_S", 0.001)
    told = msgspec.structs.replace(order, pool=0, data=(), end_ns=end_ns, grows=grows)
    schedule, ears = Schedule(schema=1, seed=1, sha256="", planned={}, due_ns=(), kind=()), Stopping()
    rehearsed = Rehearsed(told, schedule, Environment(), link=ears, sink=ears)
    rehearsed.conduct()

    assert rehearsed._shopping.closing.at_ns == closes_ns + nanoseconds(LAST_VISITS_S)


def test_a_process_without_its_data_does_not_begin(order: LoadOrder, tmp_path: Path) -> None:
    """On a machine elsewhere the file may be missing, or the variable."""
    (tmp_path / "users.csv").unlink()
    with pytest.raises(RehearsalError, match=r"users\.csv cannot be read"):
        rows_of(order, Wire({}), 1)
    with pytest.raises(RehearsalError, match="NOWHERE, which is not set"):
        rows_of(msgspec.structs.replace(order, secrets=(Source(name="k", env="NOWHERE"),)), Wire({}), 1)
