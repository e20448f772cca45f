"""What product pages show: a copy of the shelf in the memory of a region. The database alone is the truth.

A copy is renewed by this region's own writes, at once, and by the word of its peers; a page says how old what
it shows may be. Each copy bears the instant of its reading, so words that overtake each other do no harm.
"""

import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from mock_store import catalogue
from mock_store.catalogue import Product
from mock_store.modes.region import CacheFlush, CacheFrozen, CacheOff
from mock_store.modes.registry import Modes
from mock_store.storage import Storage
from mock_store.units import NS_PER_MS

#: Kept for the writer's connection alone: so only this region's own changes are in it.
OWN_CHANGES = (
    "PRAGMA temp_store = MEMORY",
    "CREATE TEMP TABLE touched (sku TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TEMP TRIGGER shelf_touched AFTER UPDATE ON main.stock BEGIN
        INSERT OR IGNORE INTO touched VALUES (NEW.sku); END""",
)


class Copy(msgspec.Struct, frozen=True):
    """A product as it was at an instant of CLOCK_MONOTONIC."""

    product: Product
    as_of_ns: int


class Pages:
    """The copies of one region."""

    def __init__(self, storage: Storage, modes: Modes, now_ns: Callable[[], int]) -> None:
        """Have no copy yet."""
        self._storage = storage
        self._modes = modes
        self._now_ns = now_ns
        self._copies: dict[str, Copy] = {}
        self._withheld: dict[str, Copy] = {}
        self._flushed: set[str] = set()
        self._heard_ns: dict[str, int] = {}
        modes.when_set(CacheFlush, self._flush)

    def product(self, sku: str) -> Product:
        """Return a product as pages show it; Refused(404) if there is none of that name."""
        if self._modes.strikes(CacheOff):
            return self._storage.read(catalogue.product, sku)
        self._thaw()
        found = self._copies.get(sku)
        if found is None:
            return self._read(sku)
        if sku in self._withheld:
            self._modes.hit(CacheFrozen)
        return found.product

    def age_ms(self, sku: str) -> int:
        """Return how old what a page shows may be: no younger than the last word of each peer."""
        found = self._copies.get(sku)
        if found is None or self._modes.get(CacheOff):
            return 0
        since_ns = max(found.as_of_ns, min(self._heard_ns.values(), default=self._now_ns()))
        return max(0, self._now_ns() - since_ns) // NS_PER_MS

    def take(self, copies: Iterable[Copy]) -> None:
        """Take newer copies, unless the cache is frozen: then they are withheld until it thaws."""
        target = self._withheld if self._modes.get(CacheFrozen) else self._copies
        for copy in copies:
            sku = copy.product.sku
            if sku not in target or target[sku].as_of_ns <= copy.as_of_ns:
                target[sku] = copy

    def heard(self, peer: str, as_of_ns: int) -> None:
        """Note that a peer has told all it knew at an instant."""
        self._heard_ns[peer] = max(as_of_ns, self._heard_ns.get(peer, 0))

    async def own_changes(self) -> list[Copy]:
        """Return what this region has changed on the shelf since it was last asked."""
        products = await self._storage.write(_drain)
        now_ns = self._now_ns()
        return [Copy(product, now_ns) for product in products]

    def _read(self, sku: str) -> Product:
        now_ns = self._now_ns()
        product = self._storage.read(catalogue.product, sku)
        self._copies[sku] = Copy(product, now_ns)
        if sku in self._flushed:
            self._flushed.remove(sku)
            self._modes.hit(CacheFlush)
        return product

    def _thaw(self) -> None:
        if self._withheld and self._modes.get(CacheFrozen) is None:
            withheld, self._withheld = self._withheld, {}
            self.take(withheld.values())

    def _flush(self) -> None:
        self._flushed = set(self._copies)
        self._copies.clear()


def _drain(connection: sqlite3.Connection) -> list[Product]:
    touched = [row[0] for row in connection.execute("SELECT sku FROM touched")]
    connection.execute("DELETE FROM touched")
    return [catalogue.product(connection, sku) for sku in touched]
