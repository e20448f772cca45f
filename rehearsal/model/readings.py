"""Final readings: what the shop and the payment provider say after everything has settled.

`None` instead of a tuple means the adapter cannot read it: checks that need it are INCONCLUSIVE.
"""

import msgspec


class StockReading(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one SKU: initial = available + reserved + sold in a correct shop at rest."""

    sku: str
    initial: int
    available: int
    reserved: int
    sold: int


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an order."""

    sku: str
    qty: int
    price_cents: int


class OrderReading(msgspec.Struct, frozen=True, kw_only=True):
    """One order. `status` is pending_payment, paid, confirmed (pay later), expired or cancelled.

    `total_cents` is what its lines come to: a delivery fee or a discount (below zero) is a line of its own.
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


class FinalReadings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the audit reads after the run, from every region and from the provider's ledger.

    `unread` says why nothing could be read, for a shop that answers no more; `undecided` counts the payments
    and reservations that were still open when the wait for them ended.
    """

    stock: tuple[StockReading, ...] | None = None
    orders: tuple[OrderReading, ...] | None = None
    charges: tuple[ChargeReading, ...] | None = None
    unread: str = ""
    undecided: int = 0
