"""The dispatcher under a clock that stands still: each step is one turn of the loop."""

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import gevent.event
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.clock import NS_PER_S, SystemClock
from rehearsal.model.history import Row
from rehearsal.model.plan import VisitKind
from scenarios import pool as pool_module
from scenarios.pool import LATE_NS, Dispatcher, GeventPace
from scenarios.schedule import Arrival


class StillClock:
    """A clock that moves when a test moves it."""

    def __init__(self) -> None:
        """Begin at 0."""
        self.at_ns = 0

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Jump there."""
        self.at_ns = max(self.at_ns, instant_ns)


def turn() -> None:
    """Let everybody who can run do so."""
    gevent.idle()
    gevent.idle()


def browsing(first: int, *due_s: float) -> tuple[Arrival, ...]:
    """Return browsing visits that are due, numbered from `first`."""
    return tuple(Arrival(first + n, round(due * NS_PER_S), VisitKind.BROWSE) for n, due in enumerate(due_s))


class Lab:
    """A dispatcher, its clock, what it dropped and served; users serve until they are released."""

    def __init__(self, *due_s: float, grows: bool = False) -> None:
        """Lay out browsing arrivals."""
        self.clock = StillClock()
        self.dropped: list[Row] = []
        self.served: list[tuple[int, int]] = []
        self.release = gevent.event.Event()
        self.pool = Dispatcher(
            browsing(0, *due_s), GeventPace(self.clock, 0), self.dropped.append, grows=grows
        )
        self.users: list[gevent.Greenlet[..., Any]] = []

    def hire(self, users: int, *, busy: bool = False) -> None:
        """Add users; busy ones keep a visit until `release` is set."""
        self.users += [gevent.spawn(self._user, busy) for _ in range(users)]
        turn()

    def at(self, instant_s: float) -> float | None:
        """Move the clock, dispatch from the hub as the product does, and return when to come again."""
        self.clock.at_ns = round(instant_s * NS_PER_S)
        told: list[float | None] = []
        gevent.get_hub().loop.run_callback(lambda: told.append(self.pool.dispatch_due()))
        turn()
        return told[0]

    @property
    def drops(self) -> list[tuple[str, int]]:
        """Return causes and numbers of what was dropped."""
        return [(row.f, row.visit) for row in self.dropped]

    def _user(self, busy: bool) -> None:
        while True:
            arrival = self.pool.take()
            self.served.append((arrival.index, self.clock.now_ns()))
            if busy:
                self.release.wait()
            self.pool.done()


@pytest.fixture
def lab() -> Iterator[Callable[..., Lab]]:
    """Return a maker of labs whose users end with the test."""
    made: list[Lab] = []

    def make(*due_s: float) -> Lab:
        made.append(Lab(*due_s))
        return made[-1]

    yield make
    for each in made:
        gevent.killall(each.users)


def test_each_arrival_is_handed_over_when_it_is_due(lab: Callable[..., Lab]) -> None:
    """None before its time; the dispatcher says how long it may sleep, and that the end is reached."""
    it = lab(1.0, 2.5)
    it.hire(2)

    assert it.pool.idle == 2
    assert (it.at(0.25), it.served) == (0.75, [])
    assert (it.at(1.0), it.served) == (1.5, [(0, NS_PER_S)])
    assert (it.at(2.5), it.served[1:]) == (None, [(1, 5 * NS_PER_S // 2)])
    assert (it.pool.started, it.pool.dropped, it.pool.in_flight) == (2, 0, 0)
    assert it.pool.finished.is_set()


def test_an_arrival_that_finds_no_user_is_dropped_and_counted(lab: Callable[..., Lab]) -> None:
    """Planned = started + dropped, with the cause written down."""
    it = lab(1.0, 1.1, 1.2)
    it.hire(1, busy=True)
    it.at(1.2)

    assert it.drops == [("pool_exhausted", 1), ("pool_exhausted", 2)]
    assert (it.pool.started, it.pool.dropped, it.pool.in_flight) == (1, 2, 1)
    assert not it.pool.finished.is_set()
    it.release.set()
    turn()
    assert it.pool.finished.is_set()


def test_arrivals_missed_by_a_stalled_generator_are_not_sent_as_a_burst(lab: Callable[..., Lab]) -> None:
    """After a stall, what is more than two seconds late is dropped as the generator's own fault."""
    it = lab(1.0, 1.5)
    it.hire(2)
    it.at(1 + (LATE_NS + 1) / NS_PER_S)

    assert it.drops == [("generator_late", 0)]
    assert [index for index, _ in it.served] == [1]


def test_a_backlog_leaves_the_loop_room_to_read_answers(
    lab: Callable[..., Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than so many visits begin in one turn; then it asks to come again at once."""
    monkeypatch.setattr(pool_module, "_AT_ONCE", 2)
    it = lab(1.0, 1.0, 1.0)
    it.hire(3)

    assert (it.at(1.0), len(it.served)) == (0.0, 2)
    assert (it.at(1.0), len(it.served)) == (None, 3)


def test_a_stop_drops_what_is_still_to_come(lab: Callable[..., Lab]) -> None:
    """Aborted arrivals are counted too, so the ledger balances; nobody waits for them."""
    it = lab(1.0, 2.0, 3.0)
    it.hire(1)
    it.at(1.0)
    it.pool.abort()

    assert it.drops == [("aborted", 1), ("aborted", 2)]
    assert it.pool.finished.is_set()
    assert it.at(3.0) is None


@pytest.mark.parametrize("busy", [pytest.param(False, id="idle"), pytest.param(True, id="on a visit")])
def test_a_user_killed_leaves_the_pool(lab: Callable[..., Lab], busy: bool) -> None:
    """An arrival is never handed to a user that is gone."""
    it = lab(1.0, 2.0)
    it.hire(2, busy=busy)
    it.at(1.0)
    gevent.kill(it.users[1])
    turn()

    assert it.at(2.0) is None
    assert it.pool.started == 2 if not busy else it.pool.started >= 1
    assert it.pool.started + it.pool.dropped == 2


def test_a_user_killed_between_hand_over_and_start_gives_the_visit_back(lab: Callable[..., Lab]) -> None:
    """In flight counts only who serves."""
    it = lab(1.0)
    taken = gevent.spawn(it.pool.take)
    turn()
    it.clock.at_ns = NS_PER_S

    def kill_and_dispatch() -> None:
        it.pool._idle[0].arrival = it.pool._advance()
        it.pool.in_flight += 1

    gevent.get_hub().loop.run_callback(kill_and_dispatch)
    gevent.kill(taken)
    turn()

    assert it.pool.in_flight == 0


def test_the_schedule_cannot_be_walked_past_its_end(lab: Callable[..., Lab]) -> None:
    """There is no arrival after the last."""
    with pytest.raises(IndexError, match="its end"):
        lab().pool._advance()


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(0, 4))
def test_the_ledger_balances_whatever_happens(due_ds: list[int], users: int) -> None:
    """Planned = started + dropped for any schedule and any pool, walked in uneven steps."""
    it = Lab(*(due / 10 for due in sorted(due_ds)))
    it.hire(users, busy=True)
    for instant_s in (0.5, 0.6, 2.9, 4.0):
        while it.at(instant_s) == 0.0:
            pass
    it.release.set()
    turn()
    gevent.killall(it.users)

    assert it.pool.started + it.pool.dropped == len(due_ds)
    assert it.pool.finished.is_set()


def test_a_real_schedule_is_walked_by_a_real_timer() -> None:
    """On the system's clock `run` ends after the last visit, and none began before its due time."""
    clock = SystemClock()
    pace = GeventPace(clock, clock.now_ns())
    planned = tuple(Arrival(n, n * NS_PER_S // 100, VisitKind.BROWSE) for n in range(5))
    pool = Dispatcher(planned, pace, list[Row]().append)
    early: list[int] = []

    def user() -> None:
        while True:
            arrival = pool.take()
            if pace.now_ns() < arrival.due_ns:
                early.append(arrival.index)
            pool.done()

    users = [gevent.spawn(user) for _ in range(5)]
    turn()
    pool.run()
    gevent.killall(users)

    assert (early, pool.started, pool.finished.is_set()) == ([], 5, True)


def test_calls_made_together_are_under_way_at_the_same_time() -> None:
    """Each waits for the other; their results come in order, and an error is the caller's."""
    first, second = gevent.event.Event(), gevent.event.Event()

    def one() -> str:
        first.set()
        second.wait()
        return "one"

    def two() -> str:
        second.set()
        first.wait()
        return "two"

    pace = GeventPace(StillClock(), 0)

    assert pace.together([one, two]) == ["one", "two"]


def test_pace_counts_from_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the past costs nothing; waiting for the future arrives there."""
    clock = StillClock()
    monkeypatch.setattr(
        gevent, "sleep", lambda seconds: clock.sleep_until_ns(clock.at_ns + round(seconds * 1e9))
    )
    pace = GeventPace(clock, 5)
    clock.at_ns = 25
    pace.wait_until_ns(3)

    assert pace.now_ns() == 20
    pace.wait_until_ns(NS_PER_S)
    assert pace.now_ns() == NS_PER_S
