"""Locust users on the load's own client, and the mixin that makes any Locust user open-model.

    class Buyer(OpenModel, HttpUser):
        arrivals = constant(200.0, 30.0)            # 200 visits a second for 30 s, see scenarios.arrival

        @task
        def look(self):
            self.client.get("/products/p1", name="product")

    locust -f buyer.py --host http://127.0.0.1:8000 --headless -u 300 -r 300

`HttpUser` alone is a drop-in for Locust's own, in a closed model.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gevent
from locust import User
from locust.env import Environment
from locust.user.task import LOCUST_STATE_RUNNING, LOCUST_STATE_WAITING

from rehearsal.model.clock import SystemClock
from scenarios import locust_options  # noqa: F401 - adds our options to Locust's
from scenarios.arrival import Profile
from scenarios.client import Client
from scenarios.session import HttpSession
from scenarios.stand import Stand, stand_of


class HttpUser(User):
    """A user whose `client` speaks HTTP by `scenarios.client`, with connections and cookies of its own."""

    abstract = True

    #: Seconds to connect, and for a whole request.
    connection_timeout: float = 5.0
    network_timeout: float = 30.0
    #: Hosts besides this machine and `--host` that redirects and absolute addresses may lead to.
    allow: tuple[str, ...] = ()
    #: False for certificates nobody vouches for, or a file of CAs to trust.
    verify: bool | str = True
    #: Headers that every request has.
    default_headers: Mapping[str, str] | None = None

    def __init__(self, environment: Environment) -> None:
        """Make the session."""
        super().__init__(environment)
        host = self.host or environment.host or ""
        if not host:
            raise ValueError("There is no host to load: name it by --host or in the class.")
        http = Client(
            SystemClock(),
            0,
            connect_timeout_s=self.connection_timeout,
            timeout_s=self.network_timeout,
            allow=(urlsplit(host).hostname or "", *self.allow),
            verify=self.verify,
            headers=self.default_headers,
        )
        self.client = HttpSession(host, http, stand_of(environment).take)

    def start(self, group: Any) -> Any:
        """Start the user; between its tasks it pauses by `_pause`."""
        own: Callable[[], None] = self.on_start
        self._asked = -1

        def on_start() -> None:
            # Locust's own hook for waiting.
            self._taskset_instance._sleep = self._pause  # type: ignore[union-attr, method-assign]  # noqa: SLF001
            own()

        self.on_start = on_start  # type: ignore[method-assign]
        return super().start(group)

    def on_stop(self) -> None:
        """Close the connections."""
        self.client.http.close()

    def _pause(self, seconds: float) -> None:
        # A wait of 0 lets others run. Whoever has sent a request since the last has done so already, and
        # another turn of the loop would cost a fortieth of each request of a five-step visit.
        if seconds > 0 or self.client.asked == self._asked:
            gevent.sleep(seconds)
        self._asked = self.client.asked


class OpenModel:
    """Mixed in before a user class: its tasks begin when the schedule says so, not when a task before ended.

    One arrival is one task, chosen as Locust chooses it; `wait_time` is the schedule's affair. (A nested
    TaskSet with a wait time of its own keeps it, and one arrival lasts until it interrupts.) Locust's
    `--users` is the size of the pool: an arrival that finds no idle user is dropped and counted.
    """

    #: The arrival rate over time; what it is counted from is when all users stand.
    arrivals: ClassVar[Profile]
    #: Even arrivals, or exactly as many at random from this seed.
    seed: ClassVar[int | None] = None

    environment: Environment
    on_start: Callable[[], None]
    _state: str | None
    _taskset_instance: Any
    _serving = False

    def start(self, group: Any) -> Any:
        """Start the user; it waits for its first arrival once its own `on_start` is through."""
        own: Callable[[], None] = self.on_start

        def on_start() -> None:
            own()
            # Nothing is done between two turns: the schedule decides when the next task begins.
            self._taskset_instance._sleep = _at_once  # noqa: SLF001 - Locust's own hook for waiting
            self._state = LOCUST_STATE_WAITING
            self.wait_time()
            self._state = LOCUST_STATE_RUNNING

        self.on_start = on_start
        self._stand: Stand = stand_of(self.environment)
        self._pool = self._stand.pool_of(type(self))
        greenlet = super().start(group)  # type: ignore[misc]
        greenlet.link(lambda _: self._over())
        return greenlet

    def wait_time(self) -> float:
        """Wait for the next arrival; return 0, for it has come."""
        self._over()
        arrival = self._pool.take()
        self._serving = True
        self._stand.arrived(self, arrival)
        client = getattr(self, "client", None)
        if isinstance(client, HttpSession):
            client.due_ns = self._stand.origin_ns + arrival.due_ns
        return 0.0

    def _over(self) -> None:
        if self._serving:
            self._serving = False
            self._stand.over(self)
            self._pool.done()


def _at_once(_seconds: float) -> None:
    """Wait for nothing: `wait_time` has done the waiting."""


__all__ = ["HttpUser", "OpenModel"]
