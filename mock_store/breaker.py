"""A circuit breaker for each endpoint of the provider (Nygard, Release It!, "Circuit Breaker").

Closed, it lets all through. After `refused_after` refusals in a row it opens for `open_s`; then it is half
open: one request each `open_s` goes through as a probe, and the first answer closes it. A lost answer says
less than a refusal (the work was perhaps done), so many more are needed, and none count while callbacks prove
that the work is done.
"""

from dataclasses import dataclass

from mock_store.units import NS_PER_S

#: A callback speaks for the captures of this stretch: longer than a call's timeout.
PROOF_NS = 2 * NS_PER_S


@dataclass(slots=True)
class Breaker:
    """State of one breaker. All times are instants of one monotonic clock, in ns, passed in."""

    refused_after: int = 3
    lost_after: int = 10
    open_s: float = 1.0
    refused: int = 0
    lost: int = 0
    proved_until_ns: int = 0
    reopens_at_ns: int | None = None

    def is_open(self, now_ns: int) -> bool:
        """Tell whether nothing may pass now."""
        return self.reopens_at_ns is not None and now_ns < self.reopens_at_ns

    def admit(self, now_ns: int) -> bool:
        """Tell whether a request may pass; half open, letting one pass keeps the next out for `open_s`."""
        if self.is_open(now_ns):
            return False
        if self.reopens_at_ns is not None:
            self._open(now_ns)
        return True

    def answered(self) -> None:
        """Note an answer, whatever it said: the way is free."""
        self.refused = self.lost = 0
        self.reopens_at_ns = None

    def note_refused(self, now_ns: int) -> None:
        """Note a connection refused: certainly nothing was sent."""
        self.refused += 1
        if self.refused >= self.refused_after:
            self._open(now_ns)

    def note_lost(self, now_ns: int) -> None:
        """Note a lost answer: the work may have been done, and was if a callback has said so lately."""
        if now_ns < self.proved_until_ns:
            return
        self.lost += 1
        if self.lost >= self.lost_after:
            self._open(now_ns)

    def note_proof(self, now_ns: int) -> None:
        """Note a callback: the work is done, whatever became of its answers."""
        self.lost = 0
        self.proved_until_ns = now_ns + PROOF_NS

    def _open(self, now_ns: int) -> None:
        self.reopens_at_ns = now_ns + round(self.open_s * NS_PER_S)
