"""Reads of the whole state, one snapshot each, for whoever audits the shop."""

import sqlite3
from collections import defaultdict
from typing import Any

from mock_store.orders import Line
from mock_store.schema import OPEN_STATES

_ORDER_FIELDS = (
    "order_id",
    "shopper",
    "intent",
    "status",
    "channel",
    "total_cents",
    "region",
    "payment_id",
    "coupon",
    "discount_cents",
    "gift_card",
    "gift_cents",
)


def all_orders(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return every order with its lines, in the order in which they were made."""
    lines: dict[str, list[Line]] = defaultdict(list)
    for order_id, *line in connection.execute("SELECT order_id, sku, qty, price_cents FROM order_lines"):
        lines[order_id].append(Line(*line))
    rows = connection.execute(f"SELECT {', '.join(_ORDER_FIELDS)} FROM orders ORDER BY rowid")  # noqa: S608 - constant
    return [{**dict(zip(_ORDER_FIELDS, row, strict=True)), "lines": lines[row[0]]} for row in rows]


def pending(connection: sqlite3.Connection) -> dict[str, int]:
    """Return what is not settled yet; all 0 at rest.

    pending_payments: attempts without an outcome; reserved_units: units held for unpaid orders;
    unreconciled: attempts whose answer was lost, and refunds not yet made; unsent: confirmations owed.
    """
    counts = {
        "pending_payments": f"SELECT COUNT(*) FROM payments WHERE state IN ({OPEN_STATES})",  # noqa: S608 - constant
        "reserved_units": "SELECT COALESCE(SUM(reserved), 0) FROM stock",
        "unreconciled": "SELECT (SELECT COUNT(*) FROM payments WHERE state = 'unknown')"
        " + (SELECT COUNT(*) FROM refunds WHERE done = 0)",
        "unsent": "SELECT COUNT(*) FROM outbox WHERE done = 0",
    }
    return {name: int(connection.execute(query).fetchone()[0]) for name, query in counts.items()}


def transitions(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return every status that an order ever had, in the order in which they were written."""
    return _rows(connection, "SELECT order_id, seq, status FROM transitions ORDER BY seq")


def events(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return every callback event, how often it came and how often it took effect."""
    return _rows(connection, "SELECT order_id, event_id, received, effects FROM callback_events")


def _rows(connection: sqlite3.Connection, query: str) -> list[dict[str, Any]]:
    cursor = connection.execute(query)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
