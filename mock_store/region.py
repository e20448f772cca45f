"""What the code of a region works with: its configuration, storage, providers, clock and randomness.

Instants in the database are of CLOCK_MONOTONIC: one clock for all processes, until the machine restarts.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from mock_store.channels import Channels
from mock_store.config import RegionConfig
from mock_store.counted import CountedClient
from mock_store.defects import Defect
from mock_store.links import Links
from mock_store.memory import Memory
from mock_store.modes.region import ClockOffset
from mock_store.modes.registry import Modes
from mock_store.pages import Pages
from mock_store.storage import Storage
from mock_store.traffic import Traffic
from mock_store.units import NS_PER_S
from mock_store.work import Station


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region. `now_ns` is CLOCK_MONOTONIC; `rng` drives defects only, service times have their own."""

    config: RegionConfig
    storage: Storage
    channels: Channels
    station: Station
    pages: Pages
    modes: Modes
    links: Links
    client: CountedClient
    now_ns: Callable[[], int]
    sleep: Callable[[float], Awaitable[None]]
    rng: Random
    memory: Memory = field(default_factory=Memory)
    traffic: Traffic = field(default_factory=Traffic)

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

    def wall_ns(self) -> int:
        """Return the instant as the region's own clock has it, which may be wrong: good enough for a page.

        What is sold, and at what price, goes by `now_ns`, the clock that all share.
        """
        skew = self.modes.strikes(ClockOffset)
        return self.now_ns() + (0 if skew is None else round(skew.s * NS_PER_S))
