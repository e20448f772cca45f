"""What a stand overhears of requests that Locust's own clients make, on clocks that stand still."""

import time
from types import SimpleNamespace
from typing import Any

import gevent
import pytest
from locust.event import Events
from locust.stats import RequestStats

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from scenarios.arrival import constant
from scenarios.recording.bookkeeping import Overheard, Serving
from scenarios.stand import Stand, Start, put_stand, stand_of

#: Locust's event hooks carry no types.
Unchecked: Any = Events
NOW = 50 * NS_PER_S


class Heard:
    """Books that keep what they are told."""

    def __init__(self) -> None:
        self.requests: list[Overheard] = []
        self.visits: list[tuple[Serving, int]] = []
        self.plans: list[tuple[str, int]] = []
        self.take = None

    def overhear(self, request: Overheard) -> None:
        """Keep a request."""
        self.requests.append(request)

    def visit(self, serving: Serving, done_ns: int) -> None:
        """Keep an arrival."""
        self.visits.append((serving, done_ns))

    def plan(self, kind: str, due_ns: Any) -> None:
        """Keep how many arrivals a class has."""
        self.plans.append((kind, len(due_ns)))


class Buyer:
    """A user class with a schedule; its greenlet is the test's own."""

    arrivals = constant(2.0, 5.0)
    seed = None

    def __init__(self) -> None:
        self.greenlet = gevent.getcurrent()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Return a stand of worker 1 of 2 whose clocks read 50 s and 1,000 s, and its books."""
    monkeypatch.setattr(time, "time", lambda: 1000.0)
    environment = SimpleNamespace(stats=RequestStats(), events=Unchecked(), runner=None, parsed_options=None)
    books: Any = Heard()
    held: Any = environment
    stand = Stand(held, books, share=(1, 2), leads=False)
    stand._flusher.kill()
    monkeypatch.setattr(stand, "_clock", SimpleNamespace(now_ns=lambda: NOW))
    stand.origin_ns = 40 * NS_PER_S
    return SimpleNamespace(stand=stand, books=books, environment=held)


def fire(stage: SimpleNamespace, **facts: Any) -> Overheard:
    """Let Locust tell of a request of 20 ms and return what was overheard."""
    told = {
        "request_type": "GET",
        "name": "/p1",
        "response_time": 20.0,
        "response_length": 5,
        "exception": None,
        "response": SimpleNamespace(status_code=200),
        "context": {},
        **facts,
    }
    stage.environment.events.request.fire(**told)
    found: Overheard = stage.books.requests[-1]
    return found


def test_the_walls_clock_is_turned_into_ours(stage: SimpleNamespace) -> None:
    """A request that began 30 ms ago by the wall and took 20 ms was sent 30 ms ago; nothing made it due."""
    request = fire(stage, start_time=999.97)

    assert (NOW - request.sent_ns) // NS_PER_MS in {29, 30}
    assert (request.sent_ns, request.sent_ns + 20 * NS_PER_MS) == (request.due_ns, request.done_ns)
    assert (request.method, request.name, request.status, request.length) == ("GET", "/p1", 200, 5)


TOLD = [
    ("no start: it ended now", {}, 20, 0),
    ("a start after its end: the wall was set back", {"start_time": 1000.5}, 20, 0),
    ("no time at all", {"response_time": None}, 0, 0),
]


@pytest.mark.parametrize(("what", "facts", "took_ms", "status"), TOLD, ids=[row[0] for row in TOLD])
def test_what_a_client_leaves_out_is_put_in(
    stage: SimpleNamespace, what: str, facts: dict[str, Any], took_ms: int, status: int
) -> None:
    """Clients of other protocols tell less."""
    request = fire(stage, **{"response": None, "response_length": None, **facts})

    assert (NOW - took_ms * NS_PER_MS, NOW) == (request.sent_ns, request.done_ns), what
    assert (status, 0) == (request.status, request.length)


def test_the_first_request_of_an_arrival_is_due_with_it(stage: SimpleNamespace) -> None:
    """And the next is due when it is sent; once the arrival is over no request belongs to it."""
    user = Buyer()
    stage.stand.pool_of(Buyer)
    stage.stand.arrived(user, Start(3, 9 * NS_PER_S))
    serving = stage.stand.serving()
    first, second = fire(stage), fire(stage)
    stage.stand.over(user)

    assert serving == Serving("Buyer", 3, 49 * NS_PER_S, NOW)
    assert (49 * NS_PER_S, second.sent_ns) == (first.due_ns, second.due_ns)
    assert [(serving, NOW)] == stage.books.visits
    assert stage.stand.serving() is None


def test_a_share_of_a_classs_schedule_is_planned(stage: SimpleNamespace) -> None:
    """Ten arrivals in five seconds are five for the second worker of two."""
    stage.stand.pool_of(Buyer)

    assert stage.books.plans == [("Buyer", 5)]


def test_an_environment_has_the_stand_it_was_given(stage: SimpleNamespace) -> None:
    """Users find the stand of a led run, not one of their own."""
    environment: Any = _Environment()
    put_stand(environment, stage.stand)

    assert stand_of(environment) is stage.stand


class _Environment:
    """Something a stand can be kept for."""
