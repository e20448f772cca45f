import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_store import coupons, gift_cards, schema
from mock_store.storage import Storage
from tests.mock_store.lab import RESERVATION_S, Lab, region_config

pytestmark = pytest.mark.anyio


async def enter(lab: Lab, what: str, code: str, key: str = "k", at: str = "a") -> tuple[int, Any]:
    """Enter a voucher into ann's cart; return status and body."""
    response = await lab.post(f"/carts/ann/{what}", {"code": code}, key=key, at=at)
    return response.status_code, response.json()


def relief(order: dict[str, Any]) -> tuple[object, ...]:
    """Return what an order says of its total and what lessened it."""
    return tuple(
        order[name] for name in ("total_cents", "coupon", "discount_cents", "gift_card", "gift_cents")
    )


async def used(lab: Lab) -> int:
    """Return how often the coupon is used."""
    return int((await lab.books("coupons"))[0]["used"])


async def balance_cents(lab: Lab, code: str = "gift-0") -> int:
    """Return what is left on a gift card."""
    cards = {card["code"]: card["balance_cents"] for card in await lab.books("gift-cards")}
    return int(cards[code])


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"qty": 2}, (3000, "", 0, "", 0)),
        ({"qty": 2, "coupon": "save"}, (2500, "save", 500, "", 0)),
        ({"qty": 2, "gift": "gift-1"}, (2900, "", 0, "gift-1", 100)),
        ({"coupon": "save", "gift": "gift-0"}, (1, "save", 500, "gift-0", 999)),
        ({"sku": "pen", "coupon": "save", "gift": "gift-1"}, (1, "save", 199, "", 0)),
    ],
    ids=[
        "no voucher",
        "a coupon",
        "a small gift card",
        "a gift card pays all but a cent",
        "a coupon worth more than the cart",
    ],
)
async def test_an_order_costs_less_by_its_vouchers(
    lab: Lab, held: dict[str, Any], expected: tuple[object, ...]
) -> None:
    """Lines less discount less gift; at least one cent is left; answer and books say the same."""
    order = await lab.ordered("ann", **held)

    assert (expected, expected) == (relief(order), relief((await lab.books("orders"))[0]))
    assert (bool(held.get("coupon")), 2000) == (
        bool(await used(lab)),
        await balance_cents(lab) + (order["gift_cents"] if order["gift_card"] == "gift-0" else 0),
    )


async def test_an_order_with_vouchers_is_paid_in_full(lab: Lab) -> None:
    """The reduced total is what is charged."""
    order = await lab.ordered("ann", coupon="save", gift="gift-1")
    response = await lab.pay(order["order_id"], amount_cents=900)

    assert (response.status_code, lab.charged_cents()) == (200, 900)


async def test_a_cart_shows_its_vouchers(two_regions: Lab) -> None:
    """What was entered at one region is held for the other too; "" takes it out again."""
    await enter(two_regions, "coupon", "save", "1")
    await enter(two_regions, "gift-card", "gift-1", "2", at="b")
    both = await two_regions.get("/carts/ann")
    _, without = await enter(two_regions, "coupon", "", "3")
    _, neither = await enter(two_regions, "gift-card", "", "4")

    carts = [(cart["coupon"], cart["gift_card"]) for cart in (both, without, neither)]
    assert carts == [("save", "gift-1"), ("", "gift-1"), ("", "")]


@pytest.mark.parametrize(
    ("what", "code", "status", "error"),
    [
        ("coupon", "made-up", 404, "unknown_coupon"),
        ("gift-card", "made-up", 404, "unknown_gift_card"),
        ("coupon", "save", 409, "coupon_used_up"),
        ("gift-card", "gift-1", 409, "gift_card_empty"),
    ],
    ids=["no such coupon", "no such card", "a coupon used by its shopper", "a card spent"],
)
async def test_vouchers_that_are_worth_nothing_are_refused(
    lab: Lab, what: str, code: str, status: int, error: str
) -> None:
    """What cannot be used is not entered, and the cart stays as it was."""
    await lab.ordered("ann", qty=2, coupon="save", gift="gift-1")

    assert (status, {"error": error}) == await enter(lab, what, code)
    assert (await lab.get("/carts/ann"))[what.replace("-", "_")] == ""


async def test_a_replayed_voucher_gets_the_same_answer(lab: Lab) -> None:
    """The same key and code get the cart as it was; another code under the key is refused."""
    first = await enter(lab, "coupon", "save")
    await lab.put_in_cart("ann")

    assert first == await enter(lab, "coupon", "save")
    assert await enter(lab, "coupon", "") == (422, {"error": "idempotency_mismatch"})


async def test_the_last_use_of_a_coupon_goes_to_one(two_regions: Lab) -> None:
    """Five hold a coupon of two uses, at two regions at once: two orders are made, three carts are kept."""
    shoppers = ["ann", "bob", "cid", "dot", "eve"]
    for shopper in shoppers:
        await two_regions.put_in_cart(shopper, coupon="save")

    answers = await asyncio.gather(
        *(two_regions.order(shopper, at="ab"[n % 2]) for n, shopper in enumerate(shoppers))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    assert {"coupon_used_up"} == {answer.json().get("error") for answer in answers} - {None}
    assert await used(two_regions) == 2
    carts = [await two_regions.get(f"/carts/{shopper}") for shopper in shoppers]
    assert sum(bool(cart["lines"]) for cart in carts) == 3
    assert (await two_regions.shelf("mug"))["reserved"] == 2


async def test_a_shopper_uses_a_coupon_once(lab: Lab) -> None:
    """A second cart that got the coupon before the first was ordered cannot be ordered with it."""
    await lab.put_in_cart("ann", coupon="save")
    await lab.order("ann", "1")
    await lab.put_in_cart("ann", sku="pen")
    lab.regions["a"].storage._reader.execute("INSERT INTO cart_vouchers VALUES ('ann', 'save', '')")

    response = await lab.order("ann", "2")

    assert (response.status_code, response.json()) == (409, {"error": "coupon_used_up"})
    assert await used(lab) == 1


async def test_a_gift_card_is_never_overdrawn(two_regions: Lab) -> None:
    """Four who share a card order at once at two regions: they paid with it what it lost, and no more."""
    shoppers = ["ann", "bob", "cid", "dot"]
    for shopper in shoppers:
        await two_regions.put_in_cart(shopper, gift="gift-0")

    answers = await asyncio.gather(
        *(two_regions.order(shopper, at="ab"[n % 2]) for n, shopper in enumerate(shoppers))
    )

    assert {201} == {answer.status_code for answer in answers}
    assert sorted(answer.json()["gift_cents"] for answer in answers) == [0, 0, 501, 1499]
    assert await balance_cents(two_regions) == 0


@pytest.mark.parametrize("end", ["expired", "cancelled"], ids=["nobody paid", "taken back unpaid"])
async def test_what_an_order_used_is_given_back(lab: Lab, end: str) -> None:
    """Coupon, gift card and units of an order that came to nothing are as before, once."""
    order = await lab.ordered("ann", coupon="save", gift="gift-0")
    held = await used(lab), await balance_cents(lab)
    if end == "cancelled":
        await lab.cancel(order["order_id"])
    lab.clock.advance(RESERVATION_S)
    await lab.tick()
    await lab.tick()

    assert (held, end) == ((1, 1001), await lab.status(order["order_id"]))
    assert (await used(lab), await balance_cents(lab), await lab.pending()) == (0, 2000, (0, 0, 0))
    assert await lab.ordered("ann", "o2", sku="pen", coupon="save", gift="gift-1")


async def test_a_refused_order_uses_nothing(lab: Lab) -> None:
    """If a line is sold out the coupon and the card stay as they were."""
    await lab.put_in_cart("ann", sku="pen", qty=2, coupon="save", gift="gift-0")

    assert (await lab.order("ann")).json() == {"error": "sold_out"}
    assert (await used(lab), await balance_cents(lab)) == (0, 2000)


async def test_a_shop_may_have_no_vouchers(tmp_path: Path) -> None:
    """Without a coupon and cards in its configuration there are none in its books."""
    config = msgspec.structs.replace(region_config(tmp_path), coupon=None, gift_cards=())
    storage = Storage(Path(config.database), schema=schema.TABLES)
    await storage.write(schema.seed, config)
    books = storage.read(coupons.snapshot), storage.read(gift_cards.snapshot)
    storage.close()

    assert books == ([], [])
