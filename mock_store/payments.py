"""Card payments as a state machine; each state is committed before the step it announces is taken.

authorizing ─> authorized ─> capturing ─> captured      the money is ours, the order paid
     │  │           │            │
     │  │           └────────────┴──────> unknown       an answer was lost; the reconciler finds out
     │  ├──> declined                                   the provider said no
     │  └──> unavailable                                nothing was sent, nothing ever will be
     └─────────────────────────────────> voided          closed at the provider, the order expires
captured money that no order can take is refunded (table `refunds`).
"""

import sqlite3

import msgspec

from mock_store import confirmations, inventory, orders
from mock_store.defects import Defect
from mock_store.schema import OPEN_STATES

AUTHORIZING = "authorizing"
AUTHORIZED = "authorized"
CAPTURING = "capturing"
CAPTURED = "captured"
UNKNOWN = "unknown"
DECLINED = "declined"
UNAVAILABLE = "unavailable"
VOIDED = "voided"

#: The providers that a payment may be with.
FIRST, SECOND = "first", "second"

#: A worker that has not said anything for this long is taken for dead: longer than all its timeouts together.
LEASE_NS = 3_000_000_000

Defects = frozenset[Defect]
#: With these on, money that no order can take is not given back.
_KEEP_SURPLUS = frozenset(
    {
        Defect.DOUBLE_CHARGE_ON_RETRY,
        Defect.DOUBLE_CLICK_CHARGES,
        Defect.LATE_CAPTURE_KEPT,
        Defect.CHARGED_ON_BOTH_PROVIDERS,
    }
)


class Payment(msgspec.Struct, frozen=True):
    """One attempt to pay by card. `key` is the shopper's, `attempt_id` the stem of the keys sent on.

    It stays with its `provider` until it is decided, whichever takes new payments meanwhile.
    """

    attempt_id: str
    order_id: str
    key: str
    fingerprint: str
    amount_cents: int
    state: str
    payment_id: str
    lease_until_ns: int
    provider: str = FIRST

    @property
    def is_open(self) -> bool:
        """Tell whether the outcome is still to come."""
        return self.state in {AUTHORIZING, AUTHORIZED, CAPTURING, UNKNOWN}


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """Money that the provider says it has taken."""

    payment_id: str
    order_id: str
    amount_cents: int


_COLUMNS = ", ".join(Payment.__struct_fields__)


def save(connection: sqlite3.Connection, payment: Payment) -> None:
    """Write a row as it is."""
    row = msgspec.structs.astuple(payment)
    connection.execute("INSERT INTO payments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def open_of(connection: sqlite3.Connection, order_id: str) -> Payment | None:
    """Return the order's open attempt, or None."""
    return _first(connection, f"order_id = ? AND state IN ({OPEN_STATES})", order_id)


def order_and_state(connection: sqlite3.Connection, order_id: str) -> tuple[orders.Order, str]:
    """Return an order and how its card payment stands: none, pending or captured; Refused(404) if unknown."""
    order = orders.by_id(connection, order_id)
    if order.status == orders.PAID:
        return order, CAPTURED
    return order, "none" if open_of(connection, order_id) is None else "pending"


def by_key(connection: sqlite3.Connection, order_id: str, key: str) -> Payment | None:
    """Return what a shopper's key has begun, or None. An attempt that was never sent leaves its key free."""
    return _first(connection, "order_id = ? AND key = ? AND state != 'unavailable'", order_id, key)


def move(
    connection: sqlite3.Connection, payment: Payment, state: str, *, lease_until_ns: int, payment_id: str = ""
) -> bool:
    """Take an open attempt to another state; False, without effect, if it is open no longer."""
    changed = connection.execute(
        f"UPDATE payments SET state = ?, lease_until_ns = ?, payment_id = COALESCE(NULLIF(?, ''), payment_id)"  # noqa: S608
        f" WHERE attempt_id = ? AND state IN ({OPEN_STATES})",
        (state, lease_until_ns, payment_id, payment.attempt_id),
    )
    return changed.rowcount == 1


def settle(connection: sqlite3.Connection, capture: Capture, *, defects: Defects = frozenset()) -> bool:
    """Make the order of a capture paid; what it cannot take is to be refunded. True if that was news.

    Surplus is money for an order that expired, that was paid otherwise, or of another amount. An order that
    nobody knows is not ours to judge.
    """
    order = orders.find(connection, capture.order_id)
    if order is None or order.payment_id == capture.payment_id:
        return False
    _close(connection, capture)
    if order.status == orders.PENDING_PAYMENT and _is_enough(order, capture, defects):
        orders.settle(connection, order, status=orders.PAID, channel="card", payment_id=capture.payment_id)
        return True
    if order.status == orders.EXPIRED and Defect.CALLBACK_RESURRECTS in defects:
        _resurrect(connection, order, capture)
        return True
    if defects & _KEEP_SURPLUS:
        return False
    owed = connection.execute(
        "INSERT OR IGNORE INTO refunds VALUES (?, ?, 0, 0)", (capture.payment_id, capture.amount_cents)
    )
    return owed.rowcount == 1


def take_callback(
    connection: sqlite3.Connection, event_id: str, capture: Capture, *, defects: Defects = frozenset()
) -> None:
    """Count an event's arrival and settle the capture that it reports, the first time it comes."""
    received = connection.execute(
        "INSERT INTO callback_events VALUES (?, ?, 1, 0)"
        " ON CONFLICT DO UPDATE SET received = received + 1 RETURNING received",
        (event_id, capture.order_id),
    ).fetchone()[0]
    took_effect = received == 1 and settle(connection, capture, defects=defects)
    if Defect.CALLBACK_NOT_DEDUPLICATED in defects:
        took_effect = True
        settle(connection, capture, defects=defects)
        confirmations.send(connection, [capture.order_id])
    if took_effect:
        connection.execute("UPDATE callback_events SET effects = effects + 1 WHERE event_id = ?", (event_id,))


def void(connection: sqlite3.Connection, payment: Payment, now_ns: int) -> None:
    """Close an attempt that the provider promised never to capture, and expire its order."""
    if move(connection, payment, VOIDED, lease_until_ns=now_ns):
        orders.expire(connection, payment.order_id)


def abandoned(connection: sqlite3.Connection, now_ns: int, limit: int) -> list[Payment]:
    """Return open attempts that nobody holds a lease on."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM payments WHERE state IN ({OPEN_STATES}) AND lease_until_ns <= ?"  # noqa: S608
        " ORDER BY lease_until_ns LIMIT ?",
        (now_ns, limit),
    )
    return [Payment(*row) for row in rows]


def claim_abandoned(connection: sqlite3.Connection, now_ns: int, limit: int) -> list[Payment]:
    """Lease abandoned attempts to the caller, so that two regions do not work the same one at once."""
    claimed = abandoned(connection, now_ns, limit)
    leases = [(now_ns + LEASE_NS, payment.attempt_id) for payment in claimed]
    connection.executemany("UPDATE payments SET lease_until_ns = ? WHERE attempt_id = ?", leases)
    return claimed


def _is_enough(order: orders.Order, capture: Capture, defects: Defects) -> bool:
    return order.total_cents == capture.amount_cents or Defect.PARTIAL_CAPTURE_TAKEN in defects


def _resurrect(connection: sqlite3.Connection, order: orders.Order, capture: Capture) -> None:
    """Make an expired order paid: its units, on the shelf again or sold to others, are sold once more."""
    orders.change(connection, order.order_id, was=orders.EXPIRED, status=orders.PAID)
    connection.execute(
        "UPDATE orders SET channel = 'card', payment_id = ? WHERE order_id = ?",
        (capture.payment_id, order.order_id),
    )
    inventory.sell_from_shelf(connection, order.order_id)


def _close(connection: sqlite3.Connection, capture: Capture) -> None:
    connection.execute(
        "UPDATE payments SET state = 'captured', payment_id = ?"  # noqa: S608 - constant
        f" WHERE order_id = ? AND state IN ({OPEN_STATES})",
        (capture.payment_id, capture.order_id),
    )


def _first(connection: sqlite3.Connection, condition: str, *values: str) -> Payment | None:
    row = connection.execute(f"SELECT {_COLUMNS} FROM payments WHERE {condition}", values).fetchone()  # noqa: S608
    return None if row is None else Payment(*row)
