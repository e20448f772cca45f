"""Whether a shop uses a plan's links at all: one that was never pointed there feels nothing of any fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import psutil

from rehearsal.model.errors import RehearsalError
from rehearsal.model.link_check import place_of
from rehearsal.model.plan_shop import Link


def open_at(port: int) -> int:
    """Return how many connections a listener of this machine has open; 0 where the system does not tell."""
    try:
        found = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return 0
    return sum(each.status == psutil.CONN_ESTABLISHED and each.laddr[1:] == (port,) for each in found)


@dataclass(frozen=True, slots=True)
class LinkUse:
    """Looks at links while nobody but the shop takes them: after the preflight, before the first fault.

    `received` returns by listener the bytes of connections that have ended, `opened` how many are open at a
    port.
    """

    links: Mapping[str, Link]
    received: Callable[[], Mapping[str, int]]
    opened: Callable[[int], int] = open_at
    _before: dict[str, int] = field(default_factory=dict)
    _told: dict[str, str] = field(default_factory=dict)

    def begin(self) -> None:
        """Remember what came over the links so far: the preflight's probes."""
        self._before.update(self._received())

    def told(self) -> dict[str, str]:
        """Say of each link whether it was in use before the first fault, "" if that cannot be told.

        Canaries take the links from then on, so it is looked at once.
        """
        if not self._told:
            received = self._received()
            self._told.update({name: self._words(name, received) for name in self.links})
        return self._told

    def _words(self, name: str, received: Mapping[str, int]) -> str:
        if not received:
            return ""
        link = self.links[name]
        sent = max(0, received.get(name, 0) - self._before.get(name, 0))
        opened = self.opened(place_of(link.listen)[1])
        if sent or opened:
            used = f"{opened} connections stood open, and {sent} bytes had passed over others"
            return f"{name} was in use before: {used}"
        where = f" ({link.setting})" if link.setting else ""
        return f"nobody had used {name} before: is the shop pointed at {link.listen}{where}?"

    def _received(self) -> Mapping[str, int]:
        try:
            return self.received()
        except RehearsalError:
            return {}
