"""Promotion rules stacked on the order of a cart: what they cost, and that they change nothing else."""

from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from mock_store import carts
from mock_store.assembly import World, open_region
from mock_store.config import Item
from mock_store.front import Front
from tests.mock_store.lab import Gate, Lab, StillClock, at_once, region_config

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("rules", "lines", "expected"),
    [
        (0, 3, 1.0),  # no rule costs nothing
        (1, 1, 1.05),
        (10, 1, 1.5),
        (4, 3, 1.6),  # each rule is held against each line
        (100, 3, 16.0),
        (7, 0, 1.0),  # an empty cart has no line to hold a rule against
    ],
)
async def test_rules_prolong_an_order_by_a_share_for_each_line(
    tmp_path: Path, rules: int, lines: int, expected: float
) -> None:
    """1 + rule_share x rules x lines, with a share of 0.05."""
    goods = tuple(Item(sku=f"p{number}", price_cents=100, stock=5) for number in range(3))
    config = msgspec.structs.replace(region_config(tmp_path), rule_share=0.05, catalogue=goods)
    async with open_region(config, World(now_ns=StillClock().now_ns, sleep=at_once)) as region:
        for item in goods[:lines]:
            addition = carts.Addition(shopper="ann", key=item.sku, sku=item.sku, qty=2)
            await region.storage.write(carts.add, addition, region)
        share = carts.share_of(region, "ann", rules)

    assert share == pytest.approx(expected)


async def test_an_order_with_rules_keeps_a_server_for_longer(tmp_path: Path) -> None:
    """The shop's own paths: 20 ms for an addition, 30 ms for the order of one line under ten rules."""
    gate, clock = Gate(), StillClock()
    gate.open()
    config = msgspec.structs.replace(
        region_config(tmp_path), service_ms=20, law="deterministic", rule_share=0.05
    )
    async with open_region(config, World(now_ns=clock.now_ns, sleep=gate.sleep)) as region:
        transport = httpx.ASGITransport(Front(region))
        headers = {"X-Shopper": "ann", "Idempotency-Key": "k"}
        async with httpx.AsyncClient(transport=transport, base_url="http://shop", headers=headers) as client:
            await client.post("/carts/ann/items", json={"sku": "mug", "qty": 2})
            await client.post("/orders", json={"rules": 10})

    assert gate.asked_s == [0.020, 0.030]


async def test_prices_are_those_without_rules(lab: Lab) -> None:
    """The order, its lines, its discount and what is paid: all as ever."""
    await lab.put_in_cart("ann", qty=2, coupon="save")
    response = await lab.post("/orders", {"rules": 9}, key="o")
    order = response.json()
    paid = await lab.pay(order["order_id"], amount_cents=order["total_cents"])

    assert (order["total_cents"], order["discount_cents"]) == (2500, 500)
    assert (paid.status_code, paid.json()["amount_cents"]) == (200, 2500)


async def test_a_replay_with_rules_is_the_same_order(lab: Lab) -> None:
    """They say nothing of what was ordered, and the cart is empty by then."""
    first = await lab.ordered("ann")
    again = await lab.post("/orders", {"rules": 3}, key="o")

    assert (again.status_code, again.json()["order_id"]) == (200, first["order_id"])


@pytest.mark.parametrize("rules", [-1, 101, "3", 1.5, None])
async def test_rules_are_a_number_of_them(lab: Lab, rules: Any) -> None:
    """Anything else is turned down."""
    await lab.put_in_cart("ann")

    assert (await lab.post("/orders", {"rules": rules})).status_code == 400
