"""Histories and books full of coincidences: few orders, few intents, few moments, everything possible."""

from typing import Any

from hypothesis import strategies as st

from rehearsal.model.history import Row
from rehearsal.model.readings import ChargeReading, CouponReading, FinalReadings, OrderLine, OrderReading
from tests.chaos.invariants.conftest import asked

SHOPPERS, INTENTS, ORDERS = ("x", "y"), ("", "a", "b"), ("", "o1", "o2", "o3")
OUTCOMES = st.sampled_from(("ok", "ok", "fail", "info"))
AT = st.integers(1, 6)
STATES = st.sampled_from(("pending_payment", "paid", "paid", "confirmed", "expired", "cancelled"))


def op(draw: st.DrawFn, steps: tuple[str, ...], **facts: st.SearchStrategy[Any]) -> Row:
    """Draw a request of one of these steps, sent a moment or some before its answer."""
    sent = draw(AT)
    drawn = {name: draw(values) for name, values in facts.items()}
    shopper, outcome = draw(st.sampled_from(SHOPPERS)), draw(OUTCOMES)
    named = {"shopper": shopper, "outcome": outcome, "sent_ns": sent, "due_ns": sent}
    return asked(draw(st.sampled_from(steps)), sent + draw(st.integers(0, 2)), **{**named, **drawn})


@st.composite
def histories(draw: st.DrawFn) -> list[Row]:
    """Draw up to ten requests about the same few orders and intents; both shoppers have been in the shop."""
    there = [asked("product", 1, shopper=shopper) for shopper in SHOPPERS]
    return [*there, *(_any(draw) for _ in range(draw(st.integers(0, 10))))]


def _any(draw: st.DrawFn) -> Row:
    intent, order = st.sampled_from(INTENTS), st.sampled_from(ORDERS)
    notes = st.sampled_from(("", "", "sent_again", "sent_otherwise"))
    errors = st.sampled_from(("", "sold_out", "empty_cart", "declined"))
    kind = draw(st.sampled_from(("give", "give", "pay", "cart", "other")))
    if kind == "give":
        facts = {"intent": intent, "order_id": order, "sku": st.sampled_from(("flash", "p1"))}
        more = {
            "qty": st.integers(1, 2),
            "amount_cents": st.sampled_from((0, 100)),
            "note": notes,
            "error": errors,
        }
        return op(draw, ("flash_buy", "order"), **facts, **more)
    if kind == "pay":
        facts = {"intent": intent, "order_id": order, "channel": st.sampled_from(("card", "pay_later", ""))}
        more = {
            "payment_id": st.sampled_from(("", "p1", "p2")),
            "note": notes,
            "amount_cents": st.sampled_from((0, 100)),
        }
        return op(draw, ("pay", "query"), **facts, **more)
    if kind == "cart":
        return op(
            draw,
            ("cart_add", "cart_view"),
            intent=intent,
            sku=st.sampled_from(("p1", "p2")),
            qty=st.integers(0, 3),
        )
    return op(draw, ("cancel", "coupon", "gift_card"), order_id=order)


@st.composite
def books(draw: st.DrawFn) -> FinalReadings:
    """Draw the books of three orders at most, with what the provider and the coupon's counter say."""
    orders = [_order(draw, name) for name in ORDERS[1:] if draw(st.booleans())]
    charges = [
        ChargeReading(
            entry_id=f"e{number}",
            kind=draw(st.sampled_from(("authorize", "capture", "capture", "refund", "void"))),
            payment_id=draw(st.sampled_from(("p1", "p2"))),
            order_id=draw(st.sampled_from(ORDERS[1:])),
            amount_cents=draw(st.sampled_from((100, 100, 40))),
            idempotency_key="",
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    used = CouponReading(code="save", cap=2, per_shopper=1, used=draw(st.integers(0, 3)))
    return FinalReadings(orders=tuple(orders), charges=tuple(charges), coupons=(used,))


def _order(draw: st.DrawFn, name: str) -> OrderReading:
    skus = draw(st.lists(st.sampled_from(("flash", "p1", "p2")), max_size=2, unique=True))
    return OrderReading(
        order_id=name,
        shopper=draw(st.sampled_from(SHOPPERS)),
        intent=draw(st.sampled_from(INTENTS)),
        status=draw(STATES),
        channel=draw(st.sampled_from(("card", "pay_later"))),
        total_cents=100,
        region="a",
        lines=tuple(OrderLine(sku=sku, qty=draw(st.integers(1, 2)), price_cents=1) for sku in skus),
        coupon=draw(st.sampled_from(("", "save"))),
        discount_cents=draw(st.sampled_from((0, 10))),
        gift_card=draw(st.sampled_from(("", "g"))),
    )
