"""Deadlines of all requests under way on one event loop, looked at together.

A timer for each request costs two calls into libev for something that almost never fires; one timer looks
at the requests under way every `EVERY_S` instead, and so a deadline is kept to that.
"""

import time
from typing import Protocol
from weakref import WeakKeyDictionary

from gevent.hub import Hub

EVERY_S = 0.01


class Waiting(Protocol):
    """Something that waits until `deadline_ns` (CLOCK_MONOTONIC)."""

    deadline_ns: int

    def expire(self) -> None:
        """Stop waiting: the deadline has passed."""


class Deadlines:
    """The requests under way on one hub: whoever joins `waiting` sees to it that it is `running`."""

    def __init__(self, hub: Hub) -> None:
        self.waiting: set[Waiting] = set()
        self.running = False
        self._timer = hub.loop.timer(EVERY_S, EVERY_S)

    def start(self) -> None:
        """Look at who is `waiting` from now on, until nobody is."""
        self.running = True
        # The loop's idea of now is as old as its last wait; update=True counts from this moment.
        self._timer.start(self._look, update=True)

    def _look(self) -> None:
        if not self.waiting:
            self.running = False
            self._timer.stop()
            return
        now_ns = time.monotonic_ns()
        for waiting in [each for each in self.waiting if each.deadline_ns <= now_ns]:
            # Whoever ran for the one before may have ended this one, or set it a new deadline.
            if waiting in self.waiting and waiting.deadline_ns <= now_ns:
                self.waiting.discard(waiting)
                waiting.expire()


_of_hub: WeakKeyDictionary[Hub, Deadlines] = WeakKeyDictionary()


def deadlines_of(hub: Hub) -> Deadlines:
    """Return the deadlines of a hub, made on first use."""
    found = _of_hub.get(hub)
    if found is None:
        found = _of_hub[hub] = Deadlines(hub)
    return found
