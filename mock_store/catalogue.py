"""What is for sale."""

import sqlite3

import msgspec

from mock_store.units import NS_PER_MS
from mock_store.web import Refused


class Product(msgspec.Struct, frozen=True):
    """One SKU as the shop knows it. `flash` items are sold in the flash sale only."""

    sku: str
    name: str
    price_cents: int
    flash: bool
    limit_per_shopper: int
    opens_at_ns: int
    closes_at_ns: int
    full_price_cents: int
    tokens: bool
    available: int

    def price_at(self, now_ns: int) -> int:
        """Return the price of an order made at an instant: the sale's until it closes, if it ever does."""
        closed = self.flash and 0 < self.closes_at_ns <= now_ns
        return self.full_price_cents if closed else self.price_cents


_COLUMNS = ", ".join(Product.__struct_fields__)


def product(connection: sqlite3.Connection, sku: str) -> Product:
    """Return a product; Refused(404) if there is none of that name."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM stock WHERE sku = ?", (sku,)).fetchone()  # noqa: S608 - constant
    if row is None:
        raise Refused(404, "unknown_sku")
    return Product(*row)


def ordinary(connection: sqlite3.Connection, sku: str) -> Product:
    """Return a product that carts may hold; Refused(404) for one of the flash sale."""
    found = product(connection, sku)
    if found.flash:
        raise Refused(404, "unknown_sku")
    return found


def on_flash_sale(connection: sqlite3.Connection, sku: str) -> Product:
    """Return a product of the flash sale; Refused(404) for any other."""
    found = product(connection, sku)
    if not found.flash:
        raise Refused(404, "unknown_sku")
    return found


def set_sale(connection: sqlite3.Connection, opens_at_ns: int, closes_at_ns: int | None) -> None:
    """Let the flash sale open, and close, at instants of CLOCK_MONOTONIC; None leaves its end as it is."""
    connection.execute(
        "UPDATE stock SET opens_at_ns = ?, closes_at_ns = COALESCE(?, closes_at_ns) WHERE flash",
        (opens_at_ns, closes_at_ns),
    )


def opens_in_ms(item: Product, now_ns: int) -> int:
    """Return how long it takes until an item is sold, in whole milliseconds; 0 if it is."""
    return max(0, -(-(item.opens_at_ns - now_ns) // NS_PER_MS))


def page(found: Product, region: str, now_ns: int) -> dict[str, object]:
    """Return the product page; of the flash sale's with the countdown."""
    countdown = {"opens_in_ms": opens_in_ms(found, now_ns)} if found.flash else {}
    return {
        "sku": found.sku,
        "name": found.name,
        "price_cents": found.price_at(now_ns),
        "available": found.available,
        "region": region,
        **countdown,
    }
