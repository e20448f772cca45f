"""What shoppers do besides: codes, a look at the cart, numbers of the queue, second thoughts."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from rehearsal.model.plan import VisitKind
from scenarios.cart import cart
from scenarios.flash_sale import flash_sale
from scenarios.schedule import Arrival
from scenarios.storefront import Storefront
from scenarios.waiting_room import waiting_room
from scenarios.wishes import Offers, Wishes

from .conftest import MS, ORDER, PAID, ROUTE, FakeShop, Shopped, steps, wishing

Visiting = Callable[[VisitKind], Shopped]
SAVER = Wishes(coupon="save", gift_card="gift-3")
AGAIN = Wishes(sends_again=True)


# Codes


def test_codes_are_entered_and_the_cart_looked_at_before_it_is_ordered(
    visiting: Visiting, fake_shop: FakeShop
) -> None:
    """Each under a key of its own, each in the history with what it was about."""
    shopped = wishing(visiting, SAVER, coupon="save", gift_cards=5)

    assert cart(shopped.visit)
    assert steps(shopped) == [
        *("product", "cart_add", "coupon", "gift_card", "cart_view", "order", "pay", "logistics")
    ]
    coupon, gift, view = shopped.rows[3:6]
    assert (coupon.intent, coupon.sku, gift.intent, gift.sku) == (
        *("coupon:buy:s1-0", "save", "gift:buy:s1-0", "gift-3"),
    )
    assert (view.outcome, view.qty, view.intent) == ("ok", 9 * 20, "")
    bodies = [json for _, path, json, _ in fake_shop.asked if path.endswith(("coupon", "gift-card"))]
    assert bodies == [{"code": "save"}, {"code": "gift-3"}]


def test_who_has_no_code_looks_at_the_cart_all_the_same(visiting: Visiting) -> None:
    """So that carts are seen by many, in a shop that has something to save with."""
    shopped = wishing(visiting, Wishes(), gift_cards=5)

    assert cart(shopped.visit)
    assert steps(shopped) == ["product", "cart_add", "cart_view", "order", "pay", "logistics"]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((409, {"error": "coupon_used_up"}), id="used up"),
        pytest.param((404, {"error": "unknown_coupon"}), id="unknown"),
        pytest.param((500, {}), id="in doubt"),
        pytest.param((200, {"lines": 5}), id="an answer that is no cart"),
    ],
)
def test_whatever_becomes_of_a_code_the_cart_is_ordered(
    visiting: Visiting, fake_shop: FakeShop, answer: Any
) -> None:
    """A shopper does not go without her goods for want of a discount."""
    fake_shop.script["/carts/s1-0/coupon"] = [answer]
    shopped = wishing(visiting, SAVER, coupon="save", gift_cards=5)

    assert cart(shopped.visit)
    assert {row.outcome for row in shopped.rows if row.f == "coupon"} != {"ok"}
    assert "order" in steps(shopped)


# What a shop lacks


@pytest.mark.parametrize("wishes", [SAVER, AGAIN, Wishes(cancels=True)])
def test_what_a_shop_does_not_offer_leaves_no_row(
    visiting: Visiting, monkeypatch: pytest.MonkeyPatch, wishes: Wishes
) -> None:
    """An adapter without the optional methods is spoken to as before, except that requests may come twice."""
    for name in ("cart", "apply_coupon", "apply_gift_card", "cancel", "queue", "order_otherwise"):
        monkeypatch.setattr(f"scenarios.mock_storefront.MockStorefront.{name}", getattr(Storefront, name))
    shopped = wishing(visiting, wishes, coupon="save", gift_cards=5, tokens=True)

    assert cart(shopped.visit)
    assert list(dict.fromkeys(steps(shopped))) == ["product", "cart_add", "order", "pay", "logistics"]
    assert flash_sale(shopped.visit)
    assert "queue" not in steps(shopped)


# Second thoughts


def test_a_paid_order_is_cancelled(visiting: Visiting) -> None:
    """After a pause, under a key of its own; the visit went as the shopper wanted."""
    shopped = wishing(visiting, Wishes(cancels=True))

    assert cart(shopped.visit)
    last = shopped.rows[-1]
    assert (last.f, last.intent, last.order_id, last.outcome) == ("cancel", "cancel:buy:s1-0", "o1", "ok")
    assert last.due_ns > shopped.rows[-2].done_ns


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param((409, {"error": "not_cancellable"}), "fail", id="refused"),
        pytest.param((200, {"order_id": "o1", "status": "paid"}), "info", id="it is still paid"),
    ],
)
def test_an_order_that_is_not_taken_back(
    visiting: Visiting, fake_shop: FakeShop, answer: Any, outcome: str
) -> None:
    """Then the visit has failed."""
    fake_shop.script["/orders/o1/cancel"] = [answer]
    shopped = wishing(visiting, Wishes(cancels=True))

    assert not cart(shopped.visit)
    assert shopped.rows[-1].outcome == outcome


def test_what_was_not_paid_is_not_cancelled(visiting: Visiting, fake_shop: FakeShop) -> None:
    """There is nothing to give back."""
    fake_shop.script["/orders/o1/pay"] = [(402, {"error": "declined"})]
    shopped = wishing(visiting, Wishes(cancels=True))

    assert not cart(shopped.visit)
    assert "cancel" not in steps(shopped)


# The queue


def test_a_number_is_drawn_and_shown_when_buying(visiting: Visiting, fake_shop: FakeShop) -> None:
    """The history has it, and the adapter sends it along."""
    shopped = wishing(visiting, Wishes(), VisitKind.FLASH_SALE, tokens=True)

    assert flash_sale(shopped.visit)
    queue = shopped.rows[2]
    assert (queue.f, queue.intent, queue.payment_id, queue.sku) == ("queue", "queue:buy:s1-0", "t1", "flash")
    (sent,) = (headers for _, path, _, headers in fake_shop.asked if path.endswith("/buy"))
    assert sent["X-Queue-Token"] == "t1"


@pytest.mark.parametrize("answer", [(200, {"place": 1}), (503, {"error": "unavailable"})])
def test_without_a_number_there_is_no_buy(visiting: Visiting, fake_shop: FakeShop, answer: Any) -> None:
    """The shop would turn her away; she leaves, and the visit has failed."""
    fake_shop.script["/flash-sale/flash/queue"] = [answer]
    shopped = wishing(visiting, Wishes(), VisitKind.FLASH_SALE, tokens=True)

    assert not flash_sale(shopped.visit)
    assert "flash_buy" not in steps(shopped)


def test_in_the_waiting_room_numbers_are_drawn_on_arrival(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Before the first look at the countdown; again at T-0 by those who got none."""
    lost: list[tuple[int, Any]] = [(500, {})] * 4
    fake_shop.script["/flash-sale/flash/queue"] = [*lost, (200, {"token": "t1", "place": 1})]
    fake_shop.script["/products/flash"] = [(200, {"sku": "flash", "opens_in_ms": 1})]
    shopped = visiting(VisitKind.WAITING_ROOM)
    shopped.visit.basis = msgspec.structs.replace(shopped.visit.basis, offers=Offers(tokens=True))
    shopped.visit.arrival = Arrival(0, 5 * MS, VisitKind.WAITING_ROOM, 9000 * MS)
    shopped.visit.open()

    assert waiting_room(shopped.visit)
    asked = [step for step in steps(shopped) if step in {"queue", "countdown", "flash_buy"}]
    assert asked[:4] == ["queue"] * 4
    assert asked[-2:] == ["queue", "flash_buy"]
    assert PAID["order_id"] == shopped.rows[-1].order_id


# More than her share

SECOND = {**ORDER, "order_id": "o2", "sku": "flash", "qty": 1}


@pytest.mark.parametrize(
    ("second", "last", "good"),
    [
        pytest.param((409, {"error": "limit_reached"}), "flash_buy", True, id="the shop keeps its limit"),
        pytest.param((201, SECOND), "pay", True, id="it sells"),
        pytest.param((0, "eof"), "flash_buy", False, id="nobody knows"),
    ],
)
def test_who_wants_more_than_her_share_comes_again(
    visiting: Visiting, fake_shop: FakeShop, second: Any, last: str, good: bool
) -> None:
    """Sent to a region anew, with a number of its own, for the whole limit; what she is given she pays."""
    bought = (201, {**ORDER, "sku": "flash", "qty": 1})
    fake_shop.script["/flash-sale/flash/buy"] = [bought, second]
    fake_shop.script["/orders/o2/pay"] = [(200, {**PAID, "order_id": "o2"})]
    shopped = wishing(visiting, Wishes(comes_again=True), VisitKind.FLASH_SALE, tokens=True)

    assert flash_sale(shopped.visit) is good
    rows = [row for row in shopped.rows if row.intent.endswith("again:buy:s1-0") and row.attempt == 0]
    assert [(row.f, row.intent) for row in rows[:2]] == [
        ("queue", "queue:again:buy:s1-0"),
        ("flash_buy", "again:buy:s1-0"),
    ]
    assert rows[-1].f == last
    buys = [json for _, path, json, _ in fake_shop.asked if path.endswith("/buy")]
    assert buys[1] == {"qty": shopped.visit.basis.limit_per_shopper}
    assert steps(shopped).count("route") >= 1


def test_nobody_comes_again_to_a_shop_that_is_shut(visiting: Visiting, fake_shop: FakeShop) -> None:
    """Then nothing more is asked for."""
    fake_shop.script["/route"] = [(200, ROUTE), (503, {"error": "no_region"})]
    shopped = wishing(visiting, Wishes(comes_again=True), VisitKind.FLASH_SALE)

    assert not flash_sale(shopped.visit)
    assert [row.f for row in shopped.rows if "again" in row.intent] == []
