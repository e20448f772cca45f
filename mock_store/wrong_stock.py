"""How units are taken off the shelf: the right way, and defects that count what is left elsewhere."""

import sqlite3
from collections.abc import Callable
from functools import partial

from mock_store import inventory, orders
from mock_store.defects import Defect
from mock_store.region import Region
from mock_store.web import Refused

#: Takes so many units of a SKU within a unit of work; False if there are not enough.
Take = Callable[[sqlite3.Connection, str, int], bool]


async def way_to_take(region: Region, sku: str, qty: int, available: int) -> Take:
    """Return how a region takes units of the flash sale; Refused(409) sold_out if it believes there are none.

    `available` is what the database said.
    """
    if region.has(Defect.SOLD_OUT_FLAPS) and region.rng.random() < 1 / 4:
        raise Refused(409, "sold_out")
    believes = next((count for defect, count in _BELIEFS.items() if region.has(defect)), None)
    left = available if believes is None else believes(region, sku)
    if left < qty:
        raise Refused(409, "sold_out")
    if region.has(Defect.SPLIT_BRAIN):
        region.memory.counts[sku] = left - qty
    if region.has(Defect.OVERSELL_RACE):
        await region.sleep(region.rng.uniform(0.005, 0.040))
        return partial(_write_back, available)
    return inventory.reserve if believes is None else inventory.reserve_unasked


def _write_back(available: int, connection: sqlite3.Connection, sku: str, qty: int) -> bool:
    connection.execute(
        "UPDATE stock SET available = ?, reserved = reserved + ? WHERE sku = ?", (available - qty, qty, sku)
    )
    return True


def _on_the_page(region: Region, sku: str) -> int:
    return region.pages.product(sku).available


def _in_this_region(region: Region, sku: str) -> int:
    return region.config.sale.stock - region.storage.read(orders.units_of_region, region.name, sku)


def _in_memory(region: Region, sku: str) -> int:
    return region.memory.counts.get(sku, 0)


_BELIEFS: dict[Defect, Callable[[Region, str], int]] = {
    Defect.OVERSELL_CACHE: _on_the_page,
    Defect.OVERSELL_TWO_REGIONS: _in_this_region,
    Defect.SPLIT_BRAIN: _in_memory,
}
