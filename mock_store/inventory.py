"""Units on the shelf: initial = available + reserved + sold, kept by conditional updates alone."""

import sqlite3

import msgspec


class StockLine(msgspec.Struct, frozen=True):
    """The units of one SKU."""

    sku: str
    initial: int
    available: int
    reserved: int
    sold: int
    restocked: int


_COLUMNS = ", ".join(StockLine.__struct_fields__)


def reserve(connection: sqlite3.Connection, sku: str, qty: int) -> bool:
    """Take units off the shelf for an unpaid order; False, without effect, if there are not enough."""
    taken = connection.execute(
        "UPDATE stock SET available = available - :qty, reserved = reserved + :qty"
        " WHERE sku = :sku AND available >= :qty",
        {"sku": sku, "qty": qty},
    )
    return taken.rowcount == 1


def reserve_unasked(connection: sqlite3.Connection, sku: str, qty: int) -> bool:
    """Reserve units whether there are any or not: what a shop does that counts them elsewhere."""
    connection.execute(
        "UPDATE stock SET available = MAX(0, available - :qty), reserved = reserved + :qty WHERE sku = :sku",
        {"sku": sku, "qty": qty},
    )
    return True


def release(connection: sqlite3.Connection, order_id: str) -> None:
    """Put an unpaid order's units back on the shelf."""
    _move(connection, order_id, "reserved = reserved - line.qty, available = available + line.qty")


def release_unasked(connection: sqlite3.Connection, order_id: str) -> None:
    """Put units back on the shelf whether they are still held or not: what a defect does."""
    _move(connection, order_id, "reserved = MAX(0, reserved - line.qty), available = available + line.qty")


def restock_again(connection: sqlite3.Connection, order_id: str) -> None:
    """Put units back that are on the shelf already: what a defect does."""
    _move(connection, order_id, "available = available + line.qty, restocked = restocked + line.qty")


def sell(connection: sqlite3.Connection, order_id: str) -> None:
    """Turn an order's reserved units into sold ones."""
    _move(connection, order_id, "reserved = reserved - line.qty, sold = sold + line.qty")


def restock(connection: sqlite3.Connection, order_id: str) -> None:
    """Put a sold order's units back on the shelf."""
    _move(
        connection,
        order_id,
        "sold = sold - line.qty, available = available + line.qty, restocked = restocked + line.qty",
    )


def sell_from_shelf(connection: sqlite3.Connection, order_id: str) -> None:
    """Sell an order's units that are not reserved: what a defect does."""
    _move(connection, order_id, "available = available - line.qty, sold = sold + line.qty")


def snapshot(connection: sqlite3.Connection) -> list[StockLine]:
    """Return the units of every SKU."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM stock ORDER BY sku")  # noqa: S608 - constant
    return [StockLine(*row) for row in rows]


def _move(connection: sqlite3.Connection, order_id: str, change: str) -> None:
    connection.execute(
        f"UPDATE stock SET {change} FROM order_lines AS line"  # noqa: S608 - `change` is a constant above
        " WHERE line.order_id = ? AND line.sku = stock.sku",
        (order_id,),
    )
