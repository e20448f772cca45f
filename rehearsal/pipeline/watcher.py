"""What a running drill tells whoever watches it."""

from collections.abc import Callable
from typing import Protocol

from rehearsal.model.capacity import Trial
from rehearsal.model.history import Row
from scenarios.load_order import Progress


class Watcher(Protocol):
    """A display, a log, or nobody."""

    def stage(self, sentence: str) -> None:
        """Say what the drill does now."""

    def progress(self, progress: Progress) -> None:
        """Show the load of the last second."""

    def fault(self, row: Row) -> None:
        """Show a step of the nemesis."""

    def trial(self, trial: Trial) -> None:
        """Show a trial of a search for capacity that is over."""


class Nobody:
    """Watches nothing."""

    def stage(self, sentence: str) -> None:
        """Ignore it."""

    def progress(self, progress: Progress) -> None:
        """Ignore it."""

    def fault(self, row: Row) -> None:
        """Ignore it."""

    def trial(self, trial: Trial) -> None:
        """Ignore it."""


class Unshaken:
    """Passes everything on until the watcher's terminal or pipe is gone; the drill must not end with it."""

    def __init__(self, watcher: Watcher) -> None:
        """Take the watcher."""
        self._watcher: Watcher = watcher

    def stage(self, sentence: str) -> None:
        """Pass it on."""
        self._try(lambda: self._watcher.stage(sentence))

    def progress(self, progress: Progress) -> None:
        """Pass it on."""
        self._try(lambda: self._watcher.progress(progress))

    def fault(self, row: Row) -> None:
        """Pass it on."""
        self._try(lambda: self._watcher.fault(row))

    def trial(self, trial: Trial) -> None:
        """Pass it on."""
        self._try(lambda: self._watcher.trial(trial))

    def _try(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except OSError:
            self._watcher = Nobody()
