"""A shop's books in miniature: rows of a history and final readings, correct until a test spoils them."""

from typing import Any, TypeVar

import polars as pl

from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Forecast, Mix, Phase, PhaseKind, Plan, Sale, Traffic
from rehearsal.model.readings import (
    ChargeReading,
    ConfirmationReading,
    CouponReading,
    EventReading,
    FinalReadings,
    GiftCardReading,
    OrderLine,
    OrderReading,
    StockReading,
    TokenReading,
    TransitionReading,
)
from rehearsal.model.timeline import timeline_of
from rehearsal.rundir.history_file import frame_of

T = TypeVar("T")

PRICE = 100
STOCK = 2

Part = (
    OrderReading
    | ChargeReading
    | StockReading
    | TransitionReading
    | EventReading
    | ConfirmationReading
    | CouponReading
    | GiftCardReading
    | TokenReading
)

PLAN = Plan(
    name="a sale",
    traffic=Traffic(normal_per_s=1.0, multiplier=5.0, mix=Mix(browse=0.0, cart=0.0, flash_sale=1.0)),
    forecast=Forecast(peak_per_s=5.0),
    sale=Sale(sku="flash", stock=STOCK, price_cents=PRICE, limit_per_shopper=2, opens_with="burst"),
    phases=(Phase(name="burst", kind=PhaseKind.BURST, duration_s=10.0, rate=5.0),),
    slo={},
)
#: The same sale, which opens after ten seconds.
LATER = PLAN.model_copy(
    update={"phases": (Phase(name="normal", kind=PhaseKind.NORMAL, duration_s=10.0, rate=1.0), *PLAN.phases)}
)


def told(*rows: Row) -> pl.DataFrame:
    """Return rows as a history of the plan."""
    return frame_of(rows, timeline_of(PLAN))


def bought(order_id: str, *, at: int = 1, qty: int = 1, **rest: Any) -> Row:
    """Return the answer to a flash-sale buy that gave an order; shopper and intent are named after it."""
    facts = {"sku": "flash", "qty": qty, "amount_cents": qty * PRICE, "order_id": order_id}
    named = {"shopper": f"s-{order_id}", "intent": f"buy:{order_id}"}
    return asked(rest.pop("f", "flash_buy"), at, **{**named, **facts, **rest})


def paid(order_id: str, *, at: int = 2, **rest: Any) -> Row:
    """Return the answer to a card payment that succeeded."""
    facts = {"intent": f"pay:buy:{order_id}", "order_id": order_id, "channel": "card"}
    return asked(rest.pop("f", "pay"), at, **{"shopper": f"s-{order_id}", **facts, **rest})


def sold_out(at: int = 3, **rest: Any) -> Row:
    """Return the answer to a flash-sale buy that came too late."""
    no = {"sku": "flash", "qty": 1, "outcome": Outcome.FAIL, "error": "sold_out"}
    return asked(rest.pop("f", "flash_buy"), at, **{**no, **rest})


def cancelled(order_id: str, *, at: int = 4, **rest: Any) -> Row:
    """Return the answer to a shopper who took her order back."""
    facts = {"shopper": f"s-{order_id}", "intent": f"cancel:buy:{order_id}", "order_id": order_id}
    return asked("cancel", at, **{**facts, **rest})


def asked(f: str, at: int, **facts: Any) -> Row:
    """Return a request that was sent and answered at an instant, ok unless told."""
    times = {"due_ns": at, "sent_ns": at, "done_ns": at}
    return Row(**{"kind": Kind.OP, "f": f, "outcome": Outcome.OK, **times, **facts})


def order(order_id: str, status: str = "paid", *, qty: int = 1, **rest: Any) -> OrderReading:
    """Return an order of the sale SKU as the shop keeps it."""
    facts: dict[str, Any] = {
        "order_id": order_id,
        "shopper": f"s-{order_id}",
        "intent": f"buy:{order_id}",
        "status": status,
        "channel": "card",
        "total_cents": qty * PRICE,
        "region": "a",
        "lines": (OrderLine(sku="flash", qty=qty, price_cents=PRICE),),
    }
    return OrderReading(**{**facts, **rest})


def charge(kind: str, order_id: str, *, payment: str = "", cents: int = PRICE) -> ChargeReading:
    """Return an entry of the provider's ledger; the payment is named after the order unless told."""
    payment_id = payment or f"p-{order_id}"
    return ChargeReading(
        entry_id=f"{kind}/{payment_id}",
        kind=kind,
        payment_id=payment_id,
        order_id=order_id,
        amount_cents=cents,
        idempotency_key=f"{kind}/{order_id}",
    )


def stock(sold: int, *, sku: str = "flash", initial: int = STOCK, **rest: int) -> StockReading:
    """Return a SKU's stock, balanced unless told."""
    available = initial - rest.get("reserved", 0) - sold
    counts = {"available": available, "reserved": 0, **rest}
    return StockReading(sku=sku, initial=initial, sold=sold, **counts)


def became(order_id: str, *statuses: str) -> tuple[TransitionReading, ...]:
    """Return an order's changes of status, from the reservation on."""
    every = ("pending_payment", *statuses)
    return tuple(
        TransitionReading(order_id=order_id, seq=seq, status=status) for seq, status in enumerate(every)
    )


def event(order_id: str, *, received: int = 1, effects: int = 1) -> EventReading:
    """Return a callback about an order."""
    return EventReading(event_id=f"ev-{order_id}", order_id=order_id, received=received, effects=effects)


def confirmed(order_id: str, sent: int = 1) -> ConfirmationReading:
    """Return how often an order was confirmed to its shopper."""
    return ConfirmationReading(order_id=order_id, sent=sent)


def readings(*parts: Part, undecided: int = 0) -> FinalReadings:
    """Return final readings of every kind, holding these parts."""

    def of(kind: type[T]) -> tuple[T, ...]:
        return tuple(part for part in parts if isinstance(part, kind))

    return FinalReadings(
        orders=of(OrderReading),
        charges=of(ChargeReading),
        stock=of(StockReading),
        transitions=of(TransitionReading),
        events=of(EventReading),
        confirmations=of(ConfirmationReading),
        coupons=of(CouponReading),
        gift_cards=of(GiftCardReading),
        tokens=of(TokenReading),
        undecided=undecided,
    )


#: Two units sold to two shoppers, two more turned away; the books agree.
GOOD_ROWS = (bought("o1"), paid("o1"), bought("o2"), paid("o2"), sold_out(), sold_out(at=4))
GOOD_BOOKS: tuple[Part, ...] = (
    *(order(name) for name in ("o1", "o2")),
    *(charge(kind, name) for name in ("o1", "o2") for kind in ("authorize", "capture")),
    *(change for name in ("o1", "o2") for change in became(name, "paid")),
    *(part for name in ("o1", "o2") for part in (event(name), confirmed(name))),
    stock(2),
)
