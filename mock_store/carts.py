"""Carts, and the order of a whole cart."""

import sqlite3
from typing import Any

import msgspec

from mock_store import catalogue, inventory, orders
from mock_store.region import Region
from mock_store.web import Refused


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """Units to put into a cart, once for each `key`."""

    shopper: str
    key: str
    sku: str
    qty: int


def view(connection: sqlite3.Connection, shopper: str, region: str) -> dict[str, Any]:
    """Return a cart; one that nobody filled is empty."""
    lines = lines_of(connection, shopper)
    total_cents = sum(line.qty * line.price_cents for line in lines)
    return {"shopper": shopper, "lines": lines, "total_cents": total_cents, "region": region}


def lines_of(connection: sqlite3.Connection, shopper: str) -> tuple[orders.Line, ...]:
    """Return the lines of a cart at today's prices."""
    rows = connection.execute(
        "SELECT sku, qty, price_cents FROM cart_lines JOIN stock USING (sku) WHERE shopper = ? ORDER BY sku",
        (shopper,),
    )
    return tuple(orders.Line(*row) for row in rows)


def add(connection: sqlite3.Connection, addition: Addition, region: str) -> bytes:
    """Put units into a cart and return the cart as JSON; a replay gets the same bytes.

    Refused: 404 unknown_sku, 422 idempotency_mismatch.
    """
    intent_key = f"{addition.shopper}/{addition.key}"
    fingerprint = f"{addition.sku}/{addition.qty}"
    saved = replay(connection, intent_key, fingerprint)
    if saved is not None:
        return saved
    catalogue.ordinary(connection, addition.sku)
    connection.execute(
        "INSERT INTO cart_lines VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET qty = qty + excluded.qty",
        (addition.shopper, addition.sku, addition.qty),
    )
    cart = msgspec.json.encode(view(connection, addition.shopper, region))
    connection.execute("INSERT INTO cart_answers VALUES (?, ?, ?)", (intent_key, fingerprint, cart))
    return cart


def replay(connection: sqlite3.Connection, intent_key: str, fingerprint: str) -> bytes | None:
    """Return the saved answer of an addition, or None; Refused(422) if its key added something else."""
    row = connection.execute(
        "SELECT fingerprint, answer FROM cart_answers WHERE intent_key = ?", (intent_key,)
    ).fetchone()
    if row is None:
        return None
    if row[0] != fingerprint:
        raise Refused(422, "idempotency_mismatch")
    return bytes(row[1])


def order(
    connection: sqlite3.Connection, shopper: str, key: str, region: Region
) -> tuple[orders.Order, list[orders.Line], bool]:
    """Order everything in the cart and empty it; return the order, its lines and whether it is new.

    Refused: 409 empty_cart, or sold_out if any line cannot be reserved (then none is).
    """
    intent_key = f"cart/{shopper}/{key}"
    known = orders.by_intent(connection, intent_key, "")
    if known is not None:
        return known, orders.lines_of(connection, known.order_id), False
    lines = lines_of(connection, shopper)
    if not lines:
        raise Refused(409, "empty_cart")
    _reserve_all(connection, lines)
    connection.execute("DELETE FROM cart_lines WHERE shopper = ?", (shopper,))
    draft = orders.Draft(
        shopper=shopper,
        intent=key,
        intent_key=intent_key,
        fingerprint="",
        region=region.name,
        expires_at_ns=region.reserved_until_ns(),
        lines=lines,
    )
    return orders.insert(connection, draft), list(lines), True


def _reserve_all(connection: sqlite3.Connection, lines: tuple[orders.Line, ...]) -> None:
    for line in lines:
        if not inventory.reserve(connection, line.sku, line.qty):
            raise Refused(409, "sold_out")
