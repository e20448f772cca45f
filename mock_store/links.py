"""A process's own outgoing calls, counted by link: the witness that a link is used, and what it suffered."""

from collections.abc import Iterable
from typing import Literal

#: An answer that came later than this is slow.
SLOW_NS = 500_000_000

Fate = Literal["ok", "refused", "lost"]
_COLUMNS = ("ok", "refused", "lost", "slow")


class Links:
    """Counts since the start of the process. A call is ok, refused or lost; one that is ok may be slow too.

    refused: the connection was not made, so nothing was sent. lost: there was no usable answer (timeout,
    reset, 5xx, not JSON).
    """

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Begin with the links that are known, each at 0."""
        self._counts = {name: dict.fromkeys(_COLUMNS, 0) for name in names}

    def note(self, name: str, fate: Fate, took_ns: int) -> None:
        """Count a call that has ended."""
        counts = self._counts.setdefault(name, dict.fromkeys(_COLUMNS, 0))
        counts[fate] += 1
        if fate == "ok" and took_ns > SLOW_NS:
            counts["slow"] += 1

    def report(self) -> dict[str, dict[str, int]]:
        """Return the counts of every link."""
        return {name: dict(counts) for name, counts in self._counts.items()}
