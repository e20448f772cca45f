"""Final readings: what the shop and the payment provider say after everything has settled.

`None` instead of a tuple means the adapter cannot read it: checks that need it are INCONCLUSIVE.
"""

import msgspec


class StockReading(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one SKU: initial = available + reserved + sold in a correct shop at rest.

    `restocked` units of cancelled paid orders came back; they are among the available ones again.
    """

    sku: str
    initial: int
    available: int
    reserved: int
    sold: int
    restocked: int = 0


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order."""

    sku: str
    qty: int
    price_cents: int


class OrderReading(msgspec.Struct, frozen=True, kw_only=True):
    """One order. `status` is pending_payment, paid, confirmed (pay later), expired or cancelled.

    `total_cents` is what its lines come to, less `discount_cents` (of `coupon`) and `gift_cents` (paid with
    `gift_card`), none of which is a line; another fee or discount (below zero) is a line of its own.
    """

    order_id: str
    shopper: str
    intent: str
    status: str
    channel: str
    total_cents: int
    region: str
    lines: tuple[OrderLine, ...]
    payment_id: str = ""
    coupon: str = ""
    discount_cents: int = 0
    gift_card: str = ""
    gift_cents: int = 0


#: The kinds of entries that the checks of the ledger understand.
CHARGE_KINDS = ("authorize", "capture", "refund", "void")


class ChargeReading(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the provider's own ledger; `kind` is one of `CHARGE_KINDS`.

    A provider that charges in one step is read as an authorize and a capture. Entries of other kinds make the
    checks of the ledger INCONCLUSIVE.
    """

    entry_id: str
    kind: str
    payment_id: str
    order_id: str
    amount_cents: int
    idempotency_key: str


class TransitionReading(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an order's status, in the order in which they were written (`seq`, rising per order)."""

    order_id: str
    seq: int
    status: str


class EventReading(msgspec.Struct, frozen=True, kw_only=True):
    """One callback event of the provider's, how often it came, and how often it took effect."""

    event_id: str
    order_id: str
    received: int
    effects: int


class ConfirmationReading(msgspec.Struct, frozen=True, kw_only=True):
    """How many confirmations were sent to the shopper of an order."""

    order_id: str
    sent: int


class CouponReading(msgspec.Struct, frozen=True, kw_only=True):
    """One coupon as the shop counts it: `used` of `cap` uses, at most `per_shopper` each."""

    code: str
    cap: int
    per_shopper: int
    used: int


class GiftCardReading(msgspec.Struct, frozen=True, kw_only=True):
    """One gift card: what it was worth at first, and what is left."""

    code: str
    initial_cents: int
    balance_cents: int


class TokenReading(msgspec.Struct, frozen=True, kw_only=True):
    """One number of the queue before the sale: whose, which place, and the orders that it was used for.

    `admitted` is the rank in which its holder was let in, from 1; 0 if never.
    """

    token: str
    shopper: str
    place: int
    admitted: int
    uses: int


class CallReading(msgspec.Struct, frozen=True, kw_only=True):
    """Requests that a provider received at one endpoint, and the distinct orders they were about."""

    endpoint: str
    requests: int
    orders: int


class RegionReading(msgspec.Struct, frozen=True, kw_only=True):
    """The orders as one region tells them."""

    region: str
    orders: tuple[OrderReading, ...]


class FinalReadings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the audit reads after the run, from every region and from the provider's ledger.

    `unread` says why nothing could be read, for a shop that answers no more; `undecided` counts the payments
    and reservations that were still open when the wait for them ended.
    """

    stock: tuple[StockReading, ...] | None = None
    orders: tuple[OrderReading, ...] | None = None
    charges: tuple[ChargeReading, ...] | None = None
    regions: tuple[RegionReading, ...] | None = None
    transitions: tuple[TransitionReading, ...] | None = None
    events: tuple[EventReading, ...] | None = None
    confirmations: tuple[ConfirmationReading, ...] | None = None
    coupons: tuple[CouponReading, ...] | None = None
    gift_cards: tuple[GiftCardReading, ...] | None = None
    tokens: tuple[TokenReading, ...] | None = None
    calls: tuple[CallReading, ...] | None = None
    unread: str = ""
    undecided: int = 0
