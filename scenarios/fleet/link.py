"""How a load process hears from whoever leads the run: through files of the run's folder, or by message."""

from pathlib import Path
from typing import Protocol

import msgspec

from rehearsal.model.clock import Clock, SystemClock
from rehearsal.rundir import folder
from scenarios.load_order import ENOUGH, GROWTH, ORIGIN, PROGRESS, Growth, Origin, Progress


class Link(Protocol):
    """The load process's side. `clock` is the one that all instants of the history are on."""

    @property
    def clock(self) -> Clock:
        """Return the leader's clock, as near as it is known here."""

    def say(self, progress: Progress) -> None:
        """Tell the leader how far this process is."""

    def origin_ns(self) -> int:
        """Return the instant of `clock` from which the run counts; 0 while it is not known."""

    def enough(self) -> bool:
        """Tell whether no more visits are to begin: the run is stopped, and what is under way ends."""

    def grown(self) -> list[Growth]:
        """Return what was appended to the schedule since this was asked last."""


def growth_of(run: Path, known: int) -> list[Growth]:
    """Return what was appended to the schedule after the first `known` lines of growth.ndjson."""
    path = run / GROWTH
    if not path.exists():
        return []
    # What follows the last end of a line is being written.
    lines = path.read_bytes().split(b"\n")[:-1]
    return [msgspec.json.decode(line, type=Growth) for line in lines[known:]]


class FolderLink:
    """A single load process on the conductor's machine: both write into the run's folder."""

    def __init__(self, run: Path) -> None:
        """Take the run's folder."""
        self._run = run
        self._known = 0
        self.clock = SystemClock()

    def say(self, progress: Progress) -> None:
        """Append a line to the progress."""
        with (self._run / PROGRESS).open("ab") as file:
            file.write(msgspec.json.encode(progress) + b"\n")

    def origin_ns(self) -> int:
        """Return the origin once its file is there."""
        path = self._run / ORIGIN
        return folder.read_json(path, Origin).origin_ns if path.exists() else 0

    def enough(self) -> bool:
        """Tell whether the conductor has written that it is enough."""
        return (self._run / ENOUGH).exists()

    def grown(self) -> list[Growth]:
        """Return the lines that the conductor has written since."""
        lines = growth_of(self._run, self._known)
        self._known += len(lines)
        return lines
