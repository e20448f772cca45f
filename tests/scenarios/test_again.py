"""Requests that come a second time: the same, and then another under its key."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from rehearsal.model.plan import VisitKind
from scenarios.cart import cart
from scenarios.flash_sale import flash_sale
from scenarios.visit import is_good
from scenarios.wishes import Wishes

from .conftest import ORDER, FakeShop, Shopped, steps, wishing

Visiting = Callable[[VisitKind], Shopped]
AGAIN = Wishes(sends_again=True)


def test_order_and_payment_are_sent_again_and_otherwise(visiting: Visiting, fake_shop: FakeShop) -> None:
    """The same body first, then another under the same key; attempts count on, and the visit goes on."""
    shopped = wishing(visiting, AGAIN)

    assert cart(shopped.visit)
    for step, path, bodies in (
        ("order", "/orders", [{}, {}, {"note": "as a gift"}]),
        ("pay", "/orders/o1/pay", [{"channel": channel, "amount_cents": 700} for channel in _CHANNELS]),
    ):
        rows = [row for row in shopped.rows if row.f == step]
        assert [(row.attempt, row.note) for row in rows] == [
            (0, ""),
            (1, "sent_again"),
            (2, "sent_otherwise"),
        ]
        asked = [(json, headers["Idempotency-Key"]) for _, to, json, headers in fake_shop.asked if to == path]
        assert [json for json, _ in asked] == bodies
        assert len({key for _, key in asked}) == 1
    assert steps(shopped)[-1] == "logistics"


_CHANNELS = ("card", "card", "pay_later")


def test_a_flash_buy_is_sent_again_for_one_more(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Another quantity is another body; what the shop says to it changes nothing for the shopper."""
    bought = (201, {**ORDER, "sku": "flash", "qty": 1})
    fake_shop.script["/flash-sale/flash/buy"] = [bought, bought, (422, {"error": "idempotency_mismatch"})]
    shopped = wishing(visiting, AGAIN, VisitKind.FLASH_SALE)

    assert flash_sale(shopped.visit)
    rows = [row for row in shopped.rows if row.f == "flash_buy"]
    assert [(row.qty, row.outcome, row.order_id) for row in rows] == [
        *((1, "ok", "o1"), (1, "ok", "o1"), (2, "fail", ""))
    ]
    assert all(later.due_ns >= row.done_ns for row, later in pairwise(rows))


def test_nothing_is_sent_again_after_a_refusal(visiting: Visiting, fake_shop: FakeShop) -> None:
    """What was refused may be granted the next time; that would prove nothing."""
    fake_shop.script["/flash-sale/flash/buy"] = [(409, {"error": "sold_out"})]
    shopped = wishing(visiting, AGAIN, VisitKind.FLASH_SALE)

    assert flash_sale(shopped.visit)
    assert steps(shopped) == ["product", "flash_buy"]


def test_a_repetition_in_doubt_is_not_tried_again(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Nothing follows from it: the shopper has had her answer."""
    fake_shop.script["/orders"] = [(201, ORDER), (0, "eof"), (0, "eof")]
    shopped = wishing(visiting, AGAIN)

    assert cart(shopped.visit)
    assert [row.error for row in shopped.rows if row.f == "order"] == ["", "eof", "eof"]


def test_who_paid_later_sends_that_again(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Under the key of the payment that went through, and by card under the same."""
    later = {"order_id": "o1", "status": "confirmed", "amount_cents": 700}
    fake_shop.script["/orders/o1/pay"] = [(503, {"error": "payment_unavailable"}), (200, later)]
    shopped = wishing(visiting, AGAIN)

    assert cart(shopped.visit)
    asked = [
        (json["channel"], headers["Idempotency-Key"])
        for _, to, json, headers in fake_shop.asked
        if "/pay" in to
    ]
    key = "pay:buy:s1-0:later"
    assert asked[1:] == [("pay_later", key), ("pay_later", key), ("card", key)]


@pytest.mark.parametrize(
    ("answer", "note", "good"),
    [
        pytest.param((422, {"error": "idempotency_mismatch"}), "sent_otherwise", True, id="rightly refused"),
        pytest.param((422, {"error": "idempotency_mismatch"}), "", False, id="refused for no reason"),
        pytest.param((429, {"error": "busy"}), "sent_otherwise", False, id="turned away unread"),
        pytest.param((0, "connect_refused"), "sent_otherwise", False, id="nobody there"),
        pytest.param((500, {}), "sent_otherwise", False, id="in doubt"),
    ],
)
def test_what_is_a_good_answer_to_another_body(
    visiting: Visiting, fake_shop: FakeShop, answer: Any, note: str, good: bool
) -> None:
    """A correct shop refuses it in its own words."""
    fake_shop.script["/orders"] = [answer]
    shopped = wishing(visiting, AGAIN)

    assert good is is_good(shopped.visit.shop.order("i"), note)
