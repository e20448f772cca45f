"""A shop's books in miniature: rows of a history and final readings, correct until a test spoils them."""

from typing import Any

import polars as pl

from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Forecast, Mix, Phase, PhaseKind, Plan, Sale, Traffic
from rehearsal.model.readings import ChargeReading, FinalReadings, OrderLine, OrderReading, StockReading
from rehearsal.model.timeline import timeline_of
from rehearsal.rundir.history_file import frame_of

PRICE = 100
STOCK = 2

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
    return _row("flash_buy", at, {"shopper": f"s-{order_id}", "intent": f"buy:{order_id}", **facts, **rest})


def paid(order_id: str, *, at: int = 2, **rest: Any) -> Row:
    """Return the answer to a card payment that succeeded."""
    facts = {"intent": f"pay:buy:{order_id}", "order_id": order_id, "channel": "card"}
    return _row("pay", at, {"shopper": f"s-{order_id}", **facts, **rest})


def sold_out(at: int = 3) -> Row:
    """Return the answer to a flash-sale buy that came too late."""
    return _row("flash_buy", at, {"sku": "flash", "qty": 1, "outcome": Outcome.FAIL, "error": "sold_out"})


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


def stock(sold: int, *, reserved: int = 0, initial: int = STOCK, **rest: int) -> StockReading:
    """Return the sale SKU's stock, balanced unless told."""
    available = rest.get("available", initial - reserved - sold)
    return StockReading(sku="flash", initial=initial, available=available, reserved=reserved, sold=sold)


def readings(*parts: OrderReading | ChargeReading | StockReading) -> FinalReadings:
    """Return final readings of all three kinds, holding these parts."""
    return FinalReadings(
        orders=tuple(part for part in parts if isinstance(part, OrderReading)),
        charges=tuple(part for part in parts if isinstance(part, ChargeReading)),
        stock=tuple(part for part in parts if isinstance(part, StockReading)),
    )


def _row(f: str, at: int, facts: dict[str, Any]) -> Row:
    times = {"due_ns": at, "sent_ns": at, "done_ns": at}
    return Row(**{"kind": Kind.OP, "f": f, "outcome": Outcome.OK, **times, **facts})


#: Two units sold to two shoppers, a third turned away; the books agree.
GOOD_ROWS = (bought("o1"), paid("o1"), bought("o2"), paid("o2"), sold_out())
GOOD_BOOKS: tuple[OrderReading | ChargeReading | StockReading, ...] = (
    order("o1"),
    order("o2"),
    *(charge(kind, name) for name in ("o1", "o2") for kind in ("authorize", "capture")),
    stock(2),
)
