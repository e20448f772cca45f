"""Where a payment's steps are written down before they are taken."""

import sqlite3
from typing import Protocol

from mock_store import checkout, orders, payments
from mock_store.checkout import Reply, Tender
from mock_store.defects import Defect
from mock_store.payments import Capture, Payment
from mock_store.region import Region
from mock_store.units import NS_PER_S


class Journal(Protocol):
    """What a charge needs of the books."""

    async def begin(self, tender: Tender) -> Reply | Payment:
        """Open an attempt, or return the answer that is certain already."""
        ...

    async def move(
        self, payment: Payment, state: str, *, payment_id: str = "", again_after_s: float = 0
    ) -> bool:
        """Take an open attempt to another state; False if it is open no longer.

        Nobody goes on with it before `again_after_s`.
        """
        ...

    async def settle(self, capture: Capture) -> Reply:
        """Make a captured order paid and return the answer."""
        ...

    async def callback(self, event_id: str, capture: Capture) -> None:
        """Take a callback, once for each event."""
        ...


class Committed:
    """The journal of a correct shop: nothing is said before COMMIT."""

    def __init__(self, region: Region) -> None:
        """Write into the region's storage."""
        self._region = region
        self._defects = region.config.defects

    async def begin(self, tender: Tender) -> Reply | Payment:
        """Open an attempt, or return the answer that is certain already."""
        return await self._region.storage.write(checkout.begin, tender, self._region.now_ns())

    async def move(
        self, payment: Payment, state: str, *, payment_id: str = "", again_after_s: float = 0
    ) -> bool:
        """Take an open attempt to another state; only one about to be captured stays leased anyway."""
        now_ns = self._region.now_ns()
        lease_ns = payments.LEASE_NS if state == payments.CAPTURING else round(again_after_s * NS_PER_S)
        return await self._region.storage.write(
            payments.move, payment, state, lease_until_ns=now_ns + lease_ns, payment_id=payment_id
        )

    async def settle(self, capture: Capture) -> Reply:
        """Make a captured order paid, or its money due for refund."""
        return await self._region.storage.write(_settle, capture, defects=self._defects)

    async def callback(self, event_id: str, capture: Capture) -> None:
        """Take a callback; one that says nothing new is counted all the same."""
        if self._region.has(Defect.PAID_GOES_BACK):
            await self._begin_anew(capture)
        await self._region.storage.write(payments.take_callback, event_id, capture, defects=self._defects)

    async def _begin_anew(self, capture: Capture) -> None:
        """Take a paid order for one that its callback is about to make paid, and say so to whoever asks."""
        write, order_id = self._region.storage.write, capture.order_id
        if await write(orders.change, order_id, was=orders.PAID, status=orders.PENDING_PAYMENT):
            await self._region.sleep(self._region.rng.uniform(0.02, 0.05))
            await write(orders.change, order_id, was=orders.PENDING_PAYMENT, status=orders.PAID)


def _settle(connection: sqlite3.Connection, capture: Capture, *, defects: frozenset[Defect]) -> Reply:
    payments.settle(connection, capture, defects=defects)
    order = orders.by_id(connection, capture.order_id)
    return checkout.settled(order) if order.settled else checkout.pending(order.order_id)
