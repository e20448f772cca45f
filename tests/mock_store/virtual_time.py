"""An event loop whose time jumps to the next timer instead of waiting for it: queueing without waiting."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any

from mock_store.units import NS_PER_S


class _Jumping(selectors.SelectSelector):
    """Waits for nobody: what the loop would have waited passes at once, and each time `late_s` more."""

    def __init__(self, late_s: float) -> None:
        super().__init__()
        self.at_s = 0.0
        self._late_s = late_s

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout:
            self.at_s += timeout + self._late_s
        return super().select(0)


#: Lets a loop's own time pass: on a jumping one nobody waits.
passes = asyncio.sleep


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that begins at instant 0. With `late_s` it wakes so much too late, as a real one does."""

    def __init__(self, late_s: float = 0.0) -> None:
        """Stand at 0."""
        self._jumping = _Jumping(late_s)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the instant, in seconds."""
        return self._jumping.at_s

    def now_ns(self) -> int:
        """Return the instant, in nanoseconds."""
        return round(self._jumping.at_s * NS_PER_S)


def play(loop: VirtualLoop, work: Coroutine[Any, Any, None]) -> None:
    """Carry out a coroutine on a loop of its own time, and close that."""
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work)
