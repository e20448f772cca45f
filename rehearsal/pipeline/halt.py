"""Stopping in an orderly way: a signal sets a flag, and whoever waits raises Stopped."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rehearsal.model.clock import Clock, seconds
from rehearsal.model.errors import Stopped

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_EVERY_S = 0.1


class Halt:
    """The flag. `reason` names the signal once one has come."""

    def __init__(self) -> None:
        """Begin unset."""
        self._event = threading.Event()
        self.reason = ""

    def set(self, reason: str) -> None:
        """Ask for a stop; the first reason is kept."""
        self.reason = self.reason or reason
        self._event.set()

    @property
    def asked(self) -> threading.Event:
        """Return what is set once a stop is asked for."""
        return self._event

    def check(self) -> None:
        """Raise Stopped if a stop was asked for."""
        if self._event.is_set():
            raise Stopped(f"Stopped by {self.reason}; every fault is healed and every process ended.")

    def wait_until(self, instant_ns: int, clock: Clock, look: Callable[[], object]) -> None:
        """Return at `instant_ns`, calling `look` ten times a second; Stopped once a stop is asked for."""
        self.check()
        while (left_ns := instant_ns - clock.now_ns()) > 0:
            self._event.wait(min(seconds(left_ns), _LOOK_EVERY_S))
            self.check()
            look()

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Let Ctrl-C, SIGTERM and a closed terminal set the flag while the block runs."""

        def note(number: int, _frame: FrameType | None) -> None:
            self.set("Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name)

        before = {number: signal.signal(number, note) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
