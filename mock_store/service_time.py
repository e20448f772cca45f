"""The model of work: c servers, each busy for an exponential time, so that capacity is known exactly.

An M/M/c station (Erlang, 1917): with c servers and mean service time s, capacity is c / s requests a second.
"""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random


class ServiceTime:
    """A station of `servers` servers with exponential service times of mean `mean_ms` drawn from `rng`.

    Only the drawn time is spent holding a server: real work is done outside, so the closed form stays true.
    """

    def __init__(
        self,
        *,
        servers: int,
        mean_ms: float,
        rng: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the size of the station and the source of its randomness."""
        self._free = asyncio.Semaphore(servers)
        self._mean_s = mean_ms / 1000
        self._rng = rng
        self._sleep = sleep

    async def serve(self) -> None:
        """Wait for a server, then keep it busy; at once where the mean is 0."""
        if self._mean_s == 0:
            return
        async with self._free:
            await self._sleep(self._rng.expovariate(1 / self._mean_s))
