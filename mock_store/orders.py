"""Orders: written once with their reserved units, then paid, confirmed (pay later) or expired.

pending_payment ─> paid ──────┬─> cancelled     units, coupon and gift card are given back, money is refunded
        │      └─> confirmed ─┤
        │                     │
        ├─────────────────────┘
        └──────> expired                        units, coupon and gift card are given back
"""

import sqlite3
from collections.abc import Iterable
from secrets import token_hex

import msgspec

from mock_store import confirmations, coupons, gift_cards, inventory
from mock_store.schema import OPEN_STATES
from mock_store.units import NS_PER_S
from mock_store.web import Refused

PENDING_PAYMENT = "pending_payment"
PAID = "paid"
CONFIRMED = "confirmed"
EXPIRED = "expired"
CANCELLED = "cancelled"


class Order(msgspec.Struct, frozen=True):
    """One row. `intent_key` is the idempotency key made unique across operations and shoppers."""

    order_id: str
    shopper: str
    intent: str
    intent_key: str
    fingerprint: str
    status: str
    channel: str
    total_cents: int
    region: str
    payment_id: str
    expires_at_ns: int
    coupon: str
    discount_cents: int
    gift_card: str
    gift_cents: int

    @property
    def settled(self) -> bool:
        """Tell whether the shopper owes nothing more now."""
        return self.status in {PAID, CONFIRMED}


class Line(msgspec.Struct, frozen=True):
    """One line of an order or a cart."""

    sku: str
    qty: int
    price_cents: int


class Relief(msgspec.Struct, frozen=True, kw_only=True):
    """What an order's total is less than its lines by, and through which coupon and gift card."""

    coupon: str = ""
    discount_cents: int = 0
    gift_card: str = ""
    gift_cents: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An order about to be written. Without an `order_id` it gets one that nobody else can have.

    One with an `order_id` takes the row of whoever had it: only a defect asks for that.
    """

    shopper: str
    intent: str
    intent_key: str
    fingerprint: str
    region: str
    expires_at_ns: int
    lines: tuple[Line, ...]
    order_id: str = ""
    relief: Relief = Relief()


_UNITS = (
    "SELECT COALESCE(SUM(line.qty), 0) FROM orders JOIN order_lines AS line USING (order_id)"
    " WHERE line.sku = ? AND orders.status NOT IN ('expired', 'cancelled')"
)
_COLUMNS = ", ".join(Order.__struct_fields__)
_INSERT = f"INSERT INTO orders VALUES (:{', :'.join(Order.__struct_fields__)})"  # noqa: S608 - constant


def insert(connection: sqlite3.Connection, draft: Draft) -> Order:
    """Write an order whose units are reserved already."""
    relief = draft.relief
    order = Order(
        order_id=draft.order_id or f"o-{token_hex(8)}",
        shopper=draft.shopper,
        intent=draft.intent,
        intent_key=draft.intent_key,
        fingerprint=draft.fingerprint,
        status=PENDING_PAYMENT,
        channel="",
        total_cents=sum_of(draft.lines) - relief.discount_cents - relief.gift_cents,
        region=draft.region,
        payment_id="",
        expires_at_ns=draft.expires_at_ns,
        **msgspec.structs.asdict(relief),
    )
    if draft.order_id:
        connection.execute("DELETE FROM orders WHERE order_id = ?", (order.order_id,))
        connection.execute("DELETE FROM order_lines WHERE order_id = ?", (order.order_id,))
    connection.execute(_INSERT, msgspec.structs.asdict(order))
    rows = [(order.order_id, *msgspec.structs.astuple(line)) for line in draft.lines]
    connection.executemany("INSERT INTO order_lines VALUES (?, ?, ?, ?)", rows)
    return order


def sum_of(lines: Iterable[Line]) -> int:
    """Return what lines come to, in cents."""
    return sum(line.qty * line.price_cents for line in lines)


def by_id(connection: sqlite3.Connection, order_id: str) -> Order:
    """Return an order; Refused(404) if there is none of that id."""
    order = find(connection, order_id)
    if order is None:
        raise Refused(404, "unknown_order")
    return order


def find(connection: sqlite3.Connection, order_id: str) -> Order | None:
    """Return an order, or None."""
    return _one(connection, "order_id", order_id)


def by_intent(connection: sqlite3.Connection, intent_key: str, fingerprint: str) -> Order | None:
    """Return what an intent has ordered already, or None; Refused(422) if it asked for something else."""
    order = _one(connection, "intent_key", intent_key)
    if order is not None and order.fingerprint != fingerprint:
        raise Refused(422, "idempotency_mismatch")
    return order


def lines_of(connection: sqlite3.Connection, order_id: str) -> list[Line]:
    """Return the lines of an order."""
    rows = connection.execute("SELECT sku, qty, price_cents FROM order_lines WHERE order_id = ?", (order_id,))
    return [Line(*row) for row in rows]


def held_units(connection: sqlite3.Connection, shopper: str, sku: str, *, region: str = "") -> int:
    """Return how many units of a SKU a shopper has bought or still may pay for, in a region or in all."""
    row = connection.execute(
        _UNITS + " AND orders.shopper = ? AND (orders.region = ? OR ? = '')", (sku, shopper, region, region)
    ).fetchone()
    return int(row[0])


def units_of_region(connection: sqlite3.Connection, region: str, sku: str) -> int:
    """Return how many units of a SKU were ordered in a region and not given back."""
    return int(connection.execute(_UNITS + " AND orders.region = ?", (sku, region)).fetchone()[0])


def settle(
    connection: sqlite3.Connection, order: Order, *, status: str, channel: str, payment_id: str
) -> None:
    """Mark an unpaid order as paid or confirmed, its units as sold, and a confirmation as owed."""
    connection.execute(
        "UPDATE orders SET status = ?, channel = ?, payment_id = ? WHERE order_id = ?",
        (status, channel, payment_id, order.order_id),
    )
    inventory.sell(connection, order.order_id)
    confirmations.owe(connection, order.order_id)


def expire(connection: sqlite3.Connection, order_id: str) -> None:
    """Give up an unpaid order and give back what it held; without effect on any other."""
    if change(connection, order_id, was=PENDING_PAYMENT, status=EXPIRED):
        inventory.release(connection, order_id)
        give_back_vouchers(connection, order_id)


def change(connection: sqlite3.Connection, order_id: str, *, was: str, status: str) -> bool:
    """Take an order from one status to another; False, without effect, if it has a third."""
    changed = connection.execute(
        "UPDATE orders SET status = ? WHERE order_id = ? AND status = ?", (status, order_id, was)
    )
    return changed.rowcount == 1


def give_back_vouchers(connection: sqlite3.Connection, order_id: str) -> None:
    """Undo the use of an order's coupon and the payment from its gift card."""
    order = by_id(connection, order_id)
    if order.coupon:
        coupons.give_back(connection, order.coupon, order.shopper)
    if order.gift_card:
        gift_cards.give_back(connection, order.gift_card, order.gift_cents)


def overdue(connection: sqlite3.Connection, now_ns: int) -> list[str]:
    """Return unpaid orders past their time. One with an open payment waits until that is resolved."""
    rows = connection.execute(
        "SELECT order_id FROM orders WHERE status = 'pending_payment' AND expires_at_ns <= ?"  # noqa: S608 - constant
        f" AND NOT EXISTS (SELECT 1 FROM payments WHERE payments.order_id = orders.order_id"
        f" AND state IN ({OPEN_STATES}))",
        (now_ns,),
    )
    return [row[0] for row in rows]


def expire_overdue(connection: sqlite3.Connection, now_ns: int) -> int:
    """Expire every overdue order and return how many there were."""
    late = overdue(connection, now_ns)
    for order_id in late:
        expire(connection, order_id)
    return len(late)


def expires_in_s(order: Order, now_ns: int) -> float:
    """Return how long the order's units are still held, in seconds; 0 when they no longer need to be."""
    return round(max(0, order.expires_at_ns - now_ns) / NS_PER_S, 3)


def _one(connection: sqlite3.Connection, column: str, value: str) -> Order | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM orders WHERE {column} = ?", (value,)).fetchone()  # noqa: S608
    return None if row is None else Order(*row)
