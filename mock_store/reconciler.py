"""Finds out what became of payments whose answers were lost, gives back what expired, returns surplus money.

Any region does this for every region's leftovers. A lease keeps two of them from the same one; were it lost,
each step would still be safe to repeat, for every call carries the attempt's own idempotency key.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from secrets import token_hex
from typing import Any

from mock_store import expiry, orders, payments, refunds
from mock_store.charge import Charge, again_after_s
from mock_store.defects import Defect
from mock_store.gateway import Answered, Gateway, Outcome
from mock_store.journal import Committed
from mock_store.payments import Capture, Payment
from mock_store.refunds import Refund
from mock_store.region import Region
from mock_store.units import NS_PER_S
from mock_store.web import Refused, Unavailable

TICK_S = 0.2
_BATCH = 32
_AGAIN_NS = 300_000_000
_OK = 200
_ALREADY_REFUNDED = "already_refunded"
#: With these on, an attempt past its deadline is given up without a promise of the provider's.
_GIVES_UP = frozenset({Defect.CALLBACK_RESURRECTS, Defect.LATE_CAPTURE_KEPT})

_log = logging.getLogger(__name__)


async def reconcile_for_ever(region: Region) -> None:
    """Tick until cancelled; a tick that fails is logged and the next one tries again."""
    while True:
        try:
            await tick(region)
        except Unavailable:
            _log.info("the database cannot be used; leftovers wait")
        except Exception:  # noqa: BLE001 - whatever it was, leftovers must not wait for ever
            _log.exception("a tick of the reconciler failed")
        await region.sleep(TICK_S)


async def tick(region: Region) -> None:
    """Expire overdue orders, resolve abandoned payments, send due refunds; only read if there are none."""
    now_ns = region.now_ns()
    storage = region.storage
    await expiry.sweep(region)
    asks = not region.has(Defect.PENDING_FOR_EVER)
    if asks and storage.read(payments.abandoned, now_ns, 1):
        claimed = await storage.write(payments.claim_abandoned, now_ns, _BATCH)
        await _all(_resolve(region, payment) for payment in claimed)
    if storage.read(refunds.due, now_ns, 1):
        owed = await storage.write(refunds.claim_due, now_ns, _BATCH)
        await _all(_give_back(region, refund) for refund in owed)


async def _all(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do everything, whatever becomes of one; its lease ends, and then it is somebody's again."""
    for failure in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(failure, Exception) and not isinstance(failure, Unavailable):
            _log.error("a leftover could not be worked at", exc_info=failure)


async def _resolve(region: Region, payment: Payment) -> None:
    """Ask first; then believe a capture, close what is overdue, or go on from where the attempt stands."""
    outcome = await _gateway(region, payment).payments_of(payment.order_id)
    known = _known(outcome)
    if known is None:
        await _postpone(region, payment, outcome)
        return
    taken = [entry for entry in known if entry["status"] == payments.CAPTURED]
    if taken:
        await _settle(region, payment, taken)
    elif _is_overdue(region, payment):
        await _void(region, payment)
    else:
        await _go_on(region, payment, [entry for entry in known if entry["status"] == payments.AUTHORIZED])


def _gateway(region: Region, payment: Payment) -> Gateway:
    # Its own provider's, whichever takes new payments by now.
    return region.channels.of(payment.provider)


def _known(outcome: Outcome) -> list[dict[str, Any]] | None:
    """Return the payments that a provider knows of; None if it did not say."""
    if not isinstance(outcome, Answered) or outcome.status != _OK:
        return None
    known = outcome.body.get("payments")
    return known if isinstance(known, list) else None


async def _settle(region: Region, payment: Payment, taken: list[dict[str, Any]]) -> None:
    journal = Committed(region)
    for entry in taken:
        payment_id, amount_cents = str(entry["payment_id"]), int(entry["amount_cents"])
        await journal.settle(
            Capture(payment_id=payment_id, order_id=payment.order_id, amount_cents=amount_cents)
        )


def _is_overdue(region: Region, payment: Payment) -> bool:
    order = region.storage.read(orders.by_id, payment.order_id)
    return order.status != orders.PENDING_PAYMENT or order.expires_at_ns <= region.now_ns()


async def _void(region: Region, payment: Payment) -> None:
    if region.config.defects & _GIVES_UP:
        await region.storage.write(payments.void, payment, region.now_ns())
        return
    # Only the provider can promise that no capture, not even one still on its way, will land after this.
    outcome = await _gateway(region, payment).void(payment.order_id, key=f"{payment.attempt_id}/void")
    if isinstance(outcome, Answered) and outcome.status == _OK:
        await region.storage.write(payments.void, payment, region.now_ns())
    else:
        await _postpone(region, payment, outcome)


async def _go_on(region: Region, payment: Payment, authorized: list[dict[str, Any]]) -> None:
    charge = Charge(region, Committed(region), payment)
    if authorized:
        await charge.capture(payment.payment_id or str(authorized[0]["payment_id"]))
        return
    outcome = await _gateway(region, payment).authorize(
        payment.order_id, payment.amount_cents, key=f"{payment.attempt_id}/authorize"
    )
    try:
        await charge.authorized(outcome)
    except Refused:
        _log.info("payment %s was declined", payment.attempt_id)


async def _postpone(region: Region, payment: Payment, outcome: Outcome) -> None:
    until_ns = _again_at_ns(region, outcome)
    await region.storage.write(payments.move, payment, payments.UNKNOWN, lease_until_ns=until_ns)


def _again_at_ns(region: Region, outcome: Outcome) -> int:
    if region.has(Defect.RETRY_STORM):
        return region.now_ns()
    return region.now_ns() + max(_AGAIN_NS, round(again_after_s(outcome) * NS_PER_S))


async def _give_back(region: Region, refund: Refund) -> None:
    gateway = region.channels.of_payment(refund.payment_id)
    key = f"{refund.payment_id}/refund"
    if region.has(Defect.REFUNDED_TWICE):
        key += f"/{token_hex(4)}"
    outcome = await gateway.refund(refund.payment_id, refund.amount_cents, key=key)
    if _is_refunded(outcome):
        twice = region.has(Defect.RESTOCKED_TWICE)
        await region.storage.write(refunds.finish, refund, restock=twice)
    else:
        await region.storage.write(refunds.postpone, refund, _again_at_ns(region, outcome))


def _is_refunded(outcome: Outcome) -> bool:
    """Tell whether the money is back: a body must say so, a provider that forgot the key says "already"."""
    if not isinstance(outcome, Answered):
        return False
    return outcome.body.get("status") == "refunded" or outcome.body.get("error") == _ALREADY_REFUNDED
