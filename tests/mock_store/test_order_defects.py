import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from mock_store.defects import Defect
from tests.mock_store.lab import RESERVATION_S, Lab, open_lab

pytestmark = pytest.mark.anyio

Story = Callable[[Lab], Awaitable[Any]]


async def shelf(lab: Lab, sku: str = "mug") -> list[int]:
    """Return what is available, reserved and sold of a product, and restocked."""
    units = await lab.shelf(sku)
    return [units[name] for name in ("available", "reserved", "sold", "restocked")]


async def nobody_pays(lab: Lab) -> list[int]:
    """Leave an order of one of ten units until both regions have looked after its time."""
    await lab.bought("ann")
    lab.clock.advance(RESERVATION_S)
    both = at_once if lab.regions["a"].has(Defect.STOCK_FREED_TWICE) else without_waiting
    await both(lab, lab.tick("a"), lab.tick("b"))
    return await shelf(lab, "flash")


async def a_paid_order_is_cancelled(lab: Lab) -> list[int]:
    """Buy one of ten units, pay and cancel it, and let the money be given back."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    await lab.cancel(order_id)
    await lab.tick()
    return await shelf(lab, "flash")


async def the_last_uses_of_a_coupon(lab: Lab) -> tuple[int, int]:
    """Order three carts with a coupon of two uses; return orders with a discount, and counted uses."""
    shoppers = ("ann", "bob", "cid")
    for shopper in shoppers:
        await lab.put_in_cart(shopper, coupon="save")
    await ordered_at_once(lab, shoppers)
    discounts = sum(bool(order["discount_cents"]) for order in await lab.books("orders"))
    return discounts, (await lab.books("coupons"))[0]["used"]


async def a_shared_gift_card(lab: Lab) -> tuple[int, int]:
    """Order two carts with one card; return what was paid with it and what is left, in cents."""
    for shopper in ("ann", "bob"):
        await lab.put_in_cart(shopper, gift="gift-0")
    await ordered_at_once(lab, ("ann", "bob"))
    paid_cents = sum(order["gift_cents"] for order in await lab.books("orders"))
    return paid_cents, (await lab.books("gift-cards"))[0]["balance_cents"]


async def ordered_at_once(lab: Lab, shoppers: tuple[str, ...]) -> None:
    """Order all carts; a shop with a defect dawdles until all have come that far."""
    together = at_once if lab.regions["a"].config.defects else without_waiting
    await together(lab, *(lab.order(name, at="ab"[n % 2]) for n, name in enumerate(shoppers)))


async def at_once(lab: Lab, *doing: Coroutine[Any, Any, Any]) -> None:
    """Do everything at once, and go on when all dawdle."""
    work = asyncio.gather(*doing)
    await lab.gate.reached_by(len(doing))
    lab.gate.open()
    await work


async def without_waiting(_: Lab, *doing: Coroutine[Any, Any, Any]) -> None:
    """Do everything at once, for a shop that does not dawdle."""
    await asyncio.gather(*doing)


async def a_region_fails_over(lab: Lab) -> list[tuple[str, int]]:
    """Fill a cart at one region, go on and order at the other; return the order's lines."""
    await lab.put_in_cart("ann", sku="mug", at="a")
    await lab.put_in_cart("ann", sku="pen", at="b")
    return [(line["sku"], line["qty"]) for line in (await lab.order("ann", at="b")).json()["lines"]]


async def a_callback_follows(lab: Lab) -> list[str]:
    """Pay an order and let the provider call back; return every status it had."""
    order_id = await lab.bought("ann")
    lab.gate.open()
    await lab.pay(order_id)
    await lab.deliver_callbacks()
    assert await lab.status(order_id) == "paid"
    return [entry["status"] for entry in await lab.books("transitions")]


async def a_cart_is_ordered_again(lab: Lab) -> list[int]:
    """Send the order of a cart again after its answer; return the answers."""
    await lab.put_in_cart("ann")
    return [(await lab.order("ann")).status_code for _ in range(2)]


@pytest.mark.parametrize(
    ("defect", "story", "right", "wrong"),
    [
        (Defect.RESERVATION_NEVER_FREED, nobody_pays, [10, 0, 0, 0], [9, 1, 0, 0]),
        (Defect.STOCK_FREED_TWICE, nobody_pays, [10, 0, 0, 0], [11, 0, 0, 0]),
        (Defect.RESTOCKED_TWICE, a_paid_order_is_cancelled, [10, 0, 0, 1], [11, 0, 0, 2]),
        (Defect.COUPON_RACE, the_last_uses_of_a_coupon, (2, 2), (3, 1)),
        (Defect.GIFT_CARD_RACE, a_shared_gift_card, (2000, 0), (2998, 501)),
        (Defect.CART_FORGOTTEN_ON_FAILOVER, a_region_fails_over, [("mug", 1), ("pen", 1)], [("pen", 1)]),
        (
            Defect.PAID_GOES_BACK,
            a_callback_follows,
            ["pending_payment", "paid"],
            ["pending_payment", "paid", "pending_payment", "paid"],
        ),
        (Defect.IDEMPOTENCY_IGNORED, a_cart_is_ordered_again, [201, 200], [201, 409]),
    ],
)
async def test_a_defect_breaks_what_the_correct_shop_keeps(
    tmp_path: Path, defect: Defect, story: Story, right: object, wrong: object
) -> None:
    """The same happens to both shops: the one without the defect keeps its books right."""
    told = []
    for name, defects in (("right", []), ("wrong", [defect])):
        async with open_lab(tmp_path / name, names="ab", defects=defects) as lab:
            told.append(await story(lab))

    assert [right, wrong] == told


async def test_the_race_for_a_coupon_still_refuses_what_is_plain(tmp_path: Path) -> None:
    """A coupon that was used up before anybody dawdled is refused even so."""
    async with open_lab(tmp_path, defects=[Defect.COUPON_RACE]) as lab:
        lab.gate.open()
        for shopper in ("ann", "bob", "cid"):
            await lab.put_in_cart(shopper, coupon="save")
        statuses = [(await lab.order(shopper)).status_code for shopper in ("ann", "bob", "cid")]

    assert statuses == [201, 201, 409]


async def test_the_way_back_begins_only_where_an_order_is_paid(tmp_path: Path) -> None:
    """A callback that pays an order whose answer was lost finds nothing to set back."""
    async with open_lab(tmp_path, defects=[Defect.PAID_GOES_BACK]) as lab:
        lab.net.break_("lost", ["capture"])
        await lab.pay(await lab.bought("ann"))
        await lab.deliver_callbacks()
        log = [entry["status"] for entry in await lab.books("transitions")]

    assert log == ["pending_payment", "paid"]
