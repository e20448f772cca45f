"""The regions' shared tables, and the stock they start with."""

import sqlite3

import msgspec

from mock_store.config import RegionConfig

#: Payments whose outcome is not known yet; an order has at most one of them.
OPEN_STATES = "'authorizing', 'authorized', 'capturing', 'unknown'"

TABLES = (
    """CREATE TABLE IF NOT EXISTS stock (
        sku TEXT PRIMARY KEY, name TEXT NOT NULL, price_cents INTEGER NOT NULL,
        flash INTEGER NOT NULL, limit_per_shopper INTEGER NOT NULL, opens_at_ns INTEGER NOT NULL,
        closes_at_ns INTEGER NOT NULL, full_price_cents INTEGER NOT NULL, tokens INTEGER NOT NULL,
        initial INTEGER NOT NULL, available INTEGER NOT NULL, reserved INTEGER NOT NULL,
        sold INTEGER NOT NULL, restocked INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS orders (
        order_id TEXT PRIMARY KEY, shopper TEXT NOT NULL, intent TEXT NOT NULL,
        intent_key TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL,
        status TEXT NOT NULL, channel TEXT NOT NULL, total_cents INTEGER NOT NULL,
        region TEXT NOT NULL, payment_id TEXT NOT NULL, expires_at_ns INTEGER NOT NULL,
        coupon TEXT NOT NULL, discount_cents INTEGER NOT NULL,
        gift_card TEXT NOT NULL, gift_cents INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS orders_of_shopper ON orders (shopper)",
    """CREATE INDEX IF NOT EXISTS unpaid_orders ON orders (expires_at_ns)
        WHERE status = 'pending_payment'""",
    # Written by the database itself: no way of changing a status can forget to say so.
    """CREATE TABLE IF NOT EXISTS transitions (
        seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL, status TEXT NOT NULL)""",
    """CREATE TRIGGER IF NOT EXISTS order_made AFTER INSERT ON orders BEGIN
        INSERT INTO transitions (order_id, status) VALUES (NEW.order_id, NEW.status); END""",
    """CREATE TRIGGER IF NOT EXISTS order_changed AFTER UPDATE OF status ON orders
        WHEN NEW.status != OLD.status BEGIN
        INSERT INTO transitions (order_id, status) VALUES (NEW.order_id, NEW.status); END""",
    """CREATE TABLE IF NOT EXISTS order_lines (
        order_id TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL, price_cents INTEGER NOT NULL,
        PRIMARY KEY (order_id, sku)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS cart_lines (
        shopper TEXT NOT NULL, sku TEXT NOT NULL, qty INTEGER NOT NULL,
        PRIMARY KEY (shopper, sku)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS cart_vouchers (
        shopper TEXT PRIMARY KEY, coupon TEXT NOT NULL, gift_card TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS cart_answers (
        intent_key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, answer BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS payments (
        attempt_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL,
        amount_cents INTEGER NOT NULL, state TEXT NOT NULL, payment_id TEXT NOT NULL,
        lease_until_ns INTEGER NOT NULL, provider TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS payments_of_order ON payments (order_id)",
    f"""CREATE UNIQUE INDEX IF NOT EXISTS open_payments ON payments (order_id)
        WHERE state IN ({OPEN_STATES})""",
    """CREATE TABLE IF NOT EXISTS coupons (
        code TEXT PRIMARY KEY, cents INTEGER NOT NULL, cap INTEGER NOT NULL, per_shopper INTEGER NOT NULL,
        used INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS coupon_uses (
        code TEXT NOT NULL, shopper TEXT NOT NULL, used INTEGER NOT NULL,
        PRIMARY KEY (code, shopper)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS gift_cards (
        code TEXT PRIMARY KEY, initial_cents INTEGER NOT NULL,
        balance_cents INTEGER NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS queue_tokens (
        place INTEGER PRIMARY KEY, token TEXT NOT NULL UNIQUE, sku TEXT NOT NULL, shopper TEXT NOT NULL,
        intent_key TEXT NOT NULL UNIQUE, admitted INTEGER NOT NULL, uses INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS tokens_admitted ON queue_tokens (admitted)",
    """CREATE TABLE IF NOT EXISTS outbox (
        seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, done INTEGER NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS unsent_confirmations ON outbox (seq) WHERE done = 0",
    "CREATE TABLE IF NOT EXISTS mailbox (order_id TEXT PRIMARY KEY, sent INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS callback_events (
        event_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, received INTEGER NOT NULL,
        effects INTEGER NOT NULL) WITHOUT ROWID""",
    # At most one row: the provider that takes new payments, if it is not the first.
    "CREATE TABLE IF NOT EXISTS channel (provider TEXT PRIMARY KEY) WITHOUT ROWID",
    """CREATE TABLE IF NOT EXISTS refunds (
        payment_id TEXT PRIMARY KEY, amount_cents INTEGER NOT NULL, done INTEGER NOT NULL,
        lease_until_ns INTEGER NOT NULL) WITHOUT ROWID""",
    "CREATE INDEX IF NOT EXISTS due_refunds ON refunds (lease_until_ns) WHERE done = 0",
)

_STOCK = """INSERT OR IGNORE INTO stock VALUES (:sku, :name, :price_cents, :flash, :limit_per_shopper,
    :opens_at_ns, :closes_at_ns, :full_price_cents, :tokens, :stock, :stock, 0, 0, 0)"""
_NO_SALE = {
    "flash": False,
    "limit_per_shopper": 0,
    "opens_at_ns": 0,
    "closes_at_ns": 0,
    "full_price_cents": 0,
    "tokens": False,
}


def seed(connection: sqlite3.Connection, config: RegionConfig) -> None:
    """Put sale, catalogue, coupon and gift cards there, unless a region has done so already."""
    sale = config.sale
    named = {"name": f"Flash sale {sale.sku}", "flash": True}
    connection.execute(_STOCK, {**msgspec.structs.asdict(sale), **named})
    for item in config.catalogue:
        plain = {**msgspec.structs.asdict(item), "name": item.name or f"Product {item.sku}"}
        connection.execute(_STOCK, {**plain, **_NO_SALE})
    if config.coupon is not None:
        row = msgspec.structs.astuple(config.coupon)
        connection.execute("INSERT OR IGNORE INTO coupons VALUES (?, ?, ?, ?, 0)", row)
    cards = [(card.code, card.cents, card.cents) for card in config.gift_cards]
    connection.executemany("INSERT OR IGNORE INTO gift_cards VALUES (?, ?, ?)", cards)
