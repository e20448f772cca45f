"""The regions' shared tables, and the stock they start with."""

import sqlite3

from mock_store.config import RegionConfig

#: Payments whose outcome is not known yet; an order has at most one of them.
OPEN_STATES = "'authorizing', 'authorized', 'capturing', 'unknown'"

TABLES = (
    """CREATE TABLE IF NOT EXISTS stock (
        sku TEXT PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL,
        flash INTEGER NOT NULL, limit_per_shopper INTEGER NOT NULL, opens_at_ns INTEGER NOT NULL,
        initial INTEGER NOT NULL, available INTEGER NOT NULL, reserved INTEGER NOT NULL, sold INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS orders (
        order_id TEXT PRIMARY KEY, shopper TEXT NOT NULL, intent TEXT NOT NULL,
        intent_key TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL,
        status TEXT NOT NULL, channel TEXT NOT NULL, total_cents INTEGER NOT NULL,
        region TEXT NOT NULL, payment_id TEXT NOT NULL, expires_at_ns INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS orders_of_shopper ON orders (shopper)",
    """CREATE INDEX IF NOT EXISTS unpaid_orders ON orders (expires_at_ns)
        WHERE status = 'pending_payment'""",
    """CREATE TABLE IF NOT EXISTS order_lines (
        order_id TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, price_cents INTEGER NOT NULL,
        PRIMARY KEY (order_id, sku)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS cart_lines (
        shopper TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL,
        PRIMARY KEY (shopper, sku)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS cart_answers (
        intent_key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS payments (
        attempt_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
        amount_cents INTEGER NOT NULL, state TEXT NOT NULL, payment_id TEXT NOT NULL,
        lease_until_ns INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS payments_of_order ON payments (order_id)",
    f"""CREATE UNIQUE INDEX IF NOT EXISTS open_payments ON payments (order_id)
        WHERE state IN ({OPEN_STATES})""",
    "CREATE TABLE IF NOT EXISTS callback_events (event_id TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS refunds (
        payment_id TEXT PRIMARY KEY, amount_cents INTEGER NOT NULL, done INTEGER NOT NULL,
        lease_until_ns INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS due_refunds ON refunds (lease_until_ns) WHERE done = 0",
)

_SEED = "INSERT OR IGNORE INTO stock VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0)"


def seed_stock(connection: sqlite3.Connection, config: RegionConfig) -> None:
    """Put the sale and the catalogue on the shelf, unless a region has done so already."""
    sale = config.sale
    flash = (
        sale.sku,
        f"Flash sale {sale.sku}",
        sale.price_cents,
        1,
        sale.limit_per_shopper,
        sale.opens_at_ns,
    )
    connection.execute(_SEED, (*flash, sale.stock, sale.stock))
    for item in config.catalogue:
        plain = (item.sku, item.name or f"Product {item.sku}", item.price_cents, 0, 0, 0)
        connection.execute(_SEED, (*plain, item.stock, item.stock))
