"""Confirmations owed to shoppers: one for each order, noted in the commit that makes the order paid.

Table `outbox` is what the shop owes, `mailbox` the books of the service that sends. Both are in one database
here, so that sending and crossing off are one commit; where they are not, the service must know a message
again by its id.
"""

import sqlite3

import msgspec


class Confirmation(msgspec.Struct, frozen=True):
    """How often the shopper of an order was written to."""

    order_id: str
    sent: int


def owe(connection: sqlite3.Connection, order_id: str) -> None:
    """Note that an order's shopper is to be written to; once, however often it is said."""
    connection.execute("INSERT OR IGNORE INTO outbox (order_id, done) VALUES (?, 0)", (order_id,))


def unsent(connection: sqlite3.Connection, limit: int) -> list[str]:
    """Return orders whose shopper is still to be written to, oldest first."""
    rows = connection.execute("SELECT order_id FROM outbox WHERE done = 0 ORDER BY seq LIMIT ?", (limit,))
    return [row[0] for row in rows]


def send_all(connection: sqlite3.Connection, limit: int) -> None:
    """Send what is owed and cross it off."""
    owed = unsent(connection, limit)
    send(connection, owed)
    cross_off(connection, owed)


def send(connection: sqlite3.Connection, order_ids: list[str]) -> None:
    """Send a confirmation of each order."""
    connection.executemany(
        "INSERT INTO mailbox VALUES (?, 1) ON CONFLICT DO UPDATE SET sent = sent + 1",
        [(order_id,) for order_id in order_ids],
    )


def cross_off(connection: sqlite3.Connection, order_ids: list[str]) -> None:
    """Note that nothing is owed for these orders any more."""
    connection.executemany(
        "UPDATE outbox SET done = 1 WHERE order_id = ?", [(order_id,) for order_id in order_ids]
    )


def snapshot(connection: sqlite3.Connection) -> list[Confirmation]:
    """Return every order whose shopper was to be written to, and how often that was done."""
    rows = connection.execute(
        "SELECT order_id, COALESCE(sent, 0) FROM outbox LEFT JOIN mailbox USING (order_id) ORDER BY seq"
    )
    return [Confirmation(*row) for row in rows]
