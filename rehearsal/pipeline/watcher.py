"""What a running drill tells whoever watches it."""

from typing import Protocol

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


class Nobody:
    """Watches nothing."""

    def stage(self, sentence: str) -> None:
        """Ignore it."""

    def progress(self, progress: Progress) -> None:
        """Ignore it."""

    def fault(self, row: Row) -> None:
        """Ignore it."""
