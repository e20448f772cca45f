from pathlib import Path

import httpx
import pytest

from mock_store.app import region_app
from tests.mock_store.lab import Lab, open_lab

pytestmark = pytest.mark.anyio


async def test_health_says_which_region(two_regions: Lab) -> None:
    """Each region answers with its own name."""
    expected = [{"region": name, "status": "ok"} for name in "ab"]
    assert expected == [await two_regions.get("/health", at=name) for name in "ab"]


async def test_a_product_page_shows_price_and_stock(lab: Lab) -> None:
    """The page has what the shopper needs to decide."""
    expected = {"sku": "mug", "name": "Product mug", "price_cents": 1500, "available": 5, "region": "a"}
    assert {**expected, "as_of_ms": 0} == await lab.get("/products/mug")


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/products/nothing", 404, "unknown_sku"),
        ("GET", "/orders/o-nobody", 404, "unknown_order"),
        ("GET", "/orders/o-nobody/logistics", 404, "unknown_order"),
        ("GET", "/nowhere", 404, "not_found"),
        ("POST", "/health", 405, "method_not_allowed"),
    ],
    ids=["no such product", "no such order", "no such parcel", "no such path", "no such method"],
)
async def test_what_is_not_there_is_said_in_json(
    lab: Lab, method: str, path: str, status: int, error: str
) -> None:
    """Every error is an object with its class."""
    response = await lab.clients["a"].request(method, path)

    assert (status, {"error": error}) == (response.status_code, response.json())


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/flash-sale/flash/buy", {"qty": 0}),
        ("/flash-sale/flash/buy", {"qty": 1001}),
        ("/flash-sale/flash/buy", {"qty": "1"}),
        ("/flash-sale/flash/buy", {}),
        ("/carts/ann/items", {"sku": "mug"}),
        ("/carts/ann/items", {"sku": 1, "qty": 1}),
        ("/carts/ann/coupon", {"code": 1}),
        ("/orders", []),
        ("/orders/o-1/cancel", []),
        ("/admin/sale", {"opens_at_ns": -1}),
    ],
    ids=[
        "nothing bought",
        "more than anybody buys",
        "text for a number",
        "no quantity",
        "no quantity for a cart",
        "a number for a product",
        "a number for a coupon",
        "a list for an order",
        "a list for a cancellation",
        "an instant before the clock began",
    ],
)
async def test_bad_bodies_are_refused(lab: Lab, path: str, body: object) -> None:
    """A body of another shape is 400, and nothing happens."""
    response = await lab.post(path, body)

    assert (response.status_code, response.json()) == (400, {"error": "bad_request"})
    assert await lab.pending() == (0, 0, 0)


async def test_a_body_that_is_not_json_is_refused(lab: Lab) -> None:
    """Bytes are not a body."""
    response = await lab.clients["a"].post("/flash-sale/flash/buy", content=b"\xff{")

    assert (response.status_code, response.json()) == (400, {"error": "bad_request"})


@pytest.mark.parametrize("path", ["/flash-sale/flash/buy", "/carts/ann/items", "/orders"])
async def test_writes_need_an_idempotency_key(lab: Lab, path: str) -> None:
    """Without a key a write could not be repeated safely, so it is refused."""
    body = {"qty": 1, "sku": "mug"}

    response = await lab.clients["a"].post(path, json=body, headers={"X-Shopper": "ann"})

    assert (response.status_code, response.json()) == (400, {"error": "bad_request"})


async def test_the_parcel_follows_the_order(lab: Lab) -> None:
    """Awaiting payment, then preparing; cancelled if nobody paid."""
    paid, unpaid = await lab.bought("ann"), await lab.bought("bob")
    states = [(await lab.get(f"/orders/{paid}/logistics"))["state"]]
    await lab.pay(paid)
    states.append((await lab.get(f"/orders/{paid}/logistics"))["state"])
    lab.clock.advance(6)
    await lab.tick()
    states.append((await lab.get(f"/orders/{unpaid}/logistics"))["state"])

    assert states == ["awaiting_payment", "preparing", "cancelled"]


async def test_admin_reads_tell_all(lab: Lab) -> None:
    """Orders with intent and lines in the order in which they came; stock of every product."""
    order_id = await lab.bought("ann", "want-one")
    await lab.pay(order_id, channel="pay_later")
    await lab.bought("bob", "want-two", qty=2)

    first, second = (await lab.get("/admin/orders"))["orders"]
    stock = (await lab.get("/admin/stock"))["stock"]

    assert first.pop("payment_id").startswith("later-")
    line = {"sku": "flash", "qty": 1, "price_cents": 19900}
    assert {
        "order_id": order_id,
        "shopper": "ann",
        "intent": "want-one",
        "status": "confirmed",
        "channel": "pay_later",
        "total_cents": 19900,
        "region": "a",
        "lines": [line],
        "coupon": "",
        "discount_cents": 0,
        "gift_card": "",
        "gift_cents": 0,
    } == first
    assert ("bob", "pending_payment", "", [{**line, "qty": 2}]) == tuple(
        second[name] for name in ("shopper", "status", "payment_id", "lines")
    )
    assert [entry["sku"] for entry in stock] == ["flash", "mug", "pen"]


async def test_a_crash_is_an_answer_too(lab: Lab) -> None:
    """If the database is gone the answer is 500 in JSON, not a cut connection."""
    transport = httpx.ASGITransport(region_app(lab.regions["a"]), raise_app_exceptions=False)
    lab.regions["a"].storage._reader.execute("DROP TABLE stock")
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        response = await client.get("/products/mug")

    assert (response.status_code, response.json()) == (500, {"error": "internal"})


async def test_a_second_start_keeps_the_state(tmp_path: Path) -> None:
    """A region that starts on an existing database finds the orders and does not fill the shelf again."""
    async with open_lab(tmp_path) as lab:
        order_id = await lab.bought("ann", qty=2)
    async with open_lab(tmp_path, names="ab") as lab:
        status, shelf = await lab.status(order_id), await lab.flash()

    assert status == "pending_payment"
    assert shelf == {"initial": 10, "available": 8, "reserved": 2, "sold": 0}
