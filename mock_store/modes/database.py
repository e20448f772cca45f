"""Modes of the database, where the region's storage asks for them."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from mock_store.modes.region import CommitAnswerLost, DatabaseDown, DatabaseSlow, DiskFull
from mock_store.modes.registry import Mode, Modes
from mock_store.units import MS_PER_S
from mock_store.web import AnswerLost, Unavailable

#: True while a request is served: what happens to background work is no hit.
serving: ContextVar[bool] = ContextVar("serving", default=False)


class DatabaseModes:
    """What stands between a region and its storage; `storage.Guard` says when each method is called."""

    def __init__(self, modes: Modes, sleep: Callable[[float], Awaitable[None]]) -> None:
        """Ask `modes` what is wrong."""
        self._modes = modes
        self._sleep = sleep

    def before_read(self) -> None:
        """Refuse, if the database is down."""
        self._refuse_if(DatabaseDown)

    async def before_write(self) -> None:
        """Refuse or dawdle."""
        if not self._modes:
            return
        self._refuse_if(DatabaseDown)
        self._refuse_if(DiskFull)
        slow = self._modes.get(DatabaseSlow)
        if slow is not None:
            await self._sleep(slow.ms / MS_PER_S)

    def after_commit(self) -> None:
        """Lose the answer to a commit."""
        if self._modes.get(CommitAnswerLost) and serving.get() and self._modes.strikes(CommitAnswerLost):
            raise AnswerLost

    def _refuse_if(self, kind: type[Mode]) -> None:
        if self._modes.get(kind) is None:
            return
        if serving.get():
            self._modes.hit(kind)
        raise Unavailable
