"""An open model inside Locust: a dispatcher keeps the schedule, Locust's users are the pool that serves it.

An arrival that finds no idle user is dropped (pool_exhausted); one the dispatcher itself reaches more than
`LATE_NS` too late is dropped too (generator_late); one that a stop came before is dropped (aborted). All are
counted, so planned = started + dropped. After a stall nothing is caught up as a burst of late beginnings
beyond that: a visit that starts late says so in its send lag.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Generic, Protocol, TypeVar

import gevent
from gevent.event import Event

from rehearsal.model.clock import NS_PER_S, Clock
from rehearsal.model.history import Drop, Kind, Row

LATE_NS = 2 * NS_PER_S
#: Visits begun before the loop is given a chance to read answers: a backlog must not delay what is under way.
_AT_ONCE = 32


class Due(Protocol):
    """Something that is due at an instant, counted from the run's origin."""

    @property
    def index(self) -> int:
        """Return its number in the schedule."""

    @property
    def due_ns(self) -> int:
        """Return when it is due."""


D = TypeVar("D", bound=Due)


class GeventPace:
    """Time for visits, counted from the run's origin; waiting lets the other greenlets run."""

    def __init__(self, clock: Clock, origin_ns: int) -> None:
        """Take the clock and the origin in its nanoseconds."""
        self._clock = clock
        self._origin_ns = origin_ns

    def now_ns(self) -> int:
        """Return the instant, in nanoseconds since the origin."""
        return self._clock.now_ns() - self._origin_ns

    def wait_until_ns(self, instant_ns: int) -> None:
        """Return at `instant_ns`; at once if it has passed."""
        delay_ns = instant_ns - self.now_ns()
        if delay_ns > 0:
            gevent.sleep(delay_ns / NS_PER_S)

    def together(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """Make several calls at the same moment and return what each returned, in their order."""
        greenlets = [gevent.spawn(call) for call in calls]
        gevent.joinall(greenlets, raise_error=True)
        return [greenlet.value for greenlet in greenlets]


class _Seat(Generic[D]):
    """Where an idle user waits."""

    __slots__ = ("arrival", "greenlet", "left")

    def __init__(self, greenlet: Any) -> None:
        self.greenlet = greenlet
        self.arrival: D | None = None
        self.left = False


class Dispatcher(Generic[D]):
    """Hands each arrival to an idle user when it is due. `in_flight` counts visits under way."""

    def __init__(
        self,
        arrivals: Iterable[D],
        pace: GeventPace,
        record_drop: Callable[[Row], None],
        *,
        grows: bool = False,
    ) -> None:
        """Take a stripe of the schedule, ordered by due time, the pace, and where drops are written.

        One that `grows` is not finished at the schedule's end: `extend` goes on with it, `abort` ends it.
        """
        self._arrivals = iter(arrivals)
        self._next: D | None = next(self._arrivals, None)
        self._grows = grows
        self._resting = False
        self._pace = pace
        self._record_drop = record_drop
        self._idle: list[_Seat[D]] = []
        self._timer: Any = None
        self.started = 0
        self.dropped = 0
        self.in_flight = 0
        self.finished = Event()

    @property
    def idle(self) -> int:
        """Return how many users wait for an arrival."""
        return sum(not seat.left for seat in self._idle)

    def run(self) -> None:
        """Walk the schedule to its end; return, with `finished` set, once the last visit is over."""
        self._start()
        self.finished.wait()

    def extend(self, arrivals: Iterable[D]) -> None:
        """Go on with more of the schedule, all of it due after what is known so far."""
        self._arrivals = chain(self._arrivals, arrivals)
        if self._next is None:
            self._next = next(self._arrivals, None)
        if self._resting and self._next is not None:
            self._start()

    def take(self) -> D:
        """Wait, as a user of the pool, for the next arrival."""
        seat = _Seat[D](gevent.getcurrent())
        self._idle.append(seat)
        hub = gevent.get_hub()
        try:
            while seat.arrival is None:
                hub.switch()
        except BaseException:
            seat.left = True
            if seat.arrival is not None:
                self.done()
            raise
        return seat.arrival

    def done(self) -> None:
        """Say that a visit taken is over."""
        self.in_flight -= 1
        self._finish_if_over()

    def abort(self) -> None:
        """Drop all that is still to come: the run is stopped."""
        self._grows = False
        while self._next is not None:
            self._drop(self._advance(), Drop.ABORTED)
        self._finish_if_over()

    def dispatch_due(self) -> float | None:
        """Begin what is due, at most `_AT_ONCE`; return the seconds until the next is due, None at the end.

        To be called from the hub: it switches straight into the users, which spares each visit a turn of
        the loop.
        """
        for _ in range(_AT_ONCE):
            if self._next is None:
                self._finish_if_over()
                return None
            ahead_ns = self._next.due_ns - self._pace.now_ns()
            if ahead_ns > 0:
                return ahead_ns / NS_PER_S
            self._dispatch(self._advance(), late_ns=-ahead_ns)
        return 0.0

    def _start(self) -> None:
        self._resting = False
        self._timer = gevent.get_hub().loop.timer(0)
        self._timer.start(self._walk)

    def _walk(self) -> None:
        delay_s = self.dispatch_due()
        self._timer.close()
        if delay_s is None:
            self._resting = True
            return
        self._timer = gevent.get_hub().loop.timer(delay_s)
        # The loop's idea of now is as old as its last wait; update=True counts from this moment.
        self._timer.start(self._walk, update=True)

    def _advance(self) -> D:
        arrival = self._next
        if arrival is None:
            raise IndexError("the schedule is at its end")
        self._next = next(self._arrivals, None)
        return arrival

    def _dispatch(self, arrival: D, late_ns: int) -> None:
        if late_ns > LATE_NS:
            self._drop(arrival, Drop.GENERATOR_LATE)
            return
        # The user that waited shortest has the warmest connections.
        while self._idle:
            seat = self._idle.pop()
            if not seat.left:
                self.started += 1
                self.in_flight += 1
                seat.arrival = arrival
                seat.greenlet.switch()
                return
        self._drop(arrival, Drop.POOL_EXHAUSTED)

    def _finish_if_over(self) -> None:
        if self._next is None and not self.in_flight and not self._grows:
            self.finished.set()

    def _drop(self, arrival: D, cause: Drop) -> None:
        self.dropped += 1
        self._record_drop(
            Row(
                kind=Kind.DROP,
                f=cause,
                visit=arrival.index,
                due_ns=arrival.due_ns,
                sent_ns=self._pace.now_ns(),
            )
        )
