"""Every invariant under double clicks and shoppers who left: silent when right, loud when wrong.

o1 was paid with two clicks, o2 was paid though its shopper left before she heard, o3 was left unpaid.
"""

from typing import Any

import pytest

from chaos.invariants.audit import INVARIANTS
from chaos.invariants.books import Books
from chaos.invariants.scope import applies
from rehearsal.model.history import Outcome, Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import (
    PLAN,
    Part,
    became,
    bought,
    charge,
    confirmed,
    event,
    order,
    paid,
    readings,
    sold_out,
    stock,
    told,
)

GIVEN_UP: dict[str, Any] = {"outcome": Outcome.INFO, "error": "given_up", "note": "abandoned"}

ROWS = (
    bought("o1"),
    paid("o1", note=""),
    paid("o1", outcome=Outcome.INFO, error="pending", note="double_click"),
    bought("o2"),
    paid("o2", **GIVEN_UP),
    bought("o3", at=2),
    paid("o3", at=4, **GIVEN_UP),
    # Nobody ever heard of this order: its shopper left before the answer, and the shop let it expire.
    bought("", at=5, amount_cents=0, **GIVEN_UP),
    sold_out(at=6),
    sold_out(at=7),
)
BOOKS: dict[str, Part] = {
    "o1": order("o1"),
    "o2": order("o2"),
    "o3": order("o3", "expired"),
    "unheard": order("o9", "expired"),
    "auth1": charge("authorize", "o1"),
    "charge1": charge("capture", "o1"),
    "auth2": charge("authorize", "o2"),
    "charge2": charge("capture", "o2"),
    "void3": charge("void", "o3"),
    "stock": stock(2),
    "mail1": confirmed("o1"),
    "mail2": confirmed("o2"),
    "event1": event("o1"),
}
CHANGES = (*became("o1", "paid"), *became("o2", "paid"), *became("o3", "expired"))


def judged(check: str, spoiled: dict[str, Part | None], rows: tuple[Row, ...] = ROWS) -> Finding:
    """Return what an invariant finds when some books are others; None takes one away."""
    books = {**BOOKS, **spoiled}
    final = readings(*(part for part in books.values() if part), *(CHANGES if not spoiled else ()))
    return INVARIANTS[check](Books.of(told(*rows), final), PLAN)


def test_all_hold_when_the_shop_is_right() -> None:
    """Nothing that shoppers did is taken for a fault of the shop's; what T-0 could not test is not known."""
    found = {check: judged(check, {}).status for check in INVARIANTS if applies(check, PLAN)}
    untested = {"I25.no_early_sale"}

    assert {check for check, status in found.items() if status is not Status.PASS} <= untested
    assert Status.FAIL not in found.values()


@pytest.mark.parametrize(
    ("check", "spoiled", "named"),
    [
        pytest.param(
            "I4.no_double_charge", {"again": charge("capture", "o1", payment="p2")}, "o1", id="a double click"
        ),
        pytest.param(
            "I21.ledger_balance", {"again": charge("capture", "o1", payment="p2")}, "o1", id="taken twice"
        ),
        pytest.param(
            "I26.capture_authorized",
            {"again": charge("capture", "o1", payment="p2")},
            "o1",
            id="the second click captures without asking",
        ),
        pytest.param(
            "I5.no_lost_paid_order", {"o1": order("o1", "expired")}, "o1", id="told paid by one click"
        ),
        pytest.param(
            "I6.no_charge_without_order",
            {"o3": order("o3", "expired"), "void3": charge("capture", "o3")},
            "o3",
            id="charged after she left",
        ),
        pytest.param(
            "I9.indeterminate_resolves",
            {"o3": order("o3", "pending_payment")},
            "o3",
            id="left, and left open",
        ),
        pytest.param(
            "I2.stock_conserved", {"stock": stock(2, reserved=1, available=0)}, "flash", id="units held"
        ),
        pytest.param(
            "I1.no_oversell", {"unheard": order("o9"), "o3": order("o3")}, "o3", id="sold beyond the stock"
        ),
        pytest.param("I20.no_lost_order", {"o3": None}, "o3", id="the order she left is forgotten"),
        pytest.param(
            "I12.limit_per_shopper",
            {"unheard": order("o9", shopper="s-o1", qty=2)},
            "o9",
            id="units she never heard of count too",
        ),
        pytest.param("I14.price_honoured", {"o2": order("o2", total_cents=1)}, "o2", id="another price"),
    ],
)
def test_each_is_seen_failing(check: str, spoiled: dict[str, Part | None], named: str) -> None:
    """A wrong done to somebody who clicked twice, or who left, is a FAIL that names it."""
    finding = judged(check, spoiled)

    assert Status.FAIL is finding.status
    assert named in finding.ids


def test_a_buy_before_t_zero_is_refused_or_a_fault() -> None:
    """What the waiting room's neighbours try too early shows whether the shop minds its clock."""
    phases = (PLAN.phases[0].model_copy(update={"name": "before"}), *PLAN.phases)
    plan = PLAN.model_copy(update={"phases": phases})
    check = INVARIANTS["I25.no_early_sale"]
    early = bought("", at=1, outcome=Outcome.FAIL, error="not_open")
    books = FinalReadings(orders=(order("o1"),))

    assert Status.PASS is check(Books.of(told(early), books), plan).status
    assert Status.FAIL is check(Books.of(told(early, bought("o1", at=2)), books), plan).status
