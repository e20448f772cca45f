"""How long requests keep a shop busy, by which law, and by whose clock; and what a station of servers is."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from mock_store.modes.region import ZoneLost
from mock_store.modes.registry import Modes
from mock_store.units import NS_PER_MS
from mock_store.web import Refused

#: When a request that was turned away may come again, in seconds.
AGAIN_S = 1


class Station(Protocol):
    """Where requests are worked at. `served` counts those it is done with."""

    served: int

    @property
    def busy(self) -> bool:
        """Tell whether anybody waits or is served."""

    @property
    def waiting(self) -> int:
        """Return how many wait for a server; of those who share servers, how many are more than these."""

    @property
    def busy_ns(self) -> int:
        """Return how long servers were busy till now, all of them together."""

    async def serve(self, share: float = 1.0) -> None:
        """Return when so large a share of a usual request's work is done."""

    def leak(self) -> None:
        """Lose a free server for ever, if there is one: what a defect does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Service times of mean `mean_ms`: exponential, drawn from `rng`, or each exactly the mean."""

    mean_ms: float
    rng: Random
    constant: bool = False

    def draw_ns(self, share: float = 1.0) -> int:
        """Return the next service time, its mean `share` times the usual one."""
        factor = 1.0 if self.constant else self.rng.expovariate(1.0)
        return round(factor * share * self.mean_ms * NS_PER_MS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """The clock that service times are kept by (CLOCK_MONOTONIC), and a way to let them pass."""

    now_ns: Callable[[], int] = time.monotonic_ns
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def busy() -> Refused:
    """Return the refusal of whoever finds too many waiting."""
    return Refused(429, "busy", retry_after_s=AGAIN_S)


def usable(modes: Modes, servers: int) -> int:
    """Return how many of the first servers a lost zone has left."""
    zone = modes.get(ZoneLost)
    return servers if zone is None else servers - round(zone.share * servers)
