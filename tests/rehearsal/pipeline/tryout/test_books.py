"""Final readings beside what the walk was told: each way in which they can disagree is named."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.readings import ChargeReading, FinalReadings, OrderLine, OrderReading, StockReading
from rehearsal.pipeline.tryout.books import books_seen, told_of
from rehearsal.pipeline.tryout.sight import State
from scenarios.tryout.told import StepTold

Make = Callable[..., Plan]
ORDER = OrderReading(
    order_id="o1",
    shopper="s1",
    intent="",
    status="paid",
    channel="card",
    total_cents=200,
    region="",
    lines=(OrderLine(sku="p1", qty=2, price_cents=100),),
)
STOCK = StockReading(sku="flash", initial=150, available=148, reserved=0, sold=2)
CAPTURE = ChargeReading(
    entry_id="e1", kind="capture", payment_id="p1", order_id="o1", amount_cents=200, idempotency_key=""
)


def step(name: str, outcome: str = "ok", **facts: Any) -> StepTold:
    """Return a step of the shopper s1."""
    return StepTold(kind=VisitKind.CART, step=name, shopper="s1", outcome=outcome, facts=facts)


WALK = (
    step("cart_add", sku="p1", qty=1),
    step("order", order_id="o1", amount_cents=200),
    step("pay", order_id="o1", amount_cents=200, channel="card"),
    step("order", "fail", order_id="o9"),
)
GOOD = FinalReadings(orders=(ORDER,), stock=(STOCK,), charges=(CAPTURE,))


def test_books_that_agree_are_praised(make_plan: Make) -> None:
    """What was read is counted, and that the walk's order is in it."""
    (sight,) = books_seen(GOOD, WALK, make_plan())

    assert sight.state is State.OK
    assert sight.sentence == "read 1 stock, 1 orders, 1 charges, and 1 order of the walk found again."


def test_another_stock_than_the_plans_is_a_warning(make_plan: Make) -> None:
    """It may be filled up before the drill; as it is, I2 would fail."""
    (sight,) = books_seen(replace(GOOD, stock=(replace(STOCK, initial=40, available=38),)), WALK, make_plan())

    assert sight.state is State.WARN
    assert "is read as 40 at first, but the plan sells 150" in sight.sentence


def test_nothing_read_is_a_warning(make_plan: Make) -> None:
    """A drill without books is possible, and says less."""
    (sight,) = books_seen(FinalReadings(), WALK, make_plan())

    assert (sight.state, "cannot be audited" in sight.sentence) == (State.WARN, True)


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(
            replace(GOOD, orders=(replace(ORDER, order_id="7"),), charges=None),
            "order o1 of the walk is not among the 1 orders read (such as 7)",
            id="another id",
        ),
        pytest.param(
            replace(
                GOOD,
                orders=(replace(ORDER, total_cents=2, lines=(OrderLine(sku="p1", qty=2, price_cents=1),)),),
            ),
            "order o1 was told to cost 200 cents and is read with 2",
            id="another unit of money",
        ),
        pytest.param(
            replace(GOOD, orders=(replace(ORDER, shopper="u1@x"),)),
            "is of shopper 's1' and is read with 'u1@x'",
            id="another name",
        ),
        pytest.param(
            replace(GOOD, orders=(replace(ORDER, status="pending_payment"),)),
            "order o1 was paid, and is read as 'pending_payment'",
            id="not paid",
        ),
        pytest.param(
            replace(GOOD, orders=(replace(ORDER, status="Complete"),)),
            "orders are read with the status 'Complete'; map it to one of cancelled, confirmed",
            id="a status of its own",
        ),
        pytest.param(
            replace(GOOD, orders=(replace(ORDER, lines=()),)), "orders are read without lines", id="no lines"
        ),
        pytest.param(
            replace(GOOD, orders=(replace(ORDER, gift_cents=50),)),
            "with a total of 200 cents, but its lines come to 150",
            id="lines that do not add up",
        ),
        pytest.param(
            replace(GOOD, stock=(replace(STOCK, sold=3),)),
            "the stock of flash is read as 150 at first, but 148 available + 0 reserved + 3 sold",
            id="a stock that does not",
        ),
        pytest.param(
            replace(GOOD, stock=(replace(STOCK, sku="p1"),)), "does not list flash", id="not the sale's stock"
        ),
        pytest.param(
            replace(GOOD, charges=(CAPTURE, replace(CAPTURE, kind="debit"))),
            "entries of the kind 'debit'",
            id="an entry of another kind",
        ),
        pytest.param(
            replace(GOOD, charges=(replace(CAPTURE, order_id="7"),)),
            "order o1 was paid by card, and the ledger read has no capture of it",
            id="no capture",
        ),
    ],
)
def test_books_that_disagree(make_plan: Make, final: FinalReadings, words: str) -> None:
    """One sentence each, and no praise."""
    (sight,) = books_seen(final, WALK, make_plan())

    assert sight.state is State.WRONG
    assert words in sight.sentence


def test_an_order_taken_back_is_cancelled_in_the_books(make_plan: Make) -> None:
    """The shopper was told so."""
    walk = (*WALK, step("cancel", order_id="o1"))
    (sight,) = books_seen(GOOD, walk, make_plan())
    back = replace(GOOD, orders=(replace(ORDER, status="cancelled"),))

    assert sight.sentence == "order o1 was cancelled, and is read as 'paid'."
    assert [one.state for one in books_seen(back, walk, make_plan())] == [State.OK]


def test_one_order_stands_for_all(make_plan: Make) -> None:
    """A hundred orders with a fee nobody reads are one mistake of the adapter's."""
    odd = tuple(replace(ORDER, order_id=f"o{number}", gift_cents=1) for number in range(1, 100))

    assert len(books_seen(replace(GOOD, orders=odd), WALK, make_plan())) == 1


def test_who_paid_later_is_in_no_ledger(make_plan: Make) -> None:
    """Only what was paid by card must be captured; what no amount was told of is not compared."""
    later = (step("order", order_id="o1"), step("pay", order_id="o1", channel="pay_later"))
    final = replace(GOOD, charges=(), orders=(replace(ORDER, status="confirmed"),))

    assert [sight.state for sight in books_seen(final, later, make_plan())] == [State.OK]
    assert told_of(later)["o1"].paid is False
