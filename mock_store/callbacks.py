"""Callbacks from the provider to the shop: late, and again until somebody says 2xx."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from random import Random
from typing import Any, Protocol

from mock_store import provider_ledger
from mock_store.modes.provider import CallbacksLate, CallbacksLost, CallbacksRepeated
from mock_store.modes.registry import Modes
from mock_store.provider_ledger import Callback
from mock_store.storage import Storage

_FIRST_BACKOFF_S = 0.2
_LONGEST_BACKOFF_S = 2.0


class Outlet(Protocol):
    """The way to the shop."""

    async def send(self, callback: Callback) -> bool:
        """Send a callback once and tell whether it was acknowledged."""
        ...


class Callbacks:
    """Delivers the events of a ledger. At least once: a lost acknowledgement makes a duplicate."""

    def __init__(
        self,
        storage: Storage,
        outlet: Outlet,
        *,
        modes: Modes,
        delay_ms: float,
        rng: Random,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Send from `storage`, each first after 0.5 to 1.5 times `delay_ms`, or as fault modes have it."""
        self._storage = storage
        self._outlet = outlet
        self._modes = modes
        self._delay_s = delay_ms / 1000
        self._rng = rng
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, callback: Callback) -> None:
        """Deliver a callback in the background."""
        self._begin(self.deliver(callback))

    async def hurry(self, callback: Callback) -> None:
        """Try to deliver a callback now; if that fails, deliver it as any other."""
        if await self._outlet.send(callback):
            await self._storage.write(provider_ledger.mark_delivered, callback.event_id)
        else:
            self.send(callback)

    def resume(self) -> None:
        """Deliver what an earlier process still owed."""
        for callback in self._storage.read(provider_ledger.undelivered):
            self.send(callback)

    async def stop(self) -> None:
        """Give up what is under way; it stays undelivered in the ledger."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def deliver(self, callback: Callback) -> None:
        """Try until acknowledged, waiting twice as long each time up to two seconds."""
        await self._sleep(self._delay_s * self._rng.uniform(0.5, 1.5))
        late = self._modes.strikes(CallbacksLate)
        if late is not None:
            await self._sleep(late.delay_s)
        if self._modes.strikes(CallbacksLost):
            await self._until_found()
        repeated = self._modes.strikes(CallbacksRepeated)
        if repeated is not None:
            await self._repeat(callback, repeated)
        backoff_s = _FIRST_BACKOFF_S
        while not await self._outlet.send(callback):
            await self._sleep(backoff_s)
            backoff_s = min(2 * backoff_s, _LONGEST_BACKOFF_S)
        await self._storage.write(provider_ledger.mark_delivered, callback.event_id)

    async def _until_found(self) -> None:
        while self._modes.get(CallbacksLost):
            await self._sleep(_FIRST_BACKOFF_S)

    async def _repeat(self, callback: Callback, how: CallbacksRepeated) -> None:
        """Send a callback several times at once; the once more is left to the background."""
        times = self._rng.randint(how.least, max(how.least, how.most))
        self._begin(self._again(callback, how.again_after_s))
        # One is left to the ordinary way, which goes on until it is acknowledged.
        await asyncio.gather(*(self._outlet.send(callback) for _ in range(times - 1)))

    async def _again(self, callback: Callback, after_s: float) -> None:
        await self._sleep(after_s)
        await self._outlet.send(callback)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
