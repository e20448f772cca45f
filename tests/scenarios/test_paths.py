from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from rehearsal.model.plan import VisitKind
from scenarios.browse import browse
from scenarios.cart import cart
from scenarios.flash_sale import flash_sale

from .conftest import FakeShop, Shopped

Visiting = Callable[[VisitKind], Shopped]


def test_a_browser_looks_at_pages_and_leaves(visiting: Visiting) -> None:
    """Two or three product pages, each recorded ok."""
    shopped = visiting(VisitKind.BROWSE)

    assert shopped.visit.open()
    assert browse(shopped.visit)
    assert shopped.said()[0] == ("route", "ok", "")
    assert set(shopped.said()[1:]) == {("product", "ok", "")}


def test_a_cart_is_filled_ordered_and_paid_under_one_intent(visiting: Visiting) -> None:
    """The order and its payment carry the shopper's intent, amounts and ids."""
    shopped = visiting(VisitKind.CART)
    shopped.visit.open()

    assert cart(shopped.visit)
    assert [row.f for row in shopped.rows] == ["route", "product", "cart_add", "order", "pay", "logistics"]
    order, pay = shopped.rows[3], shopped.rows[4]
    assert (order.intent, order.order_id, order.amount_cents) == ("buy:s1-0", "o1", 700)
    assert (pay.intent, pay.order_id, pay.payment_id) == ("pay:buy:s1-0", "o1", "p1")
    assert (pay.channel, pay.amount_cents) == ("card", 700)


def test_a_flash_sale_buy_is_paid(visiting: Visiting) -> None:
    """Look, buy at once, pay."""
    shopped = visiting(VisitKind.FLASH_SALE)
    shopped.visit.open()

    assert flash_sale(shopped.visit)
    assert [row.f for row in shopped.rows][1:] == ["product", "flash_buy", "pay", "logistics"]
    assert shopped.rows[2].qty == 1


DECLINED = [("pay", "fail", "declined")]
CONFIRMED = {"order_id": "o1", "status": "confirmed", "amount_cents": 700}

SADS: list[Any] = [
    pytest.param(
        "/flash-sale/flash/buy", [(409, {"error": "sold_out"})], [("flash_buy", "fail", "sold_out")], True,
        id="sold out is a good answer",
    ),
    pytest.param(
        "/flash-sale/flash/buy", [(500, {"error": "oops"})], [("flash_buy", "info", "http_500")] * 4, False,
        id="a 5xx is info, and tried again under the same intent",
    ),
    pytest.param(
        "/flash-sale/flash/buy", [(200, b"")], [("flash_buy", "info", "bad_body")] * 4, False,
        id="an empty 200 is info, not ok",
    ),
    pytest.param(
        "/flash-sale/flash/buy",
        [(201, {"order_id": "o1", "total_cents": 700, "sku": "other", "qty": 1})],
        [("flash_buy", "info", "bad_body")] * 4, False,
        id="an order for something else is info",
    ),
    pytest.param(
        "/orders/o1/pay", [(200, {"status": "declined", "order_id": "o1"})], DECLINED, False,
        id="declined with status 200 is fail",
    ),
    pytest.param(
        "/orders/o1/pay", [(402, {"error": "declined"})], DECLINED, False,
        id="declined with status 402 is fail",
    ),
    pytest.param(
        "/orders/o1/pay", [(200, {"order_id": "o1", "status": "paid", "amount_cents": 1})],
        [("pay", "info", "bad_body")] * 4 + [("query", "ok", "")], True,
        id="paid another amount is info; the query settles it",
    ),
    pytest.param(
        "/orders/o1/pay",
        [(503, {"error": "payment_unavailable"}), (200, CONFIRMED)],
        [("pay", "fail", "payment_unavailable"), ("pay", "ok", "")], True,
        id="the card channel refuses: pay later, at once",
    ),
    pytest.param(
        "/orders/o1/pay", [(202, {"order_id": "o1", "status": "pending"})],
        [("pay", "info", "pending"), ("query", "ok", "")], True,
        id="pending is asked for, not paid again",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "answers", "says", "good"), SADS)
def test_what_a_shopper_makes_of_an_answer(
    visiting: Visiting, fake_shop: FakeShop, path: str, answers: list[Any], says: list[Any], good: bool
) -> None:
    """Each answer has one honest outcome, and the shopper does what a shopper would."""
    fake_shop.script[path] = answers
    shopped = visiting(VisitKind.FLASH_SALE)
    shopped.visit.open()

    assert flash_sale(shopped.visit) is good
    step = "flash_buy" if "flash" in path else "pay"
    told = [entry for entry in shopped.said() if entry[0] in {step, "query"}]
    assert told == says


def test_a_pending_payment_is_asked_for_until_patience_ends(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Eight questions half a second apart, then the shopper gives up with the payment unknown."""
    fake_shop.script["/orders/o1/pay"] = [(202, {"order_id": "o1", "status": "pending"})]
    fake_shop.script["/orders/o1"] = [(200, {"order_id": "o1", "status": "pending_payment"})]
    shopped = visiting(VisitKind.FLASH_SALE)
    shopped.visit.open()

    assert not flash_sale(shopped.visit)
    queries = [row for row in shopped.rows if row.f == "query"]
    assert {(row.outcome, row.error) for row in queries} == {("info", "pending")}
    assert len(queries) == 8
    assert {later.due_ns - row.done_ns for row, later in pairwise(queries)} == {500_000_000}


def test_an_expired_order_ends_the_visit(visiting: Visiting, fake_shop: FakeShop) -> None:
    """A payment that turns out expired is fail."""
    fake_shop.script["/orders/o1/pay"] = [(202, {"order_id": "o1", "status": "pending"})]
    fake_shop.script["/orders/o1"] = [(200, {"order_id": "o1", "status": "expired"})]
    shopped = visiting(VisitKind.FLASH_SALE)
    shopped.visit.open()

    assert not flash_sale(shopped.visit)
    assert shopped.said()[-1] == ("query", "fail", "expired")


def test_a_dead_region_is_left_for_the_other_under_the_same_intent(
    visiting: Visiting, fake_shop: FakeShop
) -> None:
    """A refused connection is fail, a cut one info; both ask the director again and repeat the same key."""
    fake_shop.script["/orders"] = [
        (0, "connect_refused"),
        (0, "eof"),
        (201, {"order_id": "o1", "total_cents": 700}),
    ]
    shopped = visiting(VisitKind.CART)
    shopped.visit.open()

    assert cart(shopped.visit)
    orders = [row for row in shopped.rows if row.f == "order"]
    assert [(row.outcome, row.error, row.attempt) for row in orders] == [
        ("fail", "connect_refused", 0),
        ("info", "eof", 1),
        ("ok", "", 2),
    ]
    assert {headers["Idempotency-Key"] for _, path, _, headers in fake_shop.asked if path == "/orders"} == {
        "buy:s1-0"
    }
    assert fake_shop.paths().count("/route") == 3


def test_no_cart_no_order(visiting: Visiting, fake_shop: FakeShop) -> None:
    """A shopper whose cart was refused does not order, and one whose order was refused does not pay."""
    fake_shop.script["/carts/s1-0/items"] = [(400, {"error": "bad_request"})]
    shopped = visiting(VisitKind.CART)
    shopped.visit.open()

    assert not cart(shopped.visit)
    assert "/orders" not in fake_shop.paths()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((503, {"error": "no_region"}), id="no region is up"),
        pytest.param((200, {"region": "a"}), id="an answer without an address"),
        pytest.param((200, [1]), id="an answer that is no object"),
    ],
)
def test_a_shop_that_lets_nobody_in(visiting: Visiting, fake_shop: FakeShop, answer: Any) -> None:
    """A visit that finds no way in ends there, after four attempts."""
    fake_shop.script["/route"] = [answer]
    shopped = visiting(VisitKind.BROWSE)

    assert not shopped.visit.open()
    assert [row.attempt for row in shopped.rows] == [0, 1, 2, 3]


def test_every_row_has_three_times_in_order(visiting: Visiting) -> None:
    """Always due ≤ sent ≤ done, the first due being the arrival's."""
    shopped = visiting(VisitKind.CART)
    shopped.visit.open()
    cart(shopped.visit)

    assert shopped.rows[0].due_ns == 5_000_000
    assert all(row.due_ns <= row.sent_ns <= row.done_ns for row in shopped.rows)
    assert shopped.rows[4].due_ns > shopped.rows[3].done_ns
