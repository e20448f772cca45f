"""What an attack has met so far, as lines of JSON."""

from collections import Counter
from typing import TextIO

import msgspec


class Met(msgspec.Struct, frozen=True, kw_only=True):
    """One line: counts since the beginning, by what came of it; `open` is what is under way."""

    kind: str
    at_s: float
    met: dict[str, int]
    open: int
    done: bool


class Counts:
    """Counts what happens, by name; `skipped` is what the attack's own bounds forbade."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.met: Counter[str] = Counter()
        self.open = 0

    def add(self, name: str) -> None:
        """Count one."""
        self.met[name] += 1

    def write(self, out: TextIO, kind: str, at_s: float, *, done: bool = False) -> None:
        """Write a line and flush it: whoever reads it may end us at any moment."""
        met = dict(sorted(self.met.items()))
        line = Met(kind=kind, at_s=round(at_s, 3), met=met, open=self.open, done=done)
        out.write(msgspec.json.encode(line).decode() + "\n")
        out.flush()
