"""The equal ways into one class of the provider's requests: used in turn, and left out while they fail."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mock_store.breaker import Breaker

#: So many answers lost in a row, and a member is left out too.
_LOST_AFTER = 3


@dataclass(slots=True)
class Member:
    """One way in: its address, the name of its link, and whether it is any good."""

    url: str
    link: str
    breaker: Breaker = field(default_factory=lambda: Breaker(refused_after=1, lost_after=_LOST_AFTER))


class Pool:
    """Round robin. A member that refused, or lost much, is left out for a second, then tried by one request.

    So a member comes back gradually, and a pool of one is never left out: there is no better way.
    """

    def __init__(self, link: str, urls: str | tuple[str, ...], now_ns: Callable[[], int]) -> None:
        """Take the addresses; the second's link is called `link`_2, and so on."""
        each = (urls,) if isinstance(urls, str) else urls
        self.members = [Member(url, f"{link}_{n}" if n > 1 else link) for n, url in enumerate(each, start=1)]
        self._now_ns = now_ns
        self._turn = 0

    def in_turn(self) -> list[Member]:
        """Return the members to try, one after another for as long as nothing could be sent."""
        first = self._turn = (self._turn + 1) % len(self.members)
        ordered = self.members[first:] + self.members[:first]
        now_ns = self._now_ns()
        for member in ordered:
            if member.breaker.admit(now_ns):
                others = [other for other in ordered if not other.breaker.is_open(now_ns)]
                return [member, *(other for other in others if other is not member)]
        return ordered
