"""Sends the confirmations that the regions owe. Killed at any moment, it takes up where it was."""

import logging
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store import confirmations
from mock_store.config import WorkerConfig
from mock_store.defects import Defect
from mock_store.links import Links
from mock_store.modes.others import WORKER_MODES, Paused
from mock_store.modes.registry import Modes
from mock_store.plumbing import plumbing
from mock_store.storage import Storage
from mock_store.web import answer, starlette

_BATCH = 64
_DAWDLES_S = 2.0

_log = logging.getLogger(__name__)


class Worker:
    """Sends what is owed, oldest first, in lots."""

    def __init__(
        self, config: WorkerConfig, storage: Storage, *, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """Work at `storage`, which stays the caller's to close."""
        self._config = config
        self._storage = storage
        self._sleep = sleep
        self.modes = Modes(WORKER_MODES, seed=f"{config.seed}/worker/modes")

    async def work_for_ever(self) -> None:
        """Tick until cancelled; a tick that fails is logged and the next one tries again."""
        while True:
            try:
                await self.tick()
            except Exception:  # noqa: BLE001 - whatever it was, shoppers wait for their confirmations
                _log.exception("a tick of the worker failed")
            await self._sleep(self._config.interval_s)

    async def tick(self) -> None:
        """Send what is owed now, at most a lot of it; each look that finds the worker paused is a hit."""
        owed = self._storage.read(confirmations.unsent, _BATCH)
        if not owed or self.modes.strikes(Paused):
            return
        if Defect.CONFIRMED_TWICE in self._config.defects:
            await self._storage.write(confirmations.send, owed)
            await self._sleep(_DAWDLES_S)
            await self._storage.write(confirmations.cross_off, owed)
        else:
            await self._storage.write(confirmations.send_all, _BATCH)


def worker_app(worker: Worker) -> Starlette:
    """Return the application of the worker: it has no business paths, and calls nobody."""

    async def health(_: Request) -> Response:
        return answer({"status": "ok"})

    return starlette([Route("/health", health), *plumbing(worker.modes, Links())])
