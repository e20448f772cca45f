"""What a log holds that is no request: counted by reason, the first few lines kept to be shown."""

from collections import Counter
from collections.abc import Iterable

import msgspec

#: Rejected lines that are shown.
SHOWN = 5
_WIDTH = 120


class Rejected(msgspec.Struct, frozen=True):
    """A line that was not understood. `line` counts from 1 in its file."""

    line: int
    reason: str
    text: str


class Rejects:
    """Counts rejected lines by reason and keeps the first of them."""

    def __init__(self) -> None:
        """Begin with none."""
        self.counts: Counter[str] = Counter()
        self.first: list[Rejected] = []

    @property
    def total(self) -> int:
        """Return how many lines were rejected."""
        return self.counts.total()

    def add(self, line: int, reason: str, text: str) -> None:
        """Count one line."""
        self.counts[reason] += 1
        if len(self.first) < SHOWN:
            self.first.append(Rejected(line, reason, _shown(text)))

    def add_all(self, rejected: Iterable[tuple[int, str, str]]) -> None:
        """Count lines: (number, reason, text) each."""
        for line, reason, text in rejected:
            self.add(line, reason, text)


def _shown(text: str) -> str:
    """Return a line as it may go to a terminal: control characters escaped, cut at a width."""
    safe = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:_WIDTH])
    return safe if len(text) <= _WIDTH else f"{safe}…"
