"""The defect capture_before_commit: money is taken first, and the books hear of it if nothing goes wrong."""

from mock_store import checkout, payments
from mock_store.checkout import Reply, Tender
from mock_store.journal import Committed
from mock_store.payments import Capture, Payment


class Hasty(Committed):
    """A journal that writes an attempt down only once it is captured, and knows no other callbacks."""

    async def begin(self, tender: Tender) -> Reply | Payment:
        """Open an attempt that no book knows of."""
        now_ns = self._region.now_ns()
        decided = self._region.storage.read(checkout.decide, tender, now_ns)
        return decided or checkout.attempt(tender, payments.AUTHORIZING, lease_until_ns=now_ns)

    async def move(
        self, payment: Payment, state: str, *, payment_id: str = "", again_after_s: float = 0
    ) -> bool:
        """Write nothing down."""
        del payment, state, payment_id, again_after_s
        return True

    async def callback(self, event_id: str, capture: Capture) -> None:
        """Drop a callback: what it is about is in the books already, or not known there."""
        del event_id, capture
