"""One payment by card on its way through the provider."""

from secrets import token_hex
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from mock_store import channels, checkout, payments
from mock_store.checkout import Reply, Tender
from mock_store.counted import Lost, NotSent
from mock_store.defects import Defect
from mock_store.gateway import Answered, Gateway, Outcome
from mock_store.journal import Journal
from mock_store.payments import Capture, Payment
from mock_store.region import Region
from mock_store.web import Refused, Unavailable

_PENDING_STATUS = 202
_DECLINED_STATUS = 402
_OK = 200


class _Authorized(msgspec.Struct, frozen=True):
    """What an answer must hold to be believed: a status alone is not enough."""

    payment_id: str
    status: Literal["authorized"]


class _Captured(msgspec.Struct, frozen=True):
    """What an answer must hold before an order is paid."""

    payment_id: str
    amount_cents: int
    status: Literal["captured"]


async def pay(region: Region, journal: Journal, tender: Tender) -> Reply:
    """Pay an order by card or later.

    Refused as `checkout.decide` says, and 503 payment_unavailable: nothing was charged and nothing ever will
    be for this attempt.
    """
    decided = region.storage.read(checkout.decide, tender, region.now_ns())
    if decided is not None:
        return await _repeated(region, journal, tender, decided)
    if tender.channel == checkout.PAY_LATER:
        return await region.storage.write(checkout.confirm, tender, region.now_ns())
    provider = region.storage.read(channels.current)
    if not region.channels.of(provider).admit():
        raise checkout.unavailable()
    begun = await journal.begin(replace(tender, provider=provider))
    if isinstance(begun, Reply):
        return await _repeated(region, journal, tender, begun)
    try:
        return await Charge(region, journal, begun).run()
    except Unavailable:
        # The attempt is in the books and may have been carried out: whoever can write there again finds out.
        return checkout.pending(tender.order_id)


async def _repeated(region: Region, journal: Journal, tender: Tender, decided: Reply) -> Reply:
    """Return an answer that is certain already; with the defect, charge again while it is still "pending"."""
    if decided.status != _PENDING_STATUS or not region.has(Defect.DOUBLE_CLICK_CHARGES):
        return decided
    unwritten = checkout.attempt(tender, payments.AUTHORIZING, lease_until_ns=0)
    capture = await Charge(region, journal, unwritten).again()
    return decided if capture is None else await journal.settle(capture)


class Charge:
    """An attempt that the caller holds the lease of. Every step is in the journal before it is taken."""

    def __init__(self, region: Region, journal: Journal, payment: Payment) -> None:
        """Take an attempt in the state authorizing, or one known to be authorized."""
        self._region = region
        self._journal = journal
        self._payment = payment

    async def run(self) -> Reply:
        """Authorize, then capture."""
        if self._region.has(Defect.CAPTURE_WITHOUT_AUTHORIZATION):
            return await self.capture(f"p-own-{token_hex(6)}")
        outcome = await self._authorize(self._payment.attempt_id)
        if isinstance(outcome, NotSent):
            await self._journal.move(self._payment, payments.UNAVAILABLE)
            raise checkout.unavailable()
        return await self.authorized(outcome)

    async def authorized(self, outcome: Outcome) -> Reply:
        """Go on from the answer to an authorization."""
        if not isinstance(outcome, Answered):
            return await self._lost(outcome, "")
        payment_id = authorized(outcome)
        if payment_id is not None:
            return await self.capture(payment_id)
        if outcome.status == _DECLINED_STATUS or outcome.body.get("status") == payments.DECLINED:
            return await self._declined(outcome)
        return await self._unknown(outcome)

    async def capture(self, payment_id: str) -> Reply:
        """Capture an authorization, unless somebody has closed the attempt meanwhile."""
        if not await self._journal.move(self._payment, payments.CAPTURING, payment_id=payment_id):
            return checkout.pending(self._payment.order_id)
        outcome = await self._take(payment_id, self._payment.attempt_id)
        if self._region.has(Defect.PAID_WITHOUT_CAPTURE) and not isinstance(outcome, Answered):
            return await self._believed(payment_id)
        if isinstance(outcome, NotSent):
            # Authorized, and certainly not captured: the reconciler tries again until the reservation ends.
            await self._journal.move(self._payment, payments.AUTHORIZED)
            return checkout.pending(self._payment.order_id)
        if isinstance(outcome, Lost):
            return await self._lost(outcome, payment_id)
        capture = captured(outcome, self._payment)
        return await self._unknown(outcome) if capture is None else await self._journal.settle(capture)

    async def again(self) -> Capture | None:
        """Charge anew under keys of its own, past the journal: what the defects do."""
        stem = f"t-{token_hex(8)}"
        payment_id = authorized(await self._authorize(stem))
        return None if payment_id is None else captured(await self._take(payment_id, stem), self._payment)

    async def _lost(self, outcome: Lost | NotSent, payment_id: str) -> Reply:
        """Go on from an answer that was lost; of the capture, if there is a payment id."""
        status = outcome.status if isinstance(outcome, Lost) else 0
        if status == _OK and self._region.has(Defect.EMPTY_200_IS_PAID):
            return await self._believed(payment_id or f"unread-{token_hex(6)}")
        capture = await self._recharged() if payment_id else None
        if capture is not None:
            return await self._journal.settle(capture)
        if payment_id and self._region.has(Defect.FAIL_BUT_CHARGED):
            await self._journal.move(self._payment, payments.DECLINED)
            raise Refused(_DECLINED_STATUS, "declined")
        return await self._unknown(outcome)

    async def _recharged(self) -> Capture | None:
        """Charge again after a lost answer: what two of the defects do."""
        if self._region.has(Defect.CHARGED_ON_BOTH_PROVIDERS):
            other = payments.SECOND if self._payment.provider == payments.FIRST else payments.FIRST
            elsewhere = replace(self._payment, provider=other)
            return await Charge(self._region, self._journal, elsewhere).again()
        return await self.again() if self._region.has(Defect.DOUBLE_CHARGE_ON_RETRY) else None

    async def _believed(self, payment_id: str) -> Reply:
        """Take money for taken that nobody has seen: what two of the defects do."""
        payment = self._payment
        return await self._journal.settle(
            Capture(payment_id=payment_id, order_id=payment.order_id, amount_cents=payment.amount_cents)
        )

    @property
    def _gateway(self) -> Gateway:
        return self._region.channels.of(self._payment.provider)

    async def _authorize(self, stem: str) -> Outcome:
        payment = self._payment
        return await self._gateway.authorize(payment.order_id, payment.amount_cents, key=f"{stem}/authorize")

    async def _take(self, payment_id: str, stem: str) -> Outcome:
        payment = self._payment
        return await self._gateway.capture(
            payment_id, payment.order_id, payment.amount_cents, key=f"{stem}/capture"
        )

    async def _declined(self, answer: Answered) -> Reply:
        await self._journal.move(self._payment, payments.DECLINED)
        if answer.status == _DECLINED_STATUS:
            raise Refused(402, "declined")
        # A provider that says no with a 200 makes a shop that hands it on lie by status code.
        return Reply(answer.status, {"order_id": self._payment.order_id, "status": payments.DECLINED})

    async def _unknown(self, outcome: Outcome) -> Reply:
        arrives_s = self._region.config.arrives_within_s if isinstance(outcome, Lost) else 0
        alone_s = max(arrives_s, again_after_s(outcome))
        await self._journal.move(self._payment, payments.UNKNOWN, again_after_s=alone_s)
        return checkout.pending(self._payment.order_id)


def authorized(outcome: Outcome) -> str | None:
    """Return the payment that an answer authorizes, or None if it authorizes none."""
    try:
        return msgspec.convert(_body(outcome), _Authorized).payment_id
    except msgspec.ValidationError:
        return None


def captured(outcome: Outcome, payment: Payment) -> Capture | None:
    """Return the capture that an answer reports, or None if it reports none."""
    try:
        taken = msgspec.convert(_body(outcome), _Captured)
    except msgspec.ValidationError:
        return None
    return Capture(payment_id=taken.payment_id, order_id=payment.order_id, amount_cents=taken.amount_cents)


def again_after_s(outcome: Outcome) -> float:
    """Return how long a provider asked to be left alone, in seconds."""
    return outcome.again_after_s if isinstance(outcome, Lost) else 0


def _body(outcome: Outcome) -> dict[str, Any]:
    return outcome.body if isinstance(outcome, Answered) else {}
