"""Money that no order could take, or whose order was cancelled, on its way back."""

import sqlite3

import msgspec

from mock_store import inventory
from mock_store.payments import LEASE_NS


class Refund(msgspec.Struct, frozen=True):
    """One captured payment to be given back in full."""

    payment_id: str
    amount_cents: int


def owe(connection: sqlite3.Connection, refund: Refund) -> None:
    """Note that a payment is to be given back; once, however often it is said."""
    row = msgspec.structs.astuple(refund)
    connection.execute("INSERT OR IGNORE INTO refunds VALUES (?, ?, 0, 0)", row)


def due(connection: sqlite3.Connection, now_ns: int, limit: int) -> list[Refund]:
    """Return refunds that nobody is working at."""
    rows = connection.execute(
        "SELECT payment_id, amount_cents FROM refunds WHERE done = 0 AND lease_until_ns <= ? LIMIT ?",
        (now_ns, limit),
    )
    return [Refund(*row) for row in rows]


def claim_due(connection: sqlite3.Connection, now_ns: int, limit: int) -> list[Refund]:
    """Lease refunds to the caller."""
    claimed = due(connection, now_ns, limit)
    leases = [(now_ns + LEASE_NS, refund.payment_id) for refund in claimed]
    connection.executemany("UPDATE refunds SET lease_until_ns = ? WHERE payment_id = ?", leases)
    return claimed


def postpone(connection: sqlite3.Connection, refund: Refund, until_ns: int) -> None:
    """Leave a refund to whoever comes after `until_ns`."""
    connection.execute(
        "UPDATE refunds SET lease_until_ns = ? WHERE payment_id = ?", (until_ns, refund.payment_id)
    )


def finish(connection: sqlite3.Connection, refund: Refund, *, restock: bool = False) -> None:
    """Note that the provider has given the money back; to restock once more is a defect."""
    connection.execute("UPDATE refunds SET done = 1 WHERE payment_id = ?", (refund.payment_id,))
    if restock:
        cancelled = connection.execute(
            "SELECT order_id FROM orders WHERE payment_id = ? AND status = 'cancelled'", (refund.payment_id,)
        ).fetchall()
        for (order_id,) in cancelled:
            inventory.restock_again(connection, order_id)
