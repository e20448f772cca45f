"""The defect ack_before_commit: "paid" is answered from memory; the database hears of it later, or never."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import msgspec

from mock_store import checkout, orders, payments
from mock_store.checkout import Reply, Tender
from mock_store.journal import Committed
from mock_store.payments import Capture, Payment
from mock_store.region import Region
from mock_store.web import Refused

DELAY_S = 2.0
_TO_BE_RECONCILED = frozenset({payments.UNKNOWN, payments.AUTHORIZED})


class FromMemory:
    """A journal that says yes at once and writes `DELAY_S` later: kill -9 loses what it promised."""

    def __init__(self, region: Region) -> None:
        """Remember what `region` has not written yet."""
        self._region = region
        self._books = Committed(region)
        self._keys: dict[str, str] = {}
        self._paid: dict[str, Reply] = {}
        self._events: set[str] = set()
        self._late: set[asyncio.Task[None]] = set()

    async def begin(self, tender: Tender) -> Reply | Payment:
        """Open an attempt in memory, or return the answer that is certain already."""
        if tender.order_id in self._paid:
            return self._paid[tender.order_id]
        if self._keys.setdefault(tender.order_id, tender.key) != tender.key:
            raise Refused(409, "payment_in_progress")
        return checkout.attempt(tender, payments.AUTHORIZING, lease_until_ns=self._region.now_ns())

    async def move(
        self, payment: Payment, state: str, *, payment_id: str = "", again_after_s: float = 0
    ) -> bool:
        """Write nothing down, except what would otherwise be forgotten for ever: an unknown outcome."""
        del again_after_s
        if state in _TO_BE_RECONCILED:
            row = msgspec.structs.replace(payment, state=state, payment_id=payment_id)
            await self._region.storage.write(payments.save, row)
        if state != payments.CAPTURING:
            self._keys.pop(payment.order_id, None)
        return True

    async def settle(self, capture: Capture) -> Reply:
        """Answer "paid"; the order is written later."""
        reply = checkout.paid(
            capture.order_id, orders.PAID, checkout.CARD, capture.payment_id, capture.amount_cents
        )
        self._paid[capture.order_id] = reply
        self._later(self._write(capture))
        return reply

    async def callback(self, event_id: str, capture: Capture) -> None:
        """Acknowledge a callback; what it says is written later."""
        if event_id not in self._events:
            self._events.add(event_id)
            self._later(self._books_callback(event_id, capture))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _write(self, capture: Capture) -> None:
        await self._region.sleep(DELAY_S)
        await self._books.settle(capture)

    async def _books_callback(self, event_id: str, capture: Capture) -> None:
        await self._region.sleep(DELAY_S)
        await self._books.callback(event_id, capture)
