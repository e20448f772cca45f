"""The model of work in a shop that takes everybody at once: processor sharing.

Of n requests at `servers` servers each gets on at speed min(1, servers / n), so none waits and all suffer.
With one server it is M/G/1-PS: the mean time in it is s / (1 - rho), whatever the law of service times, and
that of a request of length x is x / (1 - rho) (Kleinrock, Queueing Systems II, 1976, section 4.4).

Kept exactly, without ticks: all get on at the same speed, so one clock of work done (as of whoever was always
there) runs at that speed, a request is due at an instant of it, and the next to be due leaves next. What the
event loop notices late is dated back to when it was due, so sleeping too long costs nobody anything.
"""

import asyncio
import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from mock_store.modes.region import ZoneLost
from mock_store.modes.registry import Modes
from mock_store.units import NS_PER_S
from mock_store.web import AnswerLost
from mock_store.work import Time, Work, busy, usable


@dataclass(order=True, slots=True)
class _Job:
    """A request, due at a reading of the clock of work done; `place` is the server it counts to."""

    due: float
    number: int
    place: int = field(compare=False)
    done: asyncio.Future[None] = field(compare=False)


class Sharing:
    """Servers shared alike by all requests there are; at most `queue` more than servers (0: no limit)."""

    def __init__(
        self,
        *,
        servers: int,
        work: Work,
        time: Time | None = None,
        queue: int = 0,
        modes: Modes | None = None,
    ) -> None:
        """Take the number of servers, what work costs, and time and trouble; sleeping is the loop's timer."""
        self._servers = servers
        self._work = work
        self._now_ns: Callable[[], int] = (Time() if time is None else time).now_ns
        self._queue = queue
        self._modes = Modes((), seed="") if modes is None else modes
        self._modes.when_set(ZoneLost, self._go_on)
        self._jobs: list[_Job] = []
        self._numbers = 0
        self._leaked = 0
        self._speed = servers
        self._clock = 0.0
        self._at_ns: float = self._now_ns()
        self._busy_ns = 0.0
        self._timer: asyncio.TimerHandle | None = None
        #: How many requests it is done with.
        self.served = 0

    @property
    def busy(self) -> bool:
        """Tell whether anybody is served."""
        return bool(self._jobs)

    @property
    def waiting(self) -> int:
        """Return how many requests more than servers there are."""
        return max(0, len(self._jobs) - self._speed)

    @property
    def busy_ns(self) -> int:
        """Return how long servers were busy till now, all of them together."""
        self._advance()
        return round(self._busy_ns)

    async def serve(self, share: float = 1.0) -> None:
        """Return when `share` of a usual request's work is done; at once if the mean is 0.

        Refused: 429 busy, if there are too many. AnswerLost if its server was lost meanwhile.
        """
        if self._work.mean_ms == 0:
            return
        self._look()
        if self._queue and len(self._jobs) >= self._servers + self._queue:
            raise busy()
        job = self._begun(share)
        try:
            await job.done
        except asyncio.CancelledError:
            self._give_up(job)
            raise
        if job.place >= usable(self._modes, self._servers):
            self._modes.hit(ZoneLost)
            raise AnswerLost

    def leak(self) -> None:
        """Lose a free server for ever, if there is one: what a defect does."""
        if len(self._jobs) < self._speed:
            self._leaked += 1
            self._go_on()

    def _begun(self, share: float) -> _Job:
        left = usable(self._modes, self._servers)
        if left < self._servers and len(self._jobs) >= self._speed:
            self._modes.hit(ZoneLost)
        self._numbers += 1
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        place = self._numbers % left if left else 0
        job = _Job(self._clock + self._work.draw_ns(share), self._numbers, place, done)
        heapq.heappush(self._jobs, job)
        self._set_timer()
        return job

    def _give_up(self, job: _Job) -> None:
        self._advance()
        if job in self._jobs:
            self._jobs.remove(job)
            heapq.heapify(self._jobs)
            self.served += 1
        self._set_timer()

    def _go_on(self) -> None:
        """Let leave whoever is due, and wait for the next."""
        self._look()
        self._set_timer()

    def _look(self) -> None:
        """Come up to now, at the speed there was; from here on it is that of the servers there are."""
        self._advance()
        self._speed = max(0, usable(self._modes, self._servers) - self._leaked)

    def _advance(self) -> None:
        now_ns = self._now_ns()
        while self._jobs and (due_ns := self._next_ns()) < now_ns + 1:
            self._pass(due_ns)
            # Exactly, for the sum of what has passed need not be: the clock never falls behind who has left.
            job = heapq.heappop(self._jobs)
            self._clock = job.due
            self.served += 1
            if not job.done.done():
                job.done.set_result(None)
        self._pass(max(self._at_ns, now_ns))

    def _pass(self, until_ns: float) -> None:
        elapsed_ns, rate = until_ns - self._at_ns, self._rate()
        self._clock += rate * elapsed_ns
        self._busy_ns += rate * elapsed_ns * len(self._jobs)
        self._at_ns = until_ns

    def _rate(self) -> float:
        return min(1.0, self._speed / len(self._jobs)) if self._jobs else 0.0

    def _next_ns(self) -> float:
        """Return when the next request is due, if no other comes."""
        rate = self._rate()
        return self._at_ns + (self._jobs[0].due - self._clock) / rate if rate else math.inf

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._jobs and (due_ns := self._next_ns()) < math.inf:
            delay_s = max(0.0, due_ns - self._now_ns()) / NS_PER_S
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._go_on)
