"""The table of needs against the invariants themselves: what each passes with, and what it does not."""

from collections.abc import Iterable
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from chaos.invariants.audit import INVARIANTS
from chaos.invariants.books import GIVING, Books
from chaos.invariants.needs import (
    BESIDES,
    METHODS,
    NEEDS,
    READINGS,
    WORDS,
    asked_of,
    costs,
    offered,
    settled_by,
)
from chaos.invariants.scope import applies
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Outcome, Row
from rehearsal.model.plan import Behaviour, Coupon, Fault, GiftCards, Mix, PhaseKind
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.readings import CouponReading, FinalReadings, GiftCardReading, OrderLine, TokenReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    LATER,
    PRICE,
    Part,
    asked,
    became,
    bought,
    cancelled,
    charge,
    confirmed,
    order,
    paid,
    readings,
    stock,
    told,
)

T_ZERO = 10_000_000_000
AGAIN, OTHERWISE = "sent_again", "sent_otherwise"
FULL = LATER.model_copy(
    update={
        "coupon": Coupon(code="save", cents=10, cap=1),
        "gift_cards": GiftCards(cards=1, cents=100),
        "behaviour": Behaviour(send_again=0.1, cancel=0.1),
        "sale": LATER.sale.model_copy(update={"tokens": True}),
        "traffic": LATER.traffic.model_copy(update={"mix": Mix(browse=0.0, cart=0.5, flash_sale=0.5)}),
        "slo": {PhaseKind.BURST: Slo(p95_ms=1, p99_ms=1, goodput=0.9, payment_success=0.9)},
        "faults": (Fault(kind=FaultKind.TOXIC, phase="burst", hold_s=1, recover_within_s=1),),
    }
)
CART = (OrderLine(sku="p1", qty=1, price_cents=PRICE),)
NO: dict[str, Any] = {"outcome": Outcome.FAIL}
EARLY = asked("flash_buy", 5, sku="flash", qty=1, error="not_open", intent="buy:early", **NO)
AFTER = tuple(
    replace(row, **dict.fromkeys(("due_ns", "sent_ns", "done_ns"), row.done_ns + T_ZERO)) for row in GOOD_ROWS
)
ROWS = (
    EARLY,
    *AFTER,
    bought("o1", at=T_ZERO + 8, note=AGAIN),
    bought("o1", at=T_ZERO + 9, note=OTHERWISE, error="idempotency_mismatch", **NO),
    asked("cart_add", T_ZERO + 1, shopper="s-c1", intent="cart:c1", sku="p1", qty=1),
    asked("order", T_ZERO + 2, shopper="s-c1", intent="buy:c1", order_id="c1"),
    paid("c1", at=T_ZERO + 3),
    asked("queue", T_ZERO, shopper="s-o1", intent="queue:o1", payment_id="q-o1"),
    cancelled("g1", at=T_ZERO + 6),
)
GONE: tuple[Part, ...] = (
    order("g1", "cancelled", lines=CART),
    *(charge(kind, "g1") for kind in ("authorize", "capture", "refund")),
)
SAVED = order(
    "c1",
    lines=CART,
    total_cents=PRICE - 20,
    coupon="save",
    discount_cents=10,
    gift_card="gift-0",
    gift_cents=10,
)
DREW = order("c2", lines=CART, total_cents=PRICE - 10, gift_card="gift-0", gift_cents=10)
CHARGED = tuple(
    charge(kind, name, cents=cents)
    for name, cents in (("c1", PRICE - 20), ("c2", PRICE - 10))
    for kind in ("authorize", "capture")
)
BOOKS: tuple[Part, ...] = (
    *GOOD_BOOKS,
    *GONE,
    SAVED,
    DREW,
    *CHARGED,
    *became("g1", "paid", "cancelled"),
    *(confirmed(name) for name in ("c1", "c2", "g1")),
    stock(2, sku="p1", initial=9),
    CouponReading(code="save", cap=1, per_shopper=1, used=1),
    GiftCardReading(code="gift-0", initial_cents=100, balance_cents=80),
    *(
        TokenReading(token=f"q-{name}", shopper=f"s-{name}", place=n, admitted=n, uses=1)
        for n, name in enumerate(("o1", "o2"), 1)
    ),
)


def unpaid(rows: Iterable[Row], final: FinalReadings) -> tuple[list[Row], FinalReadings]:
    """Return a shop that takes orders on account: no payments, no charges, no callbacks."""
    kept = [
        replace(row, channel="pay_later") if row.f in GIVING else row
        for row in rows
        if row.f not in {"pay", "query"}
    ]
    orders = tuple(replace(one, channel="") for one in final.orders or ())
    return kept, replace(final, orders=orders, charges=(), events=())


def kept_orders(rows: Iterable[Row], final: FinalReadings) -> tuple[list[Row], FinalReadings]:
    """Return a shop that takes no order back."""
    orders = tuple(one for one in final.orders or () if one.status != "cancelled")
    charges = tuple(one for one in final.charges or () if one.order_id != "g1")
    return [row for row in rows if row.f != "cancel"], replace(final, orders=orders, charges=charges)


def no_coupon(rows: Iterable[Row], final: FinalReadings) -> tuple[list[Row], FinalReadings]:
    """Return a shop whose coupon nobody could enter."""
    counted = tuple(replace(one, used=0) for one in final.coupons or ())
    return list(rows), replace(in_full(final, coupon="", discount_cents=0), coupons=counted)


def no_gift_card(rows: Iterable[Row], final: FinalReadings) -> tuple[list[Row], FinalReadings]:
    """Return a shop whose gift cards nobody could enter."""
    whole = tuple(replace(one, balance_cents=one.initial_cents) for one in final.gift_cards or ())
    return list(rows), replace(in_full(final, gift_card="", gift_cents=0), gift_cards=whole)


def in_full(final: FinalReadings, **nothing: Any) -> FinalReadings:
    """Return books in which orders lack these fields, and cost and were charged so much more."""
    before = {one.order_id: one for one in final.orders or ()}
    after = {name: replace(one, **nothing) for name, one in before.items()}
    due = {
        name: PRICE * sum(line.qty for line in one.lines) - one.discount_cents - one.gift_cents
        for name, one in after.items()
    }
    orders = tuple(replace(one, total_cents=due[name]) for name, one in after.items())
    charges = tuple(replace(one, amount_cents=due[one.order_id]) for one in final.charges or ())
    return replace(final, orders=orders, charges=charges)


LACKING = {
    "pay": unpaid,
    "cancel": kept_orders,
    "apply_coupon": no_coupon,
    "apply_gift_card": no_gift_card,
}


def judged(check: str, *lacking: str) -> Status:
    """Return what a check says of a shop in full that lacks these."""
    rows, final = list(ROWS), readings(*BOOKS)
    for name in lacking:
        if name in LACKING:
            rows, final = LACKING[name](rows, final)
        else:
            final = msgspec.structs.replace(final, **{name: None})
    return INVARIANTS[check](Books.of(told(*rows), final), FULL).status


def test_every_check_has_its_line() -> None:
    """The table knows the invariants, all of them and no others, and has words for every need."""
    needs = {need for wanted in (*NEEDS.values(), *BESIDES.values()) for need in wanted}

    assert set(NEEDS) == set(INVARIANTS)
    assert needs == set(WORDS) == {*METHODS, *READINGS}
    assert set(READINGS) <= set(FinalReadings.__struct_fields__)
    assert set(METHODS) == set(LACKING)


@pytest.mark.parametrize("check", NEEDS)
def test_what_it_needs_is_enough(check: str) -> None:
    """A shop that offers a check's needs and nothing else is held by it."""
    others = [need for need in WORDS if need not in NEEDS[check]]
    rest = [need for need in others if need in READINGS]

    assert judged(check) is judged(check, *rest) is Status.PASS
    assert all(judged(check, need) is Status.PASS for need in others)


@pytest.mark.parametrize(("check", "need"), [(check, need) for check in NEEDS for need in NEEDS[check]])
def test_what_it_needs_it_needs(check: str, need: str) -> None:
    """Without one of its needs the check is INCONCLUSIVE, though nothing else has changed."""
    assert judged(check, need) is Status.INCONCLUSIVE


def test_what_a_plan_does_not_ask_costs_nothing() -> None:
    """A plan without coupons loses nothing by an adapter that cannot enter one."""
    bare = FULL.model_copy(update={"coupon": None, "slo": {}, "faults": ()})
    everything = costs(FULL, ())

    assert set(asked_of(bare)) == {check for check in NEEDS if applies(check, bare)}
    assert {"coupons", "apply_coupon"} <= set(everything)
    assert not {"coupons", "apply_coupon"} & set(costs(bare, ()))
    assert {"slo.payment_success", "I4.no_double_charge"} <= set(everything["pay"])
    assert "recovery.lost_orders" in everything["orders"]
    assert costs(FULL, tuple(WORDS)) == {}


def test_what_is_offered() -> None:
    """A reading that came, if only empty, is offered; a method counts if the adapter has written it."""
    final = FinalReadings(orders=(), stock=None)

    assert offered(final, ("pay", "view", "final_readings")) == {"orders", "pay"}
    assert offered(FinalReadings(), ()) == frozenset()


@pytest.mark.parametrize(
    ("check", "met", "needs"),
    [
        pytest.param("invariant.I2.stock_conserved", (), ("stock", "orders"), id="a finding"),
        pytest.param("I2.stock_conserved", ("stock",), ("orders",), id="one need is met"),
        pytest.param("recovery.region_down.lost_orders", (), ("orders",), id="of a fault"),
        pytest.param("slo.p95", (), (), id="nothing an adapter could mend"),
    ],
)
def test_what_would_settle_it(check: str, met: tuple[str, ...], needs: tuple[str, ...]) -> None:
    """A finding's name leads to the readings and methods that would settle it, in words."""
    assert settled_by(check, met) == tuple(WORDS[need] for need in needs)
