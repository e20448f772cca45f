"""What the users of one Locust process share: the pools, the books, and the clock they count from.

Made on first use for an environment. It starts the schedules when all users stand, keeps Locust's
statistics and the two clocks' histograms up to date, and at the end prints and writes the summary.
"""

import logging
import time
from collections.abc import Iterator
from functools import partial
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

import gevent
import msgspec
import numpy as np
from locust.env import Environment
from locust.runners import WorkerRunner

from rehearsal.model.clock import NS_PER_MS, NS_PER_S, SystemClock, nanoseconds
from rehearsal.model.histogram import Ints
from rehearsal.model.history import Row
from scenarios import arrival
from scenarios.pool import Dispatcher, GeventPace
from scenarios.quiet import quiet
from scenarios.recording.bookkeeping import Bookkeeper, Overheard, Serving
from scenarios.recording.books import Books

_logger = logging.getLogger(__name__)

_LEAD_S = 0.2
#: So often that what waits stays in the processor's cache: a quarter second of it cost 3 %, p99.9 7 ms.
_EVERY_S = 0.05
_BLOCK = 4096
#: Arrivals are numbered by class: those of the n-th from n times this on.
_CLASS = 10**9


class Start(msgspec.Struct, frozen=True, gc=False):
    """One arrival of a user class's own schedule."""

    index: int
    due_ns: int


class Stand:
    """The shared state of one environment's users."""

    def __init__(
        self,
        environment: Environment,
        books: Bookkeeper | None = None,
        *,
        share: tuple[int, int] | None = None,
        leads: bool = True,
    ) -> None:
        """Take the environment; for a led run, which its schedules do not end, also books and share."""
        self.origin_ns = 0
        self._environment = environment
        self._clock = SystemClock()
        self._pools: dict[type, Dispatcher[Start]] = {}
        self._first: dict[type, int] = {}
        self._planned = 0
        self._drops: dict[str, int] = {}
        self._books = books or Books(environment)
        self._share = share
        self._leads = leads
        self._is_quiet = False
        # By greenlet: requests are told of in that of their user, arrivals not yet asked for wait in `_due`.
        self._serving: dict[Any, Serving] = {}
        self._due: dict[Any, int] = {}
        self.take = self._books.take
        environment.events.request.add_listener(self._overhear)
        environment.events.spawning_complete.add_listener(self._begin)
        environment.events.test_stop.add_listener(self._stop)
        environment.events.quitting.add_listener(self._report)
        self._flusher = gevent.spawn(self._flush)

    def pool_of(self, user: type) -> Dispatcher[Start]:
        """Return the pool of a user class; its schedule starts when all users stand."""
        if user not in self._pools:
            due_ns = due_of(user.arrivals, user.seed)  # type: ignore[attr-defined]
            share = self._share or _stripe(self._environment)
            mine = due_ns[share[0] :: share[1]] if share[0] < share[1] else due_ns[:0]
            self._planned += len(mine)
            self._books.plan(user.__name__, mine)
            self._first[user] = _CLASS * len(self._first)
            drop = partial(self._drop, self._first[user])
            # The origin is known only when all users stand, so the pace asks for it each time.
            self._pools[user] = Dispatcher(_starts(mine, *share), _Pace(self), drop)
        return self._pools[user]

    def arrived(self, user: Any, start: Start) -> None:
        """Note that a user begins with an arrival, in that user's greenlet."""
        kind = type(user)
        number = self._first[kind] + start.index
        due_ns = self.origin_ns + start.due_ns
        self._serving[user.greenlet] = Serving(kind.__name__, number, due_ns, self._clock.now_ns())
        self._due[user.greenlet] = due_ns

    def over(self, user: Any) -> None:
        """Note that a user is done with an arrival."""
        self._due.pop(user.greenlet, None)
        if serving := self._serving.pop(user.greenlet, None):
            self._books.visit(serving, self._clock.now_ns())

    def serving(self) -> Serving | None:
        """Return the arrival that the user in whose greenlet this is called is at."""
        return self._serving.get(gevent.getcurrent())

    def _overhear(  # noqa: PLR0913 - what Locust fires
        self,
        *,
        request_type: str,
        name: str,
        response_time: float | None,
        response_length: int | None,
        exception: object = None,
        response: Any = None,
        start_time: float | None = None,
        **_: Any,
    ) -> None:
        """Hear of a request of Locust's own clients, or of any other that tells Locust of its requests.

        Its clock is the wall's, so the monotonic instants are counted back from now. The due time, which such
        a client does not know, is the arrival's for the first request after it.
        """
        took_ns = round(float(response_time or 0.0) * NS_PER_MS)
        now_ns = self._clock.now_ns()
        ago_ns = took_ns if start_time is None else round((time.time() - start_time) * NS_PER_S)
        sent_ns = now_ns - max(ago_ns, took_ns)
        due_ns = self._due.pop(gevent.getcurrent(), sent_ns)
        status = getattr(response, "status_code", 0)
        self._books.overhear(
            Overheard(
                method=str(request_type),
                name=str(name),
                exception=exception,
                status=status if isinstance(status, int) else 0,
                length=int(response_length or 0),
                due_ns=min(due_ns, sent_ns),
                sent_ns=sent_ns,
                done_ns=sent_ns + took_ns,
            )
        )

    def _begin(self, **_: Any) -> None:
        if not self._is_quiet:
            self._is_quiet = True
            quiet()
        if self._leads and any(pool.finished.is_set() for pool in self._pools.values()):
            _logger.error("An open model plays its schedule once; end Locust and start it anew for another.")
        if self.origin_ns or not self._pools:
            return
        self.origin_ns = self._clock.now_ns() + nanoseconds(_LEAD_S)
        self._books.begin(self.origin_ns)
        gevent.spawn(self._walk)

    def _walk(self) -> None:
        gevent.joinall([gevent.spawn(pool.run) for pool in self._pools.values()], raise_error=True)
        runner = self._environment.runner
        if self._leads and runner is not None and not isinstance(runner, WorkerRunner):
            runner.quit()

    def _stop(self, **_: Any) -> None:
        for pool in self._pools.values():
            pool.abort()
        self._books.end()
        # Now: a worker sends its statistics to its master before it says that it quits.
        self._books.flush()

    def _flush(self) -> None:
        while True:
            gevent.sleep(_EVERY_S)
            self._books.flush()

    def _report(self, **_: Any) -> None:
        # On Ctrl-C Locust says that it quits before it says that the test stops.
        self._stop()
        self._flusher.kill(block=False)
        self._books.flush()
        started = sum(pool.started for pool in self._pools.values())
        self._books.report(planned=self._planned, started=started, dropped=dict(sorted(self._drops.items())))

    def _drop(self, first: int, row: Row) -> None:
        self._drops[row.f] = self._drops.get(row.f, 0) + 1
        self._books.drop(msgspec.structs.replace(row, visit=first + row.visit))


class _Pace(GeventPace):
    """Time since the stand's origin, which is chosen late."""

    def __init__(self, stand: Stand) -> None:
        super().__init__(SystemClock(), 0)
        self._stand = stand

    def now_ns(self) -> int:
        return super().now_ns() - self._stand.origin_ns


def due_of(profile: arrival.Profile, seed: int | None) -> Ints:
    """Return when each arrival of a profile is due (ns): evenly, or at random from a seed."""
    count = int(profile.arrivals + 1e-9)
    if seed is None:
        return _whole_ns(arrival.even(profile, count))
    return _whole_ns(arrival.poisson(profile, count, Random(seed)))  # noqa: S311 - a schedule must be repeatable


def _whole_ns(due_s: arrival.Floats) -> Ints:
    return np.rint(due_s * NS_PER_S).astype(np.int64)


def _starts(due_ns: Ints, first: int, step: int) -> Iterator[Start]:
    # In blocks: a schedule of millions stays an array of eight bytes each.
    for block in range(0, len(due_ns), _BLOCK):
        for offset, due in enumerate(due_ns[block : block + _BLOCK].tolist(), start=block):
            yield Start(first + offset * step, due)


def _stripe(environment: Environment) -> tuple[int, int]:
    """Return this worker's number and how many there are; (0, 1) for a single process."""
    runner, options = environment.runner, environment.parsed_options
    if isinstance(runner, WorkerRunner):
        workers = max(1, int(getattr(options, "expect_workers", 1) or 1))
        if runner.worker_index >= workers:
            _logger.error("This worker has no share: start it and its master with --expect-workers.")
        return runner.worker_index, workers
    return 0, 1


_stands: WeakKeyDictionary[Environment, Stand] = WeakKeyDictionary()


def put_stand(environment: Environment, stand: Stand) -> None:
    """Let an environment have this stand: before its first user is made."""
    _stands[environment] = stand


def stand_of(environment: Environment) -> Stand:
    """Return the stand of an environment, made on first use."""
    found = _stands.get(environment)
    if found is None:
        found = _stands[environment] = Stand(environment)
    return found
