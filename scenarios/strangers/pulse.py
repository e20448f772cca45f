"""Whether a load process had room: how late its loop was, and how busy its processor, second by second."""

import psutil

from rehearsal.model.clock import NS_PER_MS, NS_PER_S
from scenarios.pool import GeventPace

_TICK_NS = 20 * NS_PER_MS
_PERCENT = 100.0


class Pulse:
    """Feels the loop fifty times a second: who asks for 20 ms and gets 300 was held up for 280."""

    def __init__(self, pace: GeventPace) -> None:
        """Take the time; the first second begins with the next whole one."""
        self._pace = pace
        self._process = psutil.Process()
        self._process.cpu_percent()

    def second(self) -> tuple[int, dict[str, float]]:
        """Return the begin of a whole second once it is over, and the readings `stall_ms` and `load_cpu`."""
        begun_ns = self._pace.now_ns()
        until_ns = (begun_ns // NS_PER_S + 1) * NS_PER_S
        worst_ns, now_ns = 0, begun_ns
        while now_ns < until_ns:
            due_ns = min(now_ns + _TICK_NS, until_ns)
            self._pace.wait_until_ns(due_ns)
            now_ns = self._pace.now_ns()
            worst_ns = max(worst_ns, now_ns - due_ns)
        busy = self._process.cpu_percent() / _PERCENT
        return begun_ns, {"stall_ms": round(worst_ns / NS_PER_MS, 4), "load_cpu": round(busy, 4)}
