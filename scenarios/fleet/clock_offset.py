"""How far another machine's clock is from ours, and a clock that follows ours from there. Pure mathematics.

F. Cristian, "Probabilistic clock synchronization", 1989; RFC 5905 (NTP), section 8: of four instants, two
on each clock, the middle of the answer's stay is taken to be the middle of the exchange. The truth lies
within half the round trip of that, however unevenly the two ways take their time.
"""

from collections import deque
from collections.abc import Iterable

import msgspec

from rehearsal.model.clock import Clock

#: Exchanges before a run may begin, and how many of the latest the estimate is taken from.
EXCHANGES = 16
#: The steering clock goes at most this much faster or slower than its own: no step, no stretch to be seen.
SLEW = 5e-4


class Exchange(msgspec.Struct, frozen=True):
    """A ping and its answer: asked and heard on our clock, received and answered on theirs (ns)."""

    asked_ns: int
    received_ns: int
    answered_ns: int
    heard_ns: int

    @property
    def round_trip_ns(self) -> int:
        """Return the time on the way, there and back, without the stay at the other end."""
        return (self.heard_ns - self.asked_ns) - (self.answered_ns - self.received_ns)

    @property
    def estimate(self) -> "Offset":
        """Return what this exchange alone says."""
        offset_ns = (self.received_ns - self.asked_ns + self.answered_ns - self.heard_ns) // 2
        return Offset(offset_ns=offset_ns, uncertainty_ns=max(0, -(-self.round_trip_ns // 2)))


class Offset(msgspec.Struct, frozen=True, kw_only=True):
    """Their clock less ours: `offset_ns`, give or take `uncertainty_ns`."""

    offset_ns: int
    uncertainty_ns: int


def best(exchanges: Iterable[Exchange]) -> Offset:
    """Return the estimate of the exchange with the shortest round trip; ValueError if there is none."""
    return min(exchanges, key=lambda exchange: exchange.round_trip_ns).estimate


class Follower:
    """Estimates of one clock during a run: where it was first, where it is now, the worst uncertainty."""

    def __init__(self) -> None:
        """Begin with no exchange."""
        self._latest: deque[Exchange] = deque(maxlen=EXCHANGES)
        self._seen = 0
        self.first: Offset | None = None
        self.now: Offset | None = None
        self.uncertainty_ns = 0

    def add(self, exchange: Exchange) -> bool:
        """Take an exchange; tell whether there are enough of them for an estimate."""
        self._latest.append(exchange)
        self._seen += 1
        if self._seen < EXCHANGES:
            return False
        self.now = best(self._latest)
        self.first = self.first or self.now
        self.uncertainty_ns = max(self.uncertainty_ns, self.now.uncertainty_ns)
        return True

    @property
    def drift_ns(self) -> int:
        """Return how far the clock has moved against ours since the first estimate."""
        return self.now.offset_ns - self.first.offset_ns if self.now and self.first else 0


class SteeredClock:
    """Another machine's clock, as near as it is known: our own less an offset that changes without a step.

    It never runs backwards, for the offset changes by `SLEW` of the time that passes at most.
    """

    def __init__(self, own: Clock, offset_ns: int) -> None:
        """Take our own clock and its offset (ours less the other) now."""
        self._own = own
        self.set(offset_ns)

    def set(self, offset_ns: int) -> None:
        """Jump to an offset: only before anybody counts on this clock."""
        self._from_ns = self._own.now_ns()
        self._offset_ns = self._aim_ns = offset_ns

    def steer(self, offset_ns: int) -> None:
        """Move towards a new estimate of the offset."""
        own_ns = self._own.now_ns()
        self._offset_ns = self._offset_at(own_ns)
        self._from_ns = own_ns
        self._aim_ns = offset_ns

    def now_ns(self) -> int:
        """Return the instant on the other clock, in nanoseconds."""
        own_ns = self._own.now_ns()
        return own_ns - self._offset_at(own_ns)

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Return at `instant_ns` of the other clock or soon after; at once if it has passed."""
        own_ns = self._own.now_ns()
        self._own.sleep_until_ns(instant_ns + self._offset_at(own_ns))

    def _offset_at(self, own_ns: int) -> int:
        if self._offset_ns == self._aim_ns:
            return self._aim_ns
        reach_ns = int((own_ns - self._from_ns) * SLEW)
        return self._offset_ns + max(-reach_ns, min(reach_ns, self._aim_ns - self._offset_ns))
