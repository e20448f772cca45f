"""How a worker elsewhere says that its machine is at its limit: the conductor watches only its own."""

from collections.abc import Callable

import msgspec
import psutil

from rehearsal.model.clock import NS_PER_MS, NS_PER_S, Clock
from rehearsal.model.history import Kind, Row

_PERCENT = 100.0


def busy_share() -> float:
    """Return the share of this machine's processors that was busy since the last call."""
    return float(psutil.cpu_percent()) / _PERCENT


class Vitals:
    """Writes a row a second for the processor and for the longest stall, as the conductor's observer does.

    A stall is what a look comes later than it was promised: there this process, or its machine, stood still.
    """

    def __init__(
        self,
        clock: Clock,
        origin_ns: int,
        write: Callable[[bytes], None],
        busy: Callable[[], float] = busy_share,
    ) -> None:
        """Take the run's clock and origin, where lines of the history go, and how busy the machine is."""
        self._clock = clock
        self._origin_ns = origin_ns
        self._write = write
        self._busy = busy
        self._second = -1
        self._worst_ns = 0
        self._promised_ns = 0
        busy()

    def look(self, again_ns: int) -> None:
        """Look once; the next look is promised in `again_ns` nanoseconds."""
        now_ns = self._clock.now_ns()
        if self._promised_ns:
            self._worst_ns = max(self._worst_ns, now_ns - self._promised_ns)
        self._promised_ns = now_ns + again_ns
        second = (now_ns - self._origin_ns) // NS_PER_S
        if second > self._second:
            self._tell(second)

    def _tell(self, second: int) -> None:
        busy, worst_ms = self._busy(), self._worst_ns / NS_PER_MS
        # At the turn of a second it is known how the one before was; or all that were slept through.
        for before in range(max(self._second, 0), second):
            for name, value in (("cpu", busy), ("stall_ms", worst_ms)):
                row = Row(kind=Kind.HEALTH, f=name, sent_ns=before * NS_PER_S, value=round(value, 4))
                self._write(msgspec.json.encode(row) + b"\n")
        self._second, self._worst_ns = second, 0
