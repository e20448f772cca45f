"""Coupons: so many uses in all and so many each, kept by conditional updates, given back with the order."""

import sqlite3

import msgspec

from mock_store.web import Refused


class Coupon(msgspec.Struct, frozen=True):
    """A coupon worth `cents`: `used` of `cap` uses, at most `per_shopper` each."""

    code: str
    cents: int
    cap: int
    per_shopper: int
    used: int


_COLUMNS = ", ".join(Coupon.__struct_fields__)


def snapshot(connection: sqlite3.Connection) -> list[Coupon]:
    """Return every coupon."""
    rows = connection.execute(f"SELECT {_COLUMNS} FROM coupons ORDER BY code")  # noqa: S608 - constant
    return [Coupon(*row) for row in rows]


def by_code(connection: sqlite3.Connection, code: str) -> Coupon:
    """Return a coupon; Refused(404) if there is none of that code."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM coupons WHERE code = ?", (code,)).fetchone()  # noqa: S608
    if row is None:
        raise Refused(404, "unknown_coupon")
    return Coupon(*row)


def check(connection: sqlite3.Connection, code: str, shopper: str) -> Coupon:
    """Return a coupon that a shopper may still use; Refused: 404 unknown_coupon, 409 coupon_used_up."""
    coupon = by_code(connection, code)
    if coupon.used >= coupon.cap or used_by(connection, code, shopper) >= coupon.per_shopper:
        raise Refused(409, "coupon_used_up")
    return coupon


def used_by(connection: sqlite3.Connection, code: str, shopper: str) -> int:
    """Return how often a shopper has used a coupon."""
    row = connection.execute(
        "SELECT used FROM coupon_uses WHERE code = ? AND shopper = ?", (code, shopper)
    ).fetchone()
    return 0 if row is None else int(row[0])


def use(connection: sqlite3.Connection, code: str, shopper: str) -> Coupon:
    """Count one use and return the coupon; Refused(409) coupon_used_up, both counters being conditions."""
    coupon = by_code(connection, code)
    counted = connection.execute("UPDATE coupons SET used = used + 1 WHERE code = ? AND used < cap", (code,))
    mine = connection.execute(
        "INSERT INTO coupon_uses VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET used = used + 1 WHERE used < ?",
        (code, shopper, coupon.per_shopper),
    )
    if not (counted.rowcount and mine.rowcount):
        raise Refused(409, "coupon_used_up")
    return coupon


def give_back(connection: sqlite3.Connection, code: str, shopper: str) -> None:
    """Undo one use, of an order that expired or was cancelled."""
    connection.execute("UPDATE coupons SET used = used - 1 WHERE code = ?", (code,))
    connection.execute(
        "UPDATE coupon_uses SET used = used - 1 WHERE code = ? AND shopper = ?", (code, shopper)
    )
