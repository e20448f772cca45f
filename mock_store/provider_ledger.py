"""The payment provider's own books: an independent witness of who was charged what."""

import sqlite3
from secrets import token_hex
from typing import Any

import msgspec

from mock_store import provider_keys
from mock_store.web import Refused

AUTHORIZED = "authorized"
CAPTURED = "captured"
REFUNDED = "refunded"
VOIDED = "voided"

TABLES = (
    """CREATE TABLE IF NOT EXISTS entries (
        entry_id INTEGER PRIMARY KEY, kind TEXT NOT NULL, payment_id TEXT NOT NULL, order_id TEXT NOT NULL,
        amount_cents INTEGER NOT NULL, idempotency_key TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS payments (
        payment_id TEXT PRIMARY KEY, order_id TEXT NOT NULL, amount_cents INTEGER NOT NULL,
        status TEXT NOT NULL, callback_url TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS payments_of_order ON payments (order_id)",
    "CREATE TABLE IF NOT EXISTS voided_orders (order_id TEXT PRIMARY KEY) WITHOUT ROWID",
    provider_keys.TABLE,
    """CREATE TABLE IF NOT EXISTS callbacks (
        event_id TEXT PRIMARY KEY, url TEXT NOT NULL, body BLOB NOT NULL, delivered INTEGER NOT NULL)""",
)


class Payment(msgspec.Struct, frozen=True):
    """One authorization and what became of it."""

    payment_id: str
    order_id: str
    amount_cents: int
    status: str
    callback_url: str


class Callback(msgspec.Struct, frozen=True):
    """An event to be told to the shop until it says 2xx."""

    event_id: str
    url: str
    body: bytes


_SELECT = f"SELECT {', '.join(Payment.__struct_fields__)} FROM payments"  # noqa: S608 - constant
_ENTRY_FIELDS = ("entry_id", "kind", "payment_id", "order_id", "amount_cents", "idempotency_key")


def decline(connection: sqlite3.Connection, payment: Payment, key: str) -> dict[str, Any]:
    """Decline an authorization: Refused(402), always."""
    del connection, payment, key
    raise Refused(402, "declined")


def authorize(connection: sqlite3.Connection, payment: Payment, key: str) -> dict[str, Any]:
    """Open a payment; Refused(409) for an order that was voided."""
    if _is_voided(connection, payment.order_id):
        raise Refused(409, "voided")
    _open(connection, payment)
    _enter(connection, "authorize", payment, key)
    return {"payment_id": payment.payment_id, "status": payment.status}


def capture(
    connection: sqlite3.Connection, asked: Payment, key: str, *, part: float = 1, unasked: bool = False
) -> dict[str, Any]:
    """Take an authorization's money, or `part` of it, and note the callback to send.

    `unasked`: a defect lets a shop capture what was never authorized.
    Refused: 404 unknown_payment; 409 amount_mismatch, voided or already_captured.
    """
    if unasked:
        _open(connection, asked)
    payment = by_id(connection, asked.payment_id)
    if (payment.order_id, payment.amount_cents) != (asked.order_id, asked.amount_cents):
        raise Refused(409, "amount_mismatch")
    if payment.status != AUTHORIZED:
        raise Refused(409, "voided" if payment.status == VOIDED else "already_captured")
    taken = msgspec.structs.replace(payment, amount_cents=max(1, int(payment.amount_cents * part)))
    _set(connection, taken, CAPTURED)
    _enter(connection, "capture", taken, key)
    _announce(connection, taken)
    return {"payment_id": taken.payment_id, "status": CAPTURED, "amount_cents": taken.amount_cents}


def refund(
    connection: sqlite3.Connection, payment_id: str, amount_cents: int, key: str, *, again: bool = False
) -> dict[str, Any]:
    """Give captured money back in full; with the defect `again`, as often as it is asked for.

    Refused: 404 unknown_payment; 409 already_refunded, not_captured or amount_mismatch.
    """
    payment = by_id(connection, payment_id)
    if payment.status == REFUNDED and not again:
        raise Refused(409, "already_refunded")
    if payment.status not in {CAPTURED, REFUNDED}:
        raise Refused(409, "not_captured")
    if payment.amount_cents != amount_cents:
        raise Refused(409, "amount_mismatch")
    _set(connection, payment, REFUNDED)
    _enter(connection, "refund", payment, key)
    return {"refund_id": f"r-{token_hex(8)}", "status": REFUNDED}


def void_order(connection: sqlite3.Connection, order_id: str, key: str) -> dict[str, Any]:
    """Make sure that nothing more is ever captured for an order, not even by a request still on its way.

    An order of which something has been captured is closed too, and answered 409 already_captured.
    """
    connection.execute("INSERT OR IGNORE INTO voided_orders VALUES (?)", (order_id,))
    found = of_order(connection, order_id)
    for payment in found:
        if payment.status == AUTHORIZED:
            _void(connection, payment, key)
    taken = next((payment for payment in found if payment.status == CAPTURED), None)
    return {"status": VOIDED} if taken is None else _already_captured(taken)


def void_payment(connection: sqlite3.Connection, payment_id: str, key: str) -> dict[str, Any]:
    """Make sure that a payment is never captured; Refused: 404 unknown_payment, 409 already_captured."""
    payment = by_id(connection, payment_id)
    if payment.status == AUTHORIZED:
        _void(connection, payment, key)
    return _already_captured(payment) if payment.status == CAPTURED else {"status": VOIDED}


def by_id(connection: sqlite3.Connection, payment_id: str) -> Payment:
    """Return a payment; Refused(404) if there is none of that id."""
    row = connection.execute(_SELECT + " WHERE payment_id = ?", (payment_id,)).fetchone()
    if row is None:
        raise Refused(404, "unknown_payment")
    return Payment(*row)


def of_order(connection: sqlite3.Connection, order_id: str) -> list[Payment]:
    """Return the payments of an order, oldest first."""
    rows = connection.execute(_SELECT + " WHERE order_id = ? ORDER BY rowid", (order_id,))
    return [Payment(*row) for row in rows]


def entries(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the whole ledger, oldest first."""
    rows = connection.execute(f"SELECT {', '.join(_ENTRY_FIELDS)} FROM entries ORDER BY entry_id")  # noqa: S608 - constant
    return [{**dict(zip(_ENTRY_FIELDS, row, strict=True)), "entry_id": f"e-{row[0]}"} for row in rows]


def undelivered(connection: sqlite3.Connection) -> list[Callback]:
    """Return the callbacks that no shop has acknowledged."""
    rows = connection.execute("SELECT event_id, url, body FROM callbacks WHERE delivered = 0 ORDER BY rowid")
    return [Callback(*row) for row in rows]


def callback_of(connection: sqlite3.Connection, payment_id: str) -> Callback:
    """Return the callback of a captured payment."""
    row = connection.execute(
        "SELECT event_id, url, body FROM callbacks WHERE event_id = ?", (_event_id(payment_id),)
    ).fetchone()
    return Callback(*row)


def mark_delivered(connection: sqlite3.Connection, event_id: str) -> None:
    """Note that a shop has acknowledged a callback."""
    connection.execute("UPDATE callbacks SET delivered = 1 WHERE event_id = ?", (event_id,))


def _already_captured(payment: Payment) -> dict[str, Any]:
    # Returned, not raised: what was closed beside it stays closed.
    return {
        "error": "already_captured",
        "payment_id": payment.payment_id,
        "amount_cents": payment.amount_cents,
    }


def _is_voided(connection: sqlite3.Connection, order_id: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM voided_orders WHERE order_id = ?", (order_id,)).fetchone()
        is not None
    )


def _open(connection: sqlite3.Connection, payment: Payment) -> None:
    row = msgspec.structs.astuple(payment)
    connection.execute("INSERT OR IGNORE INTO payments VALUES (?, ?, ?, ?, ?)", row)


def _void(connection: sqlite3.Connection, payment: Payment, key: str) -> None:
    _set(connection, payment, VOIDED)
    _enter(connection, "void", payment, key)


def _set(connection: sqlite3.Connection, payment: Payment, status: str) -> None:
    connection.execute(
        "UPDATE payments SET status = ?, amount_cents = ? WHERE payment_id = ?",
        (status, payment.amount_cents, payment.payment_id),
    )


def _enter(connection: sqlite3.Connection, kind: str, payment: Payment, key: str) -> None:
    connection.execute(
        "INSERT INTO entries (kind, payment_id, order_id, amount_cents, idempotency_key)"
        " VALUES (?, ?, ?, ?, ?)",
        (kind, payment.payment_id, payment.order_id, payment.amount_cents, key),
    )


def _announce(connection: sqlite3.Connection, payment: Payment) -> None:
    event_id = _event_id(payment.payment_id)
    event = {
        "event_id": event_id,
        "type": "payment.captured",
        "payment_id": payment.payment_id,
        "order_id": payment.order_id,
        "amount_cents": payment.amount_cents,
    }
    row = (event_id, payment.callback_url, msgspec.json.encode(event))
    connection.execute("INSERT INTO callbacks VALUES (?, ?, ?, 0)", row)


def _event_id(payment_id: str) -> str:
    return f"evt-{payment_id}"
