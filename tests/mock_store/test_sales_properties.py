"""Whatever shoppers do with carts, vouchers and cancellations, the correct shop's books balance."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_store.defects import Defect
from tests.mock_store.lab import Lab, open_lab

SHOPPERS = ("ann", "bob", "cid", "dot")
#: How an order may go on, as the log of its statuses has it.
LEGAL = {
    ("pending_payment", "paid"),
    ("pending_payment", "confirmed"),
    ("pending_payment", "expired"),
    ("pending_payment", "cancelled"),
    ("paid", "cancelled"),
    ("confirmed", "cancelled"),
}
LIVE = {"pending_payment", "paid", "confirmed"}
DEEDS = st.tuples(
    st.sampled_from(
        ["mug", "pen", "flash", "save", "gift-0", "gift-1", "order", "card", "later", "cancel", "late"]
    ),
    st.sampled_from(SHOPPERS),
    st.sampled_from("ab"),
)
#: What is in one list happens at once.
STORIES = st.lists(st.lists(DEEDS, min_size=1, max_size=6), min_size=1, max_size=10)


@given(STORIES)
@settings(max_examples=40, deadline=None)
def test_no_story_unbalances_the_books(story: list[list[tuple[str, str, str]]]) -> None:
    """After any story and a quiet time units, uses, cards and money are where the orders say."""
    asyncio.run(check_story(story))


@pytest.mark.parametrize(
    ("defect", "deeds"),
    [
        (Defect.RESTOCKED_TWICE, ["flash", "card", "cancel"]),
        (Defect.RESERVATION_NEVER_FREED, ["flash", "late", "late"]),
        (Defect.PAID_GOES_BACK, ["flash", "card"]),
    ],
)
def test_a_defect_is_seen_to_unbalance_them(defect: Defect, deeds: list[str]) -> None:
    """The same audit of the shortest story that lets a bug bite fails."""
    with pytest.raises(AssertionError):
        asyncio.run(check_story([[(deed, "ann", "a")] for deed in deeds], defects=[defect]))


async def check_story(story: list[list[tuple[str, str, str]]], defects: Iterable[Defect] = ()) -> None:
    """Let everything happen, settle, and audit."""
    with TemporaryDirectory() as folder:
        async with open_lab(Path(folder), names="ab", stock=3, defects=defects) as lab:
            lab.gate.open()
            for number, deeds in enumerate(story):
                await asyncio.gather(*(do(lab, f"{number}", *deed) for deed in deeds))
            await lab.settle()
            await lab.deliver_callbacks()
            await lab.settle()
            orders = await lab.books("orders")
            check_stock(await lab.books("stock"), orders)
            check_vouchers(await lab.books("coupons"), await lab.books("gift-cards"), orders)
            check_log(await lab.books("transitions"), orders)
            charged_cents = lab.charged_cents()
            rest = await lab.pending()

    assert sum(order["total_cents"] for order in orders if order["status"] == "paid") == charged_cents
    assert rest == (0, 0, 0)


async def do(lab: Lab, key: str, deed: str, shopper: str, at: str) -> None:
    """Do one thing; a shop may refuse it, and never breaks."""
    answer = None
    if deed in {"mug", "pen"}:
        path = f"/carts/{shopper}/items"
        answer = await lab.post(path, {"sku": deed, "qty": 1}, shopper=shopper, key=key, at=at)
    elif deed in {"save", "gift-0", "gift-1"}:
        path = f"/carts/{shopper}/{'coupon' if deed == 'save' else 'gift-card'}"
        answer = await lab.post(path, {"code": deed}, shopper=shopper, key=key, at=at)
    elif deed == "order":
        answer = await lab.order(shopper, key, at=at)
    elif deed == "flash":
        answer = await lab.buy(shopper, key, at=at)
    elif deed == "late":
        lab.clock.advance(3)
        await lab.tick(at)
    else:
        answer = await with_last_order(lab, key, deed, shopper, at)
    assert answer is None or answer.status_code in {200, 201, 202, 402, 409, 422}, answer.text


async def with_last_order(lab: Lab, key: str, deed: str, shopper: str, at: str) -> Any:
    """Pay or cancel the shopper's last order, if there is one."""
    mine = [order for order in await lab.books("orders", at=at) if order["shopper"] == shopper]
    if not mine:
        return None
    if deed == "cancel":
        return await lab.cancel(mine[-1]["order_id"], key, shopper=shopper, at=at)
    channel = "card" if deed == "card" else "pay_later"
    cents = mine[-1]["total_cents"]
    return await lab.pay(
        mine[-1]["order_id"], key, shopper=shopper, channel=channel, amount_cents=cents, at=at
    )


def check_stock(stock: list[dict[str, Any]], orders: list[dict[str, Any]]) -> None:
    """Check that no unit is lost or made, and that each is where its order says."""
    units: Counter[tuple[str, str]] = Counter()
    for order in orders:
        for line in order["lines"]:
            units[line["sku"], order["status"]] += line["qty"]
    for shelf in stock:
        sku, sold = shelf["sku"], units[shelf["sku"], "paid"] + units[shelf["sku"], "confirmed"]
        assert shelf["initial"] == shelf["available"] + shelf["reserved"] + shelf["sold"]
        assert (sold, units[sku, "pending_payment"]) == (shelf["sold"], shelf["reserved"])
        assert shelf["available"] >= 0
        assert shelf["restocked"] <= units[sku, "cancelled"]


def check_vouchers(
    coupons: list[dict[str, Any]], cards: list[dict[str, Any]], orders: list[dict[str, Any]]
) -> None:
    """Check that every use, and every cent of a card, belongs to an order that still stands."""
    live = [order for order in orders if order["status"] in LIVE]
    (coupon,) = coupons
    users = Counter(order["shopper"] for order in live if order["coupon"])
    assert users.total() == coupon["used"]
    assert users.total() <= coupon["cap"]
    assert max(users.values(), default=0) <= coupon["per_shopper"]
    for card in cards:
        spent_cents = sum(order["gift_cents"] for order in live if order["gift_card"] == card["code"])
        assert card["initial_cents"] == card["balance_cents"] + spent_cents
        assert card["balance_cents"] >= 0
    for order in orders:
        sum_cents = sum(line["qty"] * line["price_cents"] for line in order["lines"])
        assert order["total_cents"] == sum_cents - order["discount_cents"] - order["gift_cents"]
        assert order["total_cents"] >= 1


def check_log(log: list[dict[str, Any]], orders: list[dict[str, Any]]) -> None:
    """Check that every order went a legal way and ended where it stands."""
    ways: dict[str, list[str]] = {order["order_id"]: [] for order in orders}
    for entry in log:
        ways[entry["order_id"]].append(entry["status"])
    assert {pair for way in ways.values() for pair in pairwise(way)} <= LEGAL
    assert {way[0] for way in ways.values()} <= {"pending_payment"}
    assert {order["order_id"]: order["status"] for order in orders} == {
        order_id: way[-1] for order_id, way in ways.items()
    }
