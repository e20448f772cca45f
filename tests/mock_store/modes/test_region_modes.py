"""A region's fault modes as shoppers meet them, and what the books say afterwards."""

import asyncio
from pathlib import Path

import pytest

from mock_store.front import part_of
from mock_store.web import AnswerLost, Unavailable
from tests.mock_store.lab import PRICE_CENTS, Lab, open_lab

pytestmark = pytest.mark.anyio


async def set_mode(lab: Lab, name: str, params: str = "{}", at: str = "a") -> None:
    """Switch a mode of a region on, over HTTP."""
    assert (await lab.clients[at].put(f"/__fault/{name}", content=params)).status_code == 200


async def heal(lab: Lab, at: str = "a") -> None:
    """Switch all modes of a region off."""
    assert (await lab.clients[at].delete("/__fault")).json()["modes"] == {}


async def hits(lab: Lab, name: str, at: str = "a") -> int:
    """Return how many requests a mode has struck."""
    return int((await lab.get("/__fault", at))["hits"][name])


async def test_a_database_that_is_down_refuses_at_once(lab: Lab) -> None:
    """503 to whoever buys; the health check says so, and is no hit; what is in the cache is still shown."""
    await lab.get("/products/mug")
    await set_mode(lab, "database_down")
    bought = await lab.buy("ann")
    health = await lab.clients["a"].get("/health")
    shown = await lab.clients["a"].get("/products/mug")
    with pytest.raises(Unavailable):
        await lab.tick()
    hit = await hits(lab, "database_down")
    await heal(lab)

    assert (bought.status_code, bought.json()) == (503, {"error": "unavailable"})
    assert (health.status_code, shown.status_code, hit) == (503, 200, 1)
    assert (await lab.get("/health"))["status"] == "ok"
    assert (await lab.flash())["available"] == 10


async def test_a_payment_caught_by_a_dead_database_is_pending_not_refused(lab: Lab) -> None:
    """The money may be taken already: the shopper hears "pending", and the books are right in the end."""
    order_id = await lab.bought("ann")
    lab.net.after["capture"] = lambda: lab.regions["a"].modes.put("database_down", b"")
    answer = await lab.pay(order_id)
    lab.net.after.clear()
    await heal(lab)
    lab.clock.advance(3)
    await lab.tick()

    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


async def test_a_full_disk_fails_writes_and_leaves_reads(lab: Lab) -> None:
    """An order is refused without effect, and can still be looked at."""
    order_id = await lab.bought("ann")
    await set_mode(lab, "disk_full")
    bought = await lab.buy("bob")

    assert (bought.status_code, bought.json()) == (503, {"error": "unavailable"})
    assert await lab.status(order_id) == "pending_payment"
    assert (await lab.get("/health"))["status"] == "ok"
    assert (await lab.flash())["reserved"] == 1


async def test_a_slow_database_is_waited_for(lab: Lab) -> None:
    """A page waits once, an order once for reading and once for writing."""
    await set_mode(lab, "database_slow", '{"ms": 250}')
    lab.gate.open()
    await lab.get("/products/mug")
    await lab.buy("ann")

    assert lab.gate.asked_s == [0.25] * 3
    assert await hits(lab, "database_slow") == 2


async def test_an_order_whose_commit_was_not_confirmed_is_found_again(lab: Lab) -> None:
    """500, and the same request finds its order: one, not two."""
    await set_mode(lab, "commit_answer_lost", '{"share": 1}')
    lost = await lab.buy("ann")
    await heal(lab)
    again = await lab.buy("ann")

    assert (lost.status_code, lost.json()) == (500, {"error": "internal"})
    assert (again.status_code, (await lab.flash())["reserved"]) == (200, 1)


@pytest.mark.parametrize("nth", [1, 2, 3], ids=["begun", "capturing", "settled"])
async def test_a_payment_survives_a_lost_commit_answer_at_any_step(
    lab: Lab, nth: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write of a payment is not confirmed, it is charged once and paid in the end."""
    order_id = await lab.bought("ann")
    storage = lab.regions["a"].storage
    steps = iter(range(1, 9))

    def after_commit() -> None:
        if next(steps) == nth:
            raise AnswerLost

    with monkeypatch.context() as patch:
        patch.setattr(storage._guard, "after_commit", after_commit)
        answer = await lab.pay(order_id)
    lab.clock.advance(3)
    await lab.tick()

    assert answer.status_code == 500
    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


async def test_a_lost_answer_to_a_reservation(lab: Lab) -> None:
    """500 though it is written; the retry finds it. A refusal is not touched."""
    await set_mode(lab, "reserve_answer_lost", '{"share": 1}')
    lost = await lab.buy("ann")
    again = await lab.buy("ann")
    refused = await lab.buy("bob", qty=3)

    assert (lost.status_code, lost.json()) == (500, {"error": "internal"})
    assert (again.status_code, refused.status_code) == (200, 409)
    assert ((await lab.flash())["reserved"], await hits(lab, "reserve_answer_lost")) == (1, 1)


async def test_the_regions_own_clock_may_be_wrong_and_the_sale_is_not(tmp_path: Path) -> None:
    """Five seconds fast, the page says "open"; the till goes by the clock that all share."""
    async with open_lab(tmp_path, opens_in_s=4) as lab:
        await set_mode(lab, "clock_offset", '{"s": 5}')
        page = await lab.get("/products/flash")
        bought = await lab.buy("ann")

        assert (page["opens_in_ms"], bought.status_code) == (0, 403)
        assert await hits(lab, "clock_offset") == 1


async def test_shoppers_who_are_moved_cannot_write_and_can_read(two_regions: Lab) -> None:
    """The same ones in both regions, whichever way they are named; the others buy."""
    moving = next(f"s{n}" for n in range(99) if part_of(f"s{n}") < 0.5)
    staying = next(f"s{n}" for n in range(99) if part_of(f"s{n}") >= 0.5)
    for at in "ab":
        await set_mode(two_regions, "write_ban", '{"share": 0.5}', at)
    banned = [await two_regions.buy(moving, at=at) for at in "ab"]
    item = await two_regions.clients["a"].post(f"/carts/{moving}/items", json={"sku": "mug", "qty": 1})
    bought = await two_regions.buy(staying)

    expected = (503, {"error": "moving"}, "1")
    assert [expected] * 2 == [(one.status_code, one.json(), one.headers["Retry-After"]) for one in banned]
    assert (item.status_code, bought.status_code) == (503, 201)
    assert (await two_regions.get(f"/carts/{moving}"))["lines"] == []
    assert (await hits(two_regions, "write_ban"), await hits(two_regions, "write_ban", "b")) == (2, 1)


async def test_a_ban_does_not_keep_callbacks_out(lab: Lab) -> None:
    """Money that was taken is booked, whoever is being moved."""
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    await lab.pay(order_id)
    await set_mode(lab, "write_ban", '{"share": 1}')
    await lab.deliver_callbacks()

    assert await lab.status(order_id) == "paid"


async def test_with_the_cache_off_every_page_is_read(lab: Lab) -> None:
    """What a page shows is what the database says now, and each page is a hit."""
    await lab.get("/products/flash")
    await lab.bought("ann")
    cached = (await lab.get("/products/flash"))["available"]
    await set_mode(lab, "cache_off")
    read = await lab.get("/products/flash")

    assert (cached, read["available"], read["as_of_ms"]) == (10, 9, 0)
    assert await hits(lab, "cache_off") == 1


async def test_a_flushed_cache_is_filled_again(lab: Lab) -> None:
    """Each page that has to be read anew is a hit, once; one that was never read is none."""
    for sku in ("mug", "pen"):
        await lab.get(f"/products/{sku}")
    await lab.bought("ann")
    await set_mode(lab, "cache_flush")
    flash = await lab.get("/products/flash")
    for sku in ("mug", "mug", "pen"):
        await lab.get(f"/products/{sku}")

    assert (flash["available"], await hits(lab, "cache_flush")) == (9, 2)


async def test_who_asks_for_no_mode_is_served(lab: Lab) -> None:
    """With a mode on that does not concern them, all paths work."""
    await set_mode(lab, "zone_lost", '{"share": 0.5}')
    answers = await asyncio.gather(*(lab.buy(f"s{n}") for n in range(5)))

    assert {answer.status_code for answer in answers} == {201}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/__fault/database_dwon", 404),
        ("PUT", "/__fault/write_ban", 400),
        ("DELETE", "/__fault/database_dwon", 404),
        ("POST", "/__fault", 405),
    ],
)
async def test_what_cannot_be_switched(lab: Lab, method: str, path: str, status: int) -> None:
    """A misspelt mode, a missing share, a wrong method."""
    assert status == (await lab.clients["a"].request(method, path)).status_code
