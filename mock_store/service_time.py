"""The model of work: c servers, first come, first served, so that capacity is known exactly.

With exponential service times it is an M/M/c station (Erlang, 1917), with constant ones M/D/c: with c servers
and mean service time s, capacity is c / s requests a second either way. With a bound K on those who wait it
is M/M/c/c+K: whoever comes beyond is turned away at once.

asyncio's sleep lasts too long: 0.58 ms in the mean over 1200 of mean 20 ms (1.0 ms at the 95th percentile),
for the event loop waits in whole milliseconds, rounded up. Left alone, that took 3 to 4 % off the capacity at
20 ms: with 1, 4 and 8 servers always busy 0.957, 0.964 and 0.968 of each second of a server was work. So
whoever is served next begins when the last one was due to end, not when the loop noticed, as in Lindley's
recursion (1952): a request may be answered a millisecond late, and no other pays for it. With it the three
shares were 0.9999, 0.998 and 0.999.
"""

import asyncio
from collections import deque
from typing import NamedTuple

from mock_store.modes.region import ZoneLost
from mock_store.modes.registry import Modes
from mock_store.units import NS_PER_S
from mock_store.web import AnswerLost
from mock_store.work import Time, Work, busy, usable


class _Turn(NamedTuple):
    """A server that is given to a request, and the instant from which it was there to be given."""

    server: int
    since_ns: int


class _Stint(NamedTuple):
    """When a server began with a request, and when it is due to end."""

    begun_ns: int
    due_ns: int


class ServiceTime:
    """A station of `servers` servers, each busy with one request for as long as `work` says.

    Only that time is spent holding a server: real work is done outside, so the closed form stays true.
    At most `queue` requests wait (0: no limit). `modes` may take servers away.
    """

    def __init__(
        self,
        *,
        servers: int,
        work: Work,
        time: Time | None = None,
        queue: int = 0,
        modes: Modes | None = None,
    ) -> None:
        """Take the size of the station, what work costs, and time and trouble."""
        self._servers = servers
        self._work = work
        self._time = Time() if time is None else time
        self._queue = queue
        self._modes = Modes((), seed="") if modes is None else modes
        self._free = deque(range(servers))
        self._waiting: deque[asyncio.Future[_Turn]] = deque()
        self._stints: dict[int, _Stint] = {}
        self._done_ns = 0
        #: How many requests a server has been done with.
        self.served = 0

    @property
    def busy(self) -> bool:
        """Tell whether anybody waits or is served."""
        return bool(self._waiting) or len(self._free) < self._servers

    @property
    def waiting(self) -> int:
        """Return how many wait for a server."""
        return sum(not each.done() for each in self._waiting)

    @property
    def busy_ns(self) -> int:
        """Return how long servers were busy till now, all of them together."""
        now_ns = self._time.now_ns()
        return self._done_ns + sum(min(now_ns, due) - begun for begun, due in self._stints.values())

    async def serve(self, share: float = 1.0) -> None:
        """Wait for a server, then keep it busy with `share` of a usual request's work; free with a mean of 0.

        Refused: 429 busy, if too many wait. AnswerLost if the server was lost meanwhile.
        """
        if self._work.mean_ms == 0:
            return
        arrived_ns = self._time.now_ns()
        server, since_ns = await self._server(arrived_ns)
        begun_ns = max(arrived_ns, since_ns)
        due_ns = begun_ns + self._work.draw_ns(share)
        self._stints[server] = _Stint(begun_ns, due_ns)
        try:
            await self._time.sleep(max(0, due_ns - self._time.now_ns()) / NS_PER_S)
        finally:
            self._leave(server)
        if self._is_lost(server):
            self._modes.hit(ZoneLost)
            raise AnswerLost

    def leak(self) -> None:
        """Lose a free server for ever, if there is one: what a defect does."""
        if self._free:
            self._free.pop()

    async def _server(self, now_ns: int) -> _Turn:
        if self._queue and len(self._waiting) >= self._queue:
            raise busy()
        mine: asyncio.Future[_Turn] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._hand_out(now_ns)
        if not mine.done() and self._free:
            self._modes.hit(ZoneLost)
        try:
            return await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._leave(mine.result().server)
            raise

    def _leave(self, server: int) -> None:
        self.served += 1
        ended_ns = self._time.now_ns()
        if (stint := self._stints.pop(server, None)) is not None:
            # Whoever has gone away ends early; otherwise the time since the due instant is the loop's.
            ended_ns = min(stint.due_ns, ended_ns)
            self._done_ns += ended_ns - stint.begun_ns
        self._free.append(server)
        self._hand_out(ended_ns)

    def _hand_out(self, since_ns: int) -> None:
        while self._waiting and (server := self._usable()) is not None:
            while self._waiting:
                first = self._waiting.popleft()
                # Whoever has gone away needs no server.
                if not first.done():
                    self._free.remove(server)
                    first.set_result(_Turn(server, since_ns))
                    break

    def _usable(self) -> int | None:
        return next((server for server in self._free if not self._is_lost(server)), None)

    def _is_lost(self, server: int) -> bool:
        return server >= usable(self._modes, self._servers)
