"""An open model inside Locust: a dispatcher keeps the schedule, Locust's users are the pool that serves it.

An arrival that finds no idle user is dropped (pool_exhausted); one the dispatcher itself reaches more than
`LATE_NS` too late is dropped too (generator_late). Both are counted, so planned = started + dropped.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import cast

import gevent
from gevent.event import AsyncResult, Event

from rehearsal.model.clock import NS_PER_S, Clock
from rehearsal.model.history import Drop, Kind, Row
from scenarios.schedule import Arrival

LATE_NS = 2 * NS_PER_S


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


class Dispatcher:
    """Hands each arrival to an idle user when it is due. `in_flight` counts visits under way."""

    def __init__(
        self, arrivals: Sequence[Arrival], pace: GeventPace, record_drop: Callable[[Row], None]
    ) -> None:
        """Take a stripe of the schedule, time, and where drops are written."""
        self._arrivals = arrivals
        self._pace = pace
        self._record_drop = record_drop
        self._idle: deque[AsyncResult[Arrival]] = deque()
        self.started = 0
        self.dropped = 0
        self.in_flight = 0
        self.finished = Event()

    @property
    def idle(self) -> int:
        """Return how many users wait for an arrival."""
        return len(self._idle)

    def run(self) -> None:
        """Walk the schedule to its end; `finished` is set once the last visit is over."""
        for arrival in self._arrivals:
            self._pace.wait_until_ns(arrival.due_ns)
            self._dispatch(arrival)
        while self.in_flight:
            gevent.sleep(0.05)
        self.finished.set()

    def take(self) -> Arrival:
        """Wait, as a user of the pool, for the next arrival."""
        hand: AsyncResult[Arrival] = AsyncResult()
        self._idle.append(hand)
        return cast("Arrival", hand.get())

    def done(self) -> None:
        """Say that a visit taken is over."""
        self.in_flight -= 1

    def _dispatch(self, arrival: Arrival) -> None:
        if self._pace.now_ns() - arrival.due_ns > LATE_NS:
            self._drop(arrival, Drop.GENERATOR_LATE)
        elif not self._idle:
            self._drop(arrival, Drop.POOL_EXHAUSTED)
        else:
            self.started += 1
            self.in_flight += 1
            # The user that waited shortest has the warmest connections.
            self._idle.pop().set(arrival)

    def _drop(self, arrival: Arrival, cause: Drop) -> None:
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
