import gevent
import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Row
from rehearsal.model.plan import VisitKind
from scenarios.pool import LATE_NS, Dispatcher, GeventPace
from scenarios.schedule import Arrival


class TurningClock:
    """A clock on which every look costs a millisecond, and gevent's sleeps cost what they ask for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take over gevent.sleep."""
        self.at_ns = 0
        switch = gevent.sleep

        def sleep(seconds: float = 0) -> None:
            # Whoever was woken before runs before time moves on.
            switch(0)
            switch(0)
            self.at_ns += round(seconds * NS_PER_S)

        monkeypatch.setattr(gevent, "sleep", sleep)
        self.sleep = sleep

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Jump there."""
        self.at_ns = max(self.at_ns, instant_ns)


def arrivals(*due_s: float) -> tuple[Arrival, ...]:
    """Return browsing arrivals."""
    return tuple(Arrival(n, round(due * NS_PER_S), VisitKind.BROWSE) for n, due in enumerate(due_s))


def test_each_arrival_is_handed_over_when_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """Users get arrivals in order, none before its time; the dispatcher ends after the last visit."""
    clock, dropped = TurningClock(monkeypatch), list[Row]()
    dispatcher = Dispatcher(arrivals(1.0, 2.5), GeventPace(clock, 0), dropped.append)
    served: list[tuple[int, int]] = []

    def user() -> None:
        while True:
            arrival = dispatcher.take()
            served.append((arrival.index, clock.now_ns()))
            dispatcher.done()

    users = [gevent.spawn(user) for _ in range(2)]
    clock.sleep()
    assert dispatcher.idle == 2
    dispatcher.run()
    gevent.killall(users)

    assert served == [(0, NS_PER_S), (1, 5 * NS_PER_S // 2)]
    assert (dispatcher.started, dispatcher.dropped, dispatcher.finished.is_set()) == (2, 0, True)


def test_an_arrival_that_finds_no_user_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planned = started + dropped, with the cause written down."""
    clock, dropped = TurningClock(monkeypatch), list[Row]()
    dispatcher = Dispatcher(arrivals(1.0, 1.1, 1.2), GeventPace(clock, 0), dropped.append)

    def user() -> None:
        dispatcher.take()
        clock.sleep(0.5)
        dispatcher.done()

    gevent.spawn(user)
    clock.sleep()
    dispatcher.run()

    assert [(row.f, row.visit) for row in dropped] == [("pool_exhausted", 1), ("pool_exhausted", 2)]
    assert (dispatcher.started, dispatcher.dropped, dispatcher.in_flight) == (1, 2, 0)


def test_arrivals_missed_by_a_stalled_generator_are_not_sent_as_a_burst(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a stall, what is more than two seconds late is dropped as the generator's own fault."""
    clock, dropped = TurningClock(monkeypatch), list[Row]()
    dispatcher = Dispatcher(arrivals(1.0, 1.5), GeventPace(clock, 0), dropped.append)
    clock.at_ns = NS_PER_S + LATE_NS + 1
    dispatcher.run()

    assert [(row.f, row.visit) for row in dropped] == [("generator_late", 0), ("pool_exhausted", 1)]


def test_pace_counts_from_the_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting for the past costs nothing; waiting for the future arrives there."""
    clock = TurningClock(monkeypatch)
    pace = GeventPace(clock, 5)
    clock.at_ns = 25
    pace.wait_until_ns(3)

    assert pace.now_ns() == 20
    pace.wait_until_ns(NS_PER_S)
    assert pace.now_ns() == NS_PER_S
