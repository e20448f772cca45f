"""What the code of a region works with: its configuration, storage, provider, clock and randomness.

Instants in the database are of CLOCK_MONOTONIC: one clock for all processes, until the machine restarts.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from mock_store.config import RegionConfig
from mock_store.defects import Defect
from mock_store.gateway import Gateway
from mock_store.service_time import ServiceTime
from mock_store.storage import Storage
from mock_store.units import NS_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region. `now_ns` is CLOCK_MONOTONIC; `rng` drives defects only, service times have their own."""

    config: RegionConfig
    storage: Storage
    gateway: Gateway
    station: ServiceTime
    now_ns: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]]
    rng: Random

    @property
    def name(self) -> str:
        """Return the region's name."""
        return self.config.name

    def has(self, defect: Defect) -> bool:
        """Tell whether a defect is switched on."""
        return defect in self.config.defects

    def reserved_until_ns(self) -> int:
        """Return the instant at which an order made now expires unless it is paid."""
        return self.now_ns() + round(self.config.reservation_s * NS_PER_S)
