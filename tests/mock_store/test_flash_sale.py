import asyncio
from pathlib import Path

import pytest

from mock_store import flash_sale, inventory
from mock_store.defects import Defect
from mock_store.flash_sale import Wish
from mock_store.web import Refused
from tests.mock_store.lab import Lab, open_lab

pytestmark = pytest.mark.anyio


async def test_an_order_holds_its_units(lab: Lab) -> None:
    """A buy answers 201 with the order and moves its units from available to reserved."""
    response = await lab.buy("ann", qty=2)

    assert response.status_code == 201
    body = response.json()
    assert body.pop("order_id").startswith("o-")
    expected = {"sku": "flash", "qty": 2, "total_cents": 39800, "status": "pending_payment"}
    relief = {"coupon": "", "discount_cents": 0, "gift_card": "", "gift_cents": 0}
    assert {**expected, **relief, "region": "a", "expires_in_s": 6.0} == body
    assert await lab.flash() == {"initial": 10, "available": 8, "reserved": 2, "sold": 0}


async def test_a_replay_gets_the_same_order(two_regions: Lab) -> None:
    """The same key and body, at another region, get the same order again with 200."""
    first = await two_regions.buy("ann", at="a")
    again = await two_regions.buy("ann", at="b")

    assert again.status_code == 200
    assert first.json()["order_id"] == again.json()["order_id"]
    assert (await two_regions.flash())["reserved"] == 1


async def test_concurrent_attempts_of_one_intent_make_one_order(two_regions: Lab) -> None:
    """The same key at both regions at once makes one order, created by exactly one of them."""
    answers = await asyncio.gather(*(two_regions.buy("ann", at=at) for at in "abab"))

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["order_id"] for answer in answers}) == 1


async def test_another_body_under_a_key_is_refused(lab: Lab) -> None:
    """A key that ordered one unit cannot order two."""
    await lab.buy("ann", qty=1)

    response = await lab.buy("ann", qty=2)

    assert (response.status_code, response.json()) == (422, {"error": "idempotency_mismatch"})


async def test_two_shoppers_may_use_the_same_key(lab: Lab) -> None:
    """Keys belong to shoppers: ann's and bob's are different intents."""
    assert await lab.bought("ann", "k") != await lab.bought("bob", "k")


async def test_before_t_zero_nothing_is_sold(tmp_path: Path) -> None:
    """Half a second early the sale says how long to wait; at T-0 it sells."""
    async with open_lab(tmp_path, opens_in_s=0.5) as lab:
        early = await lab.buy("ann")
        lab.clock.advance(0.5)
        on_time = await lab.buy("ann")

    assert (early.status_code, early.json()) == (403, {"error": "not_open", "opens_in_ms": 500})
    assert on_time.status_code == 201


async def test_the_page_counts_down_to_t_zero(tmp_path: Path) -> None:
    """Half a second before T-0 it says 500 ms, after it 0; a buy that comes too early is told the same."""
    async with open_lab(tmp_path, opens_in_s=0.5) as lab:
        early = await lab.get("/products/flash")
        lab.clock.advance(0.6)
        late = await lab.get("/products/flash")

    assert (early["opens_in_ms"], late["opens_in_ms"]) == (500, 0)


async def test_the_opening_can_be_set(lab: Lab) -> None:
    """After a new T-0 is posted the sale waits for it."""
    await lab.post("/admin/sale", {"opens_at_ns": lab.clock.at_ns + 1_000_000_000})

    assert (await lab.buy("ann")).status_code == 403


async def test_the_limit_counts_over_orders_and_regions(two_regions: Lab) -> None:
    """Two units is a shopper's limit, however they are spread over orders and regions."""
    await two_regions.buy("ann", "1", at="a")
    await two_regions.buy("ann", "2", at="b")

    third = await two_regions.buy("ann", "3", at="a")

    assert (third.status_code, third.json()) == (409, {"error": "limit_reached"})


async def test_an_expired_order_gives_back_stock_and_limit(lab: Lab) -> None:
    """What is not paid in time goes back on the shelf and no longer counts against the shopper."""
    order_id = await lab.bought("ann", "1", qty=2)
    lab.clock.advance(6)
    await lab.tick()

    assert await lab.status(order_id) == "expired"
    assert await lab.flash() == {"initial": 10, "available": 10, "reserved": 0, "sold": 0}
    assert (await lab.buy("ann", "2", qty=2)).status_code == 201


async def test_a_crowd_buys_no_more_than_there_is(tmp_path: Path) -> None:
    """Thirty shoppers at two regions want ten units: ten get one, twenty are told sold_out."""
    async with open_lab(tmp_path, names="ab", stock=10) as lab:
        crowd = [lab.buy(f"s{i}", at="ab"[i % 2]) for i in range(30)]
        answers = await asyncio.gather(*crowd)
        shelf = await lab.flash()

    assert sum(answer.status_code == 201 for answer in answers) == 10
    assert sum(answer.json() == {"error": "sold_out"} for answer in answers) == 20
    assert shelf == {"initial": 10, "available": 0, "reserved": 10, "sold": 0}


async def test_what_is_gone_is_refused_without_a_write(tmp_path: Path) -> None:
    """A buy of more than is left is refused from a snapshot."""
    async with open_lab(tmp_path, stock=1) as lab:
        response = await lab.buy("ann", qty=2)

    assert (response.status_code, response.json()) == (409, {"error": "sold_out"})


@pytest.mark.parametrize(
    ("shopper", "outcome"), [("ann", False), ("bob", "sold_out")], ids=["a replay", "another shopper"]
)
async def test_who_comes_second_to_the_writer(tmp_path: Path, shopper: str, outcome: object) -> None:
    """Two that both saw the last unit on their snapshots: the second gets the first's order, or none."""
    async with open_lab(tmp_path, stock=1) as lab:
        region = lab.regions["a"]
        first, second = (Wish(shopper=name, key="k", sku="flash", qty=1) for name in ("ann", shopper))
        await region.storage.write(flash_sale._buy, first, region, inventory.reserve)
        try:
            _, seen = await region.storage.write(flash_sale._buy, second, region, inventory.reserve)
        except Refused as refusal:
            seen = refusal.error  # type: ignore[assignment]

    assert seen == outcome


async def test_what_is_not_on_sale_is_unknown(lab: Lab) -> None:
    """Ordinary products and made-up ones cannot be bought in the flash sale."""
    answers = [await lab.post(f"/flash-sale/{sku}/buy", {"qty": 1}) for sku in ("mug", "nothing")]

    assert [(a.status_code, a.json()) for a in answers] == [(404, {"error": "unknown_sku"})] * 2


async def test_the_oversell_race_sells_a_unit_twice(tmp_path: Path) -> None:
    """With the defect on, two who read the stock at once both get the last unit."""
    async with open_lab(tmp_path, stock=1, defects=[Defect.OVERSELL_RACE]) as lab:
        buyers = asyncio.gather(lab.buy("ann"), lab.buy("bob"))
        await lab.gate.reached_by(2)
        lab.gate.open()
        answers = await buyers
        shelf = await lab.flash()

    assert [answer.status_code for answer in answers] == [201, 201]
    assert shelf == {"initial": 1, "available": 0, "reserved": 2, "sold": 0}
    assert all(0.005 <= asked_s <= 0.040 for asked_s in lab.gate.asked_s)


async def test_the_oversell_race_still_knows_its_replays(tmp_path: Path) -> None:
    """With the defect on, attempts of one intent that race each other still make one order."""
    async with open_lab(tmp_path, stock=5, defects=[Defect.OVERSELL_RACE]) as lab:
        attempts = asyncio.gather(lab.buy("ann"), lab.buy("ann"))
        await lab.gate.reached_by(2)
        lab.gate.open()
        answers = await attempts

    assert sorted(answer.status_code for answer in answers) == [200, 201]
