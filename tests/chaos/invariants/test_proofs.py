"""Each violation is shown as the few ops, entries and books that prove it, in time order, at most twelve."""

import re
from typing import Any

import msgspec
import pytest

from chaos.invariants.audit import INVARIANTS
from chaos.invariants.books import Books
from chaos.invariants.proof import MOST, proof_of
from rehearsal.model.history import Row
from rehearsal.model.plan import Coupon, Plan
from rehearsal.model.readings import CouponReading, FinalReadings, GiftCardReading, OrderLine, TokenReading
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.invariants.conftest import (
    LATER,
    PLAN,
    Part,
    asked,
    became,
    bought,
    cancelled,
    charge,
    confirmed,
    event,
    order,
    paid,
    readings,
    sold_out,
    stock,
)

CAPPED = PLAN.model_copy(update={"coupon": Coupon(code="save", cap=1)})
TAKEN, BACK = charge("capture", "o1"), charge("refund", "o1")
Scene = tuple[tuple[Row, ...], tuple[Part, ...], tuple[str, ...]]

#: One violation of each: rows, books, and the words that its proof must hold, in this order.
SCENES: dict[str, Scene] = {
    "I1.no_oversell": (
        (bought("o1", qty=2), paid("o1"), bought("o2", at=3), paid("o2", at=4)),
        (),
        ("flash_buy 1 × flash: ok, order o2", "pay: ok, order o2", "3 promised", "o2 is not among"),
    ),
    "I2.stock_conserved": ((), (order("o1"), stock(1, available=0)), ("initial 2, but", "1 units")),
    "I3.no_leak": ((sold_out(intent="late"),), (order("o1", "expired"), stock(0)), ("sold_out", "0 units")),
    "I4.no_double_charge": (
        (bought("o1"),),
        (order("o1"), TAKEN, charge("capture", "o1", payment="p2")),
        ("flash_buy", "capture of 100 cents", "payment p2", "100 cents"),
    ),
    "I5.no_lost_paid_order": ((paid("o1"),), (order("o1", "expired"),), ("pay: ok", "o1 of s-o1 is expired")),
    "I6.no_charge_without_order": ((), (TAKEN,), ("capture of 100", "o1 is not among them")),
    "I7.no_order_without_charge": ((), (order("o1"),), ("o1 of s-o1 is paid", "no entry on o1")),
    "I8.fail_means_fail": (
        (paid("o1", outcome="fail", error="declined"),),
        (TAKEN,),
        ("pay: fail (declined)", "capture of 100"),
    ),
    "I9.indeterminate_resolves": (
        (paid("o2"), paid("o1", outcome="info", error="timeout")),
        (order("o2"), order("o1", "pending_payment")),
        ("pay: info (timeout)", "is pending_payment"),
    ),
    "I10.idempotent_replay": (
        (bought("o1"), bought("o2", intent="buy:o1", at=2, note="sent_again")),
        (),
        ("order o1", "order o2, 100 cents, intent buy:o1, sent_again"),
    ),
    "I11.callback_once": ((), (event("o1", received=2, effects=2),), ("came 2 times and took effect 2",)),
    "I12.limit_per_shopper": ((bought("o1", qty=3),), (order("o1", qty=3),), ("3 × flash", "of s-o1")),
    "I13.coupon_cap": (
        (),
        (
            order("o1", coupon="save"),
            order("o2", coupon="save"),
            CouponReading(code="save", cap=1, per_shopper=1, used=2),
        ),
        ("good for 1 orders", "2 uses of save", "order o2"),
    ),
    "I14.price_honoured": ((), (order("o1", total_cents=90),), ("comes to 90", "1 × flash at 100 cents")),
    "I15.refund_once": (
        (cancelled("o1"),),
        (order("o1", "cancelled"), TAKEN, BACK, BACK),
        ("cancel: ok", "capture", "refund", "refund", "is cancelled"),
    ),
    "I16.legal_states": ((), became("o1", "paid", "pending_payment"), ("became paid", "became pending")),
    "I17.unique_ids": (
        (bought("o1"), bought("o1", intent="buy:o2")),
        (),
        ("intent buy:o1", "intent buy:o2"),
    ),
    "I18.cart_isolation": (
        (asked("cart_add", 1, shopper="s", sku="p1", qty=2), asked("cart_view", 2, shopper="s", qty=1)),
        (),
        ("cart_add 2 × p1: ok", "cart_view"),
    ),
    "I19.sold_out_stable": (
        (sold_out(at=1), bought("o1", at=2)),
        (order("o1"),),
        ("sold_out", "order o1", "0 units of flash were given back"),
    ),
    "I20.no_lost_order": ((bought("o1"),), (), ("flash_buy 1 × flash: ok", "o1 is not among them")),
    "I21.ledger_balance": (
        (),
        (order("o1"), charge("capture", "o1", cents=40)),
        ("of 40 cents", "100 cents"),
    ),
    "I22.confirmed_once": ((), (order("o1"), confirmed("o1", 2)), ("2 were sent for order o1", "is paid")),
    "I23.gift_card_balance": (
        (),
        (
            order("o1", gift_card="g", gift_cents=60),
            GiftCardReading(code="g", initial_cents=50, balance_cents=-10),
        ),
        ("-10 are left", "drew 60 cents"),
    ),
    "I24.queue_fair": (
        (),
        (TokenReading(token="q", shopper="s", place=1, admitted=1, uses=2),),
        ("number q of s: place 1, admitted 1, used 2 times",),
    ),
    "I25.no_early_sale": ((bought("o1", at=5),), (), ("flash_buy", "opens at 10 s")),
    "I26.capture_authorized": (
        (),
        (TAKEN, charge("authorize", "o1", cents=40)),
        ("capture of 100", "authorize of 40"),
    ),
}
PLANS: dict[str, Plan] = {"I13.coupon_cap": CAPPED, "I25.no_early_sale": LATER}


def proof_in(check: str, rows: tuple[Row, ...], final: FinalReadings) -> list[dict[str, Any]]:
    """Return the proof of a violation, as JSON would keep it."""
    plan = PLANS.get(check, PLAN)
    finding = INVARIANTS[check](Books.of(frame_of(rows, timeline_of(plan)), final), plan)
    assert finding.status is Status.FAIL
    proof: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(finding.evidence["proof"]))
    return proof


def test_every_invariant_has_a_scene() -> None:
    """None is left out."""
    assert list(INVARIANTS) == list(SCENES)


@pytest.mark.parametrize("check", SCENES)
def test_what_proves_it(check: str) -> None:
    """The proof holds what a reader needs, first what happened in time, then ledger and books."""
    rows, parts, words = SCENES[check]
    proof = proof_in(check, rows, readings(*parts))
    told = " | ".join(entry["what"] for entry in proof)
    in_order = re.search(".*".join(re.escape(word) for word in words), told)

    assert in_order, told
    assert 1 <= len(proof) <= MOST
    assert [{"at_s", "who", "what", "kind"}] * len(proof) == [set(entry) for entry in proof]


WHO: dict[str, Any] = {"shopper": "n", "intent": "buy:n1"}
NO: dict[str, Any] = {"shopper": "n", "outcome": "fail", "error": "busy"}
#: Another shopper's visit, in which all is well.
NOISE = (
    asked("cart_add", 1, shopper="n", intent="cart:n", sku="p1", qty=1),
    asked("coupon", 1, intent="coupon:n", **NO),
    asked("cart_view", 2, shopper="n", qty=1),
    asked("order", 3, order_id="n1", amount_cents=100, **WHO),
    paid("n1", at=4, shopper="n", outcome="info", error="timeout"),
    paid("n1", at=5, shopper="n", payment_id="p-n1", amount_cents=100),
    asked("queue", 5, intent="queue:n", **NO),
    asked("flash_buy", 6, sku="flash", qty=1, intent="late:n", **NO),
    asked("cancel", 7, order_id="n1", intent="cancel:n", **NO),
)
LINE = OrderLine(sku="p1", qty=1, price_cents=100)
NOISE_BOOKS: tuple[Part, ...] = (
    order("n1", lines=(LINE,), **WHO),
    charge("authorize", "n1"),
    charge("capture", "n1"),
    *became("n1", "paid"),
    event("n1"),
    confirmed("n1"),
    stock(1, sku="p1"),
)


@pytest.mark.parametrize("check", SCENES)
def test_others_do_not_appear(check: str) -> None:
    """What another shopper did, and what the books hold of her, is no part of the proof."""
    rows, parts, _ = SCENES[check]
    alone = proof_in(check, rows, readings(*parts))

    assert alone == proof_in(check, (*NOISE, *rows, *NOISE), readings(*NOISE_BOOKS, *parts))


@pytest.mark.parametrize("check", SCENES)
def test_time_order(check: str) -> None:
    """What was seen during the run comes first, by its instant; what was read after it has none."""
    rows, parts, _ = SCENES[check]
    instants = [entry["at_s"] for entry in proof_in(check, rows, readings(*parts))]
    seen = [instant for instant in instants if instant is not None]

    assert instants == sorted(seen) + [None] * (len(instants) - len(seen))


@pytest.mark.parametrize(
    ("check", "rows", "parts"),
    [
        pytest.param(
            "I1.no_oversell",
            tuple(row for n in range(40) for row in (bought(f"o{n}", at=n), paid(f"o{n}", at=n))),
            tuple(order(f"o{n}") for n in range(40)),
            id="an oversell of many",
        ),
        pytest.param("I4.no_double_charge", (), (order("o1"), *[TAKEN] * 40), id="charged forty times"),
        pytest.param("I21.ledger_balance", (), (order("o1"), *[TAKEN] * 40), id="taken forty times"),
        pytest.param(
            "I18.cart_isolation",
            (
                *(asked("cart_add", n, shopper="s", intent=str(n), sku="p1", qty=1) for n in range(40)),
                asked("cart_view", 99, shopper="s", qty=1),
            ),
            (),
            id="forty adds",
        ),
    ],
)
def test_a_proof_stays_short(check: str, rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """However large the damage, at most twelve entries show it."""
    assert len(proof_in(check, rows, readings(*parts))) <= MOST


def test_what_is_cut_are_the_last_parts() -> None:
    """The most telling parts come first, and are sorted by time only then."""
    entry = {"at_s": None, "who": "w", "kind": "books"}
    early = {"at_s": 1.0, "who": "w", "what": "early", "kind": "op"}
    first, second = [{**entry, "what": "count"}], [{**entry, "what": str(n)} for n in range(MOST)]
    proof = proof_of(first, second, [early])

    assert [one["what"] for one in proof] == ["count", *(str(n) for n in range(MOST - 1))]
    assert [one["what"] for one in proof_of(first, [early])] == ["early", "count"]


def test_a_stock_that_was_seen_below_nothing_is_shown() -> None:
    """A reading of the stock during the run stands among the ops."""
    seen = Row(kind="stock", f="flash", sent_ns=2_000_000_000, qty=-1)  # type: ignore[arg-type]
    entry = proof_in("I2.stock_conserved", (seen,), readings(order("o1"), order("o2"), stock(2)))[0]

    assert (entry["at_s"], entry["what"], entry["kind"]) == (2.0, "-1 of flash available", "stock")
