"""Time as an argument: one monotonic clock for load, faults and judgement."""

import time
from typing import Protocol

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000


class Clock(Protocol):
    """What the conductor needs of time; tests pass one that stands still."""

    def now_ns(self) -> int:
        """Return the monotonic instant in nanoseconds, the same in every process of this machine."""

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Return at `instant_ns` or soon after; at once if it has passed."""


class SystemClock:
    """CLOCK_MONOTONIC: shared by all processes of a machine and untouched by clock jumps."""

    #: Not a method that calls it: the load asks several times a request.
    now_ns = staticmethod(time.monotonic_ns)

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Return at `instant_ns` or soon after; at once if it has passed."""
        delay_ns = instant_ns - time.monotonic_ns()
        if delay_ns > 0:
            time.sleep(delay_ns / NS_PER_S)


def seconds(duration_ns: float) -> float:
    """Return nanoseconds as seconds."""
    return duration_ns / NS_PER_S


def nanoseconds(duration_s: float) -> int:
    """Return seconds as whole nanoseconds."""
    return round(duration_s * NS_PER_S)
