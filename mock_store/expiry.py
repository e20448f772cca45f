"""Gives up orders that nobody paid in time, and what they held; any region does it for all.

An order is expired by a conditional update in the unit of work that frees its units, so two regions that see
the same one overdue free it once.
"""

import sqlite3

from mock_store import inventory, orders
from mock_store.defects import Defect
from mock_store.region import Region

#: Longer than any region waits between two looks: so another has seen the same orders overdue meanwhile.
_DAWDLES_S = 0.3


async def sweep(region: Region) -> None:
    """Expire every overdue order; only read if there is none."""
    now_ns = region.now_ns()
    late = region.storage.read(orders.overdue, now_ns)
    if not late:
        return
    if region.has(Defect.STOCK_FREED_TWICE):
        await region.sleep(_DAWDLES_S)
        await region.storage.write(_free_unasked, late)
    elif region.has(Defect.RESERVATION_NEVER_FREED):
        await region.storage.write(_forget, late)
    else:
        await region.storage.write(orders.expire_overdue, now_ns)


def _free_unasked(connection: sqlite3.Connection, late: list[str]) -> None:
    for order_id in late:
        orders.change(connection, order_id, was=orders.PENDING_PAYMENT, status=orders.EXPIRED)
        inventory.release_unasked(connection, order_id)


def _forget(connection: sqlite3.Connection, late: list[str]) -> None:
    for order_id in late:
        orders.change(connection, order_id, was=orders.PENDING_PAYMENT, status=orders.EXPIRED)
