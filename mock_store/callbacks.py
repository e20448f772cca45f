"""Callbacks from the provider to the shop: late, and again until somebody says 2xx."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

import httpx

from mock_store import provider_ledger
from mock_store.provider_ledger import Callback
from mock_store.storage import Storage

_FIRST_BACKOFF_S = 0.2
_LONGEST_BACKOFF_S = 2.0


class Callbacks:
    """Delivers the events of a ledger. At least once: a lost acknowledgement makes a duplicate."""

    def __init__(
        self,
        storage: Storage,
        client: httpx.AsyncClient,
        *,
        delay_ms: float,
        rng: Random,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Send from `storage`, each first after 0.5 to 1.5 times `delay_ms`."""
        self._storage = storage
        self._client = client
        self._delay_s = delay_ms / 1000
        self._rng = rng
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, callback: Callback) -> None:
        """Deliver a callback in the background."""
        task = asyncio.get_running_loop().create_task(self.deliver(callback))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
        backoff_s = _FIRST_BACKOFF_S
        while not await self._acknowledged(callback):
            await self._sleep(backoff_s)
            backoff_s = min(2 * backoff_s, _LONGEST_BACKOFF_S)
        await self._storage.write(provider_ledger.mark_delivered, callback.event_id)

    async def _acknowledged(self, callback: Callback) -> bool:
        with suppress(httpx.TransportError):
            response = await self._client.post(
                callback.url, content=callback.body, headers={"Content-Type": "application/json"}
            )
            return response.is_success
        return False
