"""The model of work: c servers, each busy for an exponential time, so that capacity is known exactly.

An M/M/c station (Erlang, 1917): with c servers and mean service time s, capacity is c / s requests a second.
With a bound K on those who wait it is M/M/c/c+K: whoever comes beyond is turned away at once.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from random import Random

from mock_store.modes.region import ZoneLost
from mock_store.modes.registry import Modes
from mock_store.web import AnswerLost, Refused

#: When a request that was turned away may come again, in seconds.
AGAIN_S = 1


class ServiceTime:
    """A station of `servers` servers with exponential service times of mean `mean_ms` drawn from `rng`.

    Only the drawn time is spent holding a server: real work is done outside, so the closed form stays true.
    At most `queue` requests wait (0: no limit).
    """

    def __init__(
        self,
        *,
        servers: int,
        mean_ms: float,
        rng: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        queue: int = 0,
        modes: Modes | None = None,
    ) -> None:
        """Take the size of the station and the source of its randomness; `modes` may take servers away."""
        self._servers = servers
        self._mean_s = mean_ms / 1000
        self._rng = rng
        self._sleep = sleep
        self._queue = queue
        self._modes = Modes((), seed="") if modes is None else modes
        self._free = deque(range(servers))
        self._waiting: deque[asyncio.Future[int]] = deque()
        #: How many requests a server has been done with.
        self.served = 0

    @property
    def busy(self) -> bool:
        """Tell whether anybody waits or is served."""
        return bool(self._waiting) or len(self._free) < self._servers

    async def serve(self) -> None:
        """Wait for a server, then keep it busy; at once where the mean is 0.

        Refused: 429 busy, if too many wait. AnswerLost if the server was lost meanwhile.
        """
        if self._mean_s == 0:
            return
        server = await self._server()
        try:
            await self._sleep(self._rng.expovariate(1 / self._mean_s))
        finally:
            self._leave(server)
        if self._is_lost(server):
            self._modes.hit(ZoneLost)
            raise AnswerLost

    def leak(self) -> None:
        """Lose a free server for ever, if there is one: what a defect does."""
        if self._free:
            self._free.pop()

    async def _server(self) -> int:
        if self._queue and len(self._waiting) >= self._queue:
            raise Refused(429, "busy", retry_after_s=AGAIN_S)
        mine: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._hand_out()
        if not mine.done() and self._free:
            self._modes.hit(ZoneLost)
        try:
            return await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._leave(mine.result())
            raise

    def _leave(self, server: int) -> None:
        self.served += 1
        self._free.append(server)
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and (server := self._usable()) is not None:
            while self._waiting:
                first = self._waiting.popleft()
                # Whoever has gone away needs no server.
                if not first.done():
                    self._free.remove(server)
                    first.set_result(server)
                    break

    def _usable(self) -> int | None:
        return next((server for server in self._free if not self._is_lost(server)), None)

    def _is_lost(self, server: int) -> bool:
        zone = self._modes.get(ZoneLost)
        return zone is not None and server >= self._servers - round(zone.share * self._servers)
