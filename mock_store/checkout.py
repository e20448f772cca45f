"""What a shopper who pays is told: decided on one snapshot, without any call to the provider."""

import sqlite3
from secrets import token_hex
from typing import Any, Literal

import msgspec

from mock_store import orders, payments
from mock_store.payments import Payment
from mock_store.web import Refused

CARD = "card"
PAY_LATER = "pay_later"


class Tender(msgspec.Struct, frozen=True, kw_only=True):
    """A shopper's offer to pay an order. `key` is the Idempotency-Key of all attempts at it.

    `provider` is not the shopper's to say: it takes new payments now.
    """

    order_id: str
    shopper: str
    key: str
    channel: Literal["card", "pay_later"]
    amount_cents: int
    provider: str = payments.FIRST

    @property
    def fingerprint(self) -> str:
        """Return what a replay must repeat."""
        return f"{self.channel}/{self.amount_cents}"


class Reply(msgspec.Struct, frozen=True):
    """An answer to a shopper who pays; the region's name is added at the edge."""

    status: int
    body: dict[str, Any]


def unavailable() -> Refused:
    """Return the refusal that promises: nothing was charged for this attempt, and nothing ever will be."""
    return Refused(503, "payment_unavailable", fallback=PAY_LATER)


def decide(connection: sqlite3.Connection, tender: Tender, now_ns: int) -> Reply | None:
    """Return the answer that is certain already, or None if a new attempt may begin.

    Refused: 402 declined, 404 unknown_order, 409 expired, cancelled, amount_mismatch or payment_in_progress,
    422 idempotency_mismatch.
    """
    order = orders.by_id(connection, tender.order_id)
    if order.shopper != tender.shopper:
        raise Refused(404, "unknown_order")
    begun = payments.by_key(connection, order.order_id, tender.key)
    if begun is not None and begun.fingerprint != tender.fingerprint:
        raise Refused(422, "idempotency_mismatch")
    if order.settled:
        return settled(order)
    if order.status == orders.CANCELLED:
        raise Refused(409, "cancelled")
    if begun is not None:
        return _replay(begun)
    _check_payable(connection, order, tender, now_ns)
    return None


def settled(order: orders.Order) -> Reply:
    """Return the answer for an order that is paid or confirmed."""
    return paid(order.order_id, order.status, order.channel, order.payment_id, order.total_cents)


def paid(order_id: str, status: str, channel: str, payment_id: str, amount_cents: int) -> Reply:
    """Return the answer of a shop that has its money, or a promise of it."""
    names = ("order_id", "status", "channel", "payment_id", "amount_cents")
    return Reply(200, dict(zip(names, (order_id, status, channel, payment_id, amount_cents), strict=True)))


def pending(order_id: str) -> Reply:
    """Return the answer while the outcome is unknown: the shop finds out, the shopper asks for the order."""
    return Reply(202, {"order_id": order_id, "status": "pending"})


def begin(connection: sqlite3.Connection, tender: Tender, now_ns: int) -> Reply | Payment:
    """Write a new attempt to pay by card, unless the answer is certain already."""
    decided = decide(connection, tender, now_ns)
    if decided is not None:
        return decided
    payment = attempt(tender, payments.AUTHORIZING, lease_until_ns=now_ns + payments.LEASE_NS)
    payments.save(connection, payment)
    return payment


def confirm(connection: sqlite3.Connection, tender: Tender, now_ns: int) -> Reply:
    """Accept an order to be paid later, unless the answer is certain already. Needs no provider."""
    decided = decide(connection, tender, now_ns)
    if decided is not None:
        return decided
    payment = attempt(tender, orders.CONFIRMED, lease_until_ns=now_ns, payment_id=f"later-{token_hex(8)}")
    payments.save(connection, payment)
    order = orders.by_id(connection, tender.order_id)
    orders.settle(
        connection, order, status=orders.CONFIRMED, channel=PAY_LATER, payment_id=payment.payment_id
    )
    return settled(orders.by_id(connection, tender.order_id))


def attempt(tender: Tender, state: str, *, lease_until_ns: int, payment_id: str = "") -> Payment:
    """Return a new attempt at a tender."""
    return Payment(
        attempt_id=f"t-{token_hex(8)}",
        order_id=tender.order_id,
        key=tender.key,
        fingerprint=tender.fingerprint,
        amount_cents=tender.amount_cents,
        state=state,
        payment_id=payment_id,
        lease_until_ns=lease_until_ns,
        provider=tender.provider,
    )


def _replay(payment: Payment) -> Reply:
    if payment.is_open:
        return pending(payment.order_id)
    if payment.state == payments.DECLINED:
        raise Refused(402, "declined")
    raise Refused(409, "expired")


def _check_payable(connection: sqlite3.Connection, order: orders.Order, tender: Tender, now_ns: int) -> None:
    if payments.open_of(connection, order.order_id) is not None:
        raise Refused(409, "payment_in_progress")
    if order.status == orders.EXPIRED or order.expires_at_ns <= now_ns:
        raise Refused(409, "expired")
    if tender.amount_cents != order.total_cents:
        raise Refused(409, "amount_mismatch")
