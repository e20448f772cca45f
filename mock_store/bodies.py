"""What a region accepts as bodies of requests, checked before use."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Qty = Annotated[int, Meta(ge=1, le=1000)]
Instant = Annotated[int, Meta(ge=0, le=2**62)]


class BuyBody(msgspec.Struct, frozen=True):
    """Body of a flash-sale buy."""

    qty: Qty


class ItemBody(msgspec.Struct, frozen=True):
    """Body of an addition to a cart."""

    sku: str
    qty: Qty


class OrderBody(msgspec.Struct, frozen=True):
    """Body of the order of a cart: a word to go with the parcel, if any, and how many rules are on it."""

    note: Annotated[str, Meta(max_length=200)] = ""
    rules: Annotated[int, Meta(ge=0, le=100)] = 0


class PayBody(msgspec.Struct, frozen=True):
    """Body of a payment."""

    channel: Literal["card", "pay_later"]
    amount_cents: Annotated[int, Meta(ge=0, le=2**53)]


class CallbackBody(msgspec.Struct, frozen=True):
    """Body of the provider's callback."""

    event_id: str
    type: Literal["payment.captured"]
    payment_id: str
    order_id: str
    amount_cents: Annotated[int, Meta(ge=0, le=2**53)]


class VoucherBody(msgspec.Struct, frozen=True):
    """Body of a coupon or a gift card to enter into a cart; "" takes it out."""

    code: Annotated[str, Meta(max_length=200)]


class CancelBody(msgspec.Struct, frozen=True):
    """Body of a cancellation: nothing more to say."""


class SaleBody(msgspec.Struct, frozen=True):
    """Body of a change of the sale: T-0 and its end on CLOCK_MONOTONIC; 0 as the end: never."""

    opens_at_ns: Instant
    closes_at_ns: Instant | None = None
