import asyncio

import pytest

from tests.mock_store.lab import Lab

pytestmark = pytest.mark.anyio

MUG_LINE = {"sku": "mug", "qty": 2, "price_cents": 1500}


async def add(lab: Lab, sku: str, qty: int, key: str, at: str = "a") -> tuple[int, object]:
    """Put units into ann's cart; return status and body."""
    response = await lab.post("/carts/ann/items", {"sku": sku, "qty": qty}, key=key, at=at)
    return response.status_code, response.json()


async def test_a_cart_nobody_filled_is_empty(lab: Lab) -> None:
    """A cart needs no creation."""
    empty = {"shopper": "ann", "lines": [], "total_cents": 0, "coupon": "", "gift_card": "", "region": "a"}
    assert empty == await lab.get("/carts/ann")


async def test_additions_add_up_over_regions(two_regions: Lab) -> None:
    """Units of one product put in at two regions are one line."""
    await add(two_regions, "mug", 1, "1", at="a")
    status, cart = await add(two_regions, "mug", 1, "2", at="b")

    expected = {"shopper": "ann", "lines": [MUG_LINE], "total_cents": 3000, "coupon": "", "gift_card": ""}
    assert (200, {**expected, "region": "b"}) == (status, cart)


async def test_a_replayed_addition_adds_once(two_regions: Lab) -> None:
    """The same key and body, at both regions at once, add once and get the same answer."""
    answers = await asyncio.gather(*(add(two_regions, "mug", 2, "1", at=at) for at in "abab"))

    assert len({str(answer) for answer in answers}) == 1
    assert (await two_regions.get("/carts/ann"))["lines"] == [MUG_LINE]


async def test_another_body_under_a_key_is_refused(lab: Lab) -> None:
    """A key that added mugs cannot add pens."""
    await add(lab, "mug", 1, "1")

    assert await add(lab, "pen", 1, "1") == (422, {"error": "idempotency_mismatch"})


@pytest.mark.parametrize("sku", ["nothing", "flash"], ids=["a made-up product", "one of the flash sale"])
async def test_what_carts_may_not_hold_is_unknown(lab: Lab, sku: str) -> None:
    """Carts hold ordinary products only: the flash sale's limit cannot be walked around."""
    assert await add(lab, sku, 1, "1") == (404, {"error": "unknown_sku"})


async def test_ordering_takes_the_cart(lab: Lab) -> None:
    """An order has the cart's lines and total, and leaves the cart empty."""
    await add(lab, "mug", 2, "1")

    response = await lab.post("/orders", {}, key="o")

    assert response.status_code == 201
    assert (response.json()["lines"], response.json()["total_cents"]) == ([MUG_LINE], 3000)
    assert (await lab.get("/carts/ann"))["lines"] == []


async def test_a_replayed_order_is_the_same(two_regions: Lab) -> None:
    """The same key at another region gets the same order, lines included, with 200."""
    await add(two_regions, "mug", 2, "1")
    first = (await two_regions.post("/orders", {}, key="o", at="a")).json()

    again = await two_regions.post("/orders", {}, key="o", at="b")

    assert again.status_code == 200
    assert (first["order_id"], [MUG_LINE]) == (again.json()["order_id"], again.json()["lines"])


async def test_another_note_under_the_key_of_an_order_is_refused(two_regions: Lab) -> None:
    """Two wishes under one key are a mistake of the client's; nothing comes of the second."""
    await add(two_regions, "mug", 2, "1")
    await two_regions.post("/orders", {"note": "as a gift"}, key="o", at="a")

    again = await two_regions.post("/orders", {}, key="o", at="b")

    assert (again.status_code, again.json()) == (422, {"error": "idempotency_mismatch"})


async def test_an_empty_cart_cannot_be_ordered(lab: Lab) -> None:
    """There is nothing to order in an empty cart."""
    response = await lab.post("/orders", {}, key="o")

    assert (response.status_code, response.json()) == (409, {"error": "empty_cart"})


async def test_a_cart_is_ordered_whole_or_not_at_all(lab: Lab) -> None:
    """If one line is sold out no unit of another stays reserved, and the cart is kept."""
    await add(lab, "mug", 2, "1")
    await add(lab, "pen", 2, "2")

    response = await lab.post("/orders", {}, key="o")

    assert (response.status_code, response.json()) == (409, {"error": "sold_out"})
    assert (await lab.pending())[1] == 0
    assert len((await lab.get("/carts/ann"))["lines"]) == 2
