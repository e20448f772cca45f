"""What the users of one Locust process share: the pools, the books, and the clock they count from.

Made on first use for an environment. It starts the schedules when all users stand, keeps Locust's
statistics and the two clocks' histograms up to date, and at the end prints and writes the summary.
"""

import gc
from collections.abc import Iterator
from random import Random
from typing import Any
from weakref import WeakKeyDictionary

import gevent
import msgspec
import numpy as np
from locust.env import Environment
from locust.runners import WorkerRunner

from rehearsal.model.clock import NS_PER_S, SystemClock, nanoseconds
from rehearsal.model.histogram import Ints
from rehearsal.model.history import Row
from scenarios import arrival
from scenarios.books import Books
from scenarios.pool import Dispatcher, GeventPace

_LEAD_S = 0.2
_EVERY_S = 0.25
_BLOCK = 4096


class Start(msgspec.Struct, frozen=True, gc=False):
    """One arrival of a user class's own schedule."""

    index: int
    due_ns: int


class Stand:
    """The shared state of one environment's users."""

    def __init__(self, environment: Environment) -> None:
        self.origin_ns = 0
        self._environment = environment
        self._clock = SystemClock()
        self._pools: dict[type, Dispatcher[Start]] = {}
        self._planned = 0
        self._drops: dict[str, int] = {}
        self._books = Books(environment)
        self.take = self._books.take
        environment.events.spawning_complete.add_listener(self._begin)
        environment.events.test_stop.add_listener(self._stop)
        environment.events.quitting.add_listener(self._report)
        self._flusher = gevent.spawn(self._flush)

    def pool_of(self, user: type) -> Dispatcher[Start]:
        """Return the pool of a user class; its schedule starts when all users stand."""
        if user not in self._pools:
            due_ns = due_of(user.arrivals, user.seed)  # type: ignore[attr-defined]
            share = _stripe(self._environment)
            mine = due_ns[share[0] :: share[1]]
            self._planned += len(mine)
            # The origin is known only when all users stand, so the pace asks for it each time.
            self._pools[user] = Dispatcher(_starts(mine, *share), _Pace(self), self._drop)
        return self._pools[user]

    def _begin(self, **_: Any) -> None:
        if self.origin_ns or not self._pools:
            return
        # What is loaded now lives to the end: keeping it out of every collection shortens the pauses
        # that would make sends late.
        gc.collect()
        gc.freeze()
        self.origin_ns = self._clock.now_ns() + nanoseconds(_LEAD_S)
        self._books.begin(self.origin_ns)
        gevent.spawn(self._walk)

    def _walk(self) -> None:
        gevent.joinall([gevent.spawn(pool.run) for pool in self._pools.values()], raise_error=True)
        runner = self._environment.runner
        if runner is not None and not isinstance(runner, WorkerRunner):
            runner.quit()

    def _stop(self, **_: Any) -> None:
        for pool in self._pools.values():
            pool.abort()
        self._books.end()

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

    def _drop(self, row: Row) -> None:
        self._drops[row.f] = self._drops.get(row.f, 0) + 1


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
        return runner.worker_index, max(1, int(getattr(options, "expect_workers", 1) or 1))
    return 0, 1


_stands: WeakKeyDictionary[Environment, Stand] = WeakKeyDictionary()


def stand_of(environment: Environment) -> Stand:
    """Return the stand of an environment, made on first use."""
    found = _stands.get(environment)
    if found is None:
        found = _stands[environment] = Stand(environment)
    return found
