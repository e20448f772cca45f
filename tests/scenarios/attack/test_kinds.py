"""Each kind of attack against a shop on a socket: what it asks, and what it counts."""

import asyncio
import io
from typing import Any

import msgspec
import pytest

from rehearsal.model.errors import TargetRefused
from scenarios.attack import slow_clients, wire
from scenarios.attack.bots import NAMES
from scenarios.attack.counts import Met
from scenarios.attack.order import Attack
from scenarios.attack.pacing import instants_s
from scenarios.attack.run import KINDS, carry_out

from .conftest import Shop, Watched, hurried, open_shop

pytestmark = pytest.mark.anyio

BOUGHT = (201, {"order_id": "o1"})
BUY, QUEUE = "/flash-sale/flash/buy", "/flash-sale/flash/queue"


async def attacked(kind: str, shop: Shop, *, per_strike: int = 1, **told: Any) -> tuple[Watched, int]:
    """Attack a shop for two hurried seconds; return what was counted, and how many strikes were due."""
    async with open_shop(shop):
        told = {"url": shop.url, "rate_per_s": 20.0, "seconds": 2.0, **told}
        order = Attack(kind=kind, **told)
        planned = len(list(instants_s(order)))
        counts = Watched(planned * per_strike)
        await KINDS[kind](order, counts, hurried(order, counts))
    return counts, planned


async def test_bots_buy_one_unit_each_time_under_a_new_key() -> None:
    """Names come again, keys do not; the shop is asked first where to go."""
    shop = Shop({BUY: BOUGHT})
    shop.script["/route"] = (200, {"region": "a", "url": ""})
    counts, planned = await attacked("bots", shop)
    buys = shop.buys()

    assert dict(counts.met) == {"buy 201": planned}
    assert {one.body["qty"] for one in buys} == {1}
    assert len({one.headers["Idempotency-Key"] for one in buys}) == planned
    assert {one.headers["X-Shopper"].rsplit("-", 1)[0] for one in buys} == {"bot-1"}
    assert "X-Queue-Token" not in buys[0].headers


async def test_there_are_no_more_than_a_hundred_bots() -> None:
    """So each comes again and again, and the limit for each shopper is put to the test."""
    shop = Shop({BUY: (409, {"error": "limit_reached"})})
    counts, planned = await attacked("bots", shop, rate_per_s=75.0)

    assert planned > NAMES
    assert len({one.headers["X-Shopper"] for one in shop.buys()}) == NAMES
    assert counts.met["buy 409 limit_reached"] == planned


async def test_half_of_the_bots_draw_numbers_where_the_sale_asks_for_them() -> None:
    """Each under a key of its own; the others try without."""
    shop = Shop({BUY: BOUGHT, QUEUE: (200, {"token": "t1"})})
    _, planned = await attacked("bots", shop, tokens=True)
    drawn = [one for one in shop.asked if one.path == QUEUE]

    shown = [one.headers.get("X-Queue-Token", "") for one in shop.buys()]

    assert len({one.headers["Idempotency-Key"] for one in drawn}) == -(-planned // 2) == shown.count("t1")
    assert shown.count("") == planned // 2


async def test_one_number_is_used_again_and_again() -> None:
    """By its holder and by others, always under a new key."""
    shop = Shop({BUY: (409, {"error": "token_used"}), QUEUE: (200, {"token": "t1"})})
    counts, planned = await attacked("token_replay", shop)
    buyers = [one.headers["X-Shopper"] for one in shop.buys()]

    assert counts.met["buy 409 token_used"] == planned
    assert {one.headers["X-Queue-Token"] for one in shop.buys()} == {"t1"}
    assert len({one.headers["Idempotency-Key"] for one in shop.asked if one.path == QUEUE}) == 1
    assert buyers.count("bot-1-0") == -(-planned // 2)
    assert len(set(buyers)) > 2


async def test_slow_clients_announce_much_and_send_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte each time one is due, until the shop will wait no longer; that is counted."""
    monkeypatch.setattr(slow_clients, "_EVERY_S", 0.0)
    shop = Shop({BUY: BOUGHT})
    counts, planned = await attacked("slow_clients", shop, per_strike=5)

    assert counts.met["connected"] == planned
    assert counts.met["bytes"] >= planned
    assert counts.open == 0


async def test_a_shop_that_hangs_up_on_slow_clients_is_counted() -> None:
    """It was told how long the body would be, and did not wait for it."""
    shop = Shop(raw=b"HTTP/1.1 408 x\r\nContent-Length: 0\r\n\r\n")
    counts, planned = await attacked("slow_clients", shop, per_strike=2)

    assert dict(counts.met) == {"connected": planned, "ended by the shop": planned}
    assert {one.headers["Content-Length"] for one in shop.buys()} == {"100000"}


async def test_a_storm_opens_a_connection_each_time() -> None:
    """Each is asked over once and broken."""
    shop = Shop({"/health": (200, {"status": "ok"})})
    counts, planned = await attacked("reconnect_storm", shop)

    assert dict(counts.met) == {"health 200": planned}


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_shop_that_is_gone_is_counted(kind: str) -> None:
    """The attack goes on to its end, whatever it meets."""
    order = Attack(kind=kind, url="http://127.0.0.1:1", rate_per_s=5.0, seconds=1.0)
    counts = Watched(1)
    await KINDS[kind](order, counts, hurried(order, counts))

    assert set(counts.met) <= {"ConnectionRefusedError"}
    assert counts.open == 0


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_no_other_machine_is_attacked_whatever_the_shop_says(kind: str) -> None:
    """A front door that sends its shoppers elsewhere ends the attack."""
    shop = Shop({"/route": (200, {"url": "http://192.0.2.1:80"})})

    with pytest.raises(TargetRefused, match="this machine only"):
        await attacked(kind, shop)


async def test_bots_follow_the_front_door() -> None:
    """They go where it sends them; who gets no answer there asks it again."""
    region = Shop({BUY: BOUGHT})
    async with open_shop(region):
        door = Shop({"/route": (200, {"url": region.url})})
        await attacked("bots", door)
        routed = len(door.asked)

    assert region.buys()
    assert routed <= NAMES


async def test_who_gets_no_answer_asks_the_front_door_again() -> None:
    """The region that it named may be gone, and another have its place."""
    door = Shop({"/route": (200, {"url": "http://127.0.0.1:1"})})
    counts, planned = await attacked("bots", door)

    assert counts.met["ConnectionRefusedError"] == planned == len(door.asked)


async def test_an_attack_ends_when_its_time_is_up() -> None:
    """Its last line says so, and the exit code is 0 whatever it met."""
    out = io.StringIO()
    order = Attack(kind="bots", url="http://127.0.0.1:1", rate_per_s=50.0, seconds=0.05)

    assert await carry_out(order, out) == 0
    last = msgspec.json.decode(out.getvalue().splitlines()[-1], type=Met)
    assert (last.kind, last.done, last.open) == ("bots", True, 0)


async def test_an_attack_that_is_led_elsewhere_is_refused() -> None:
    """What it met till then is told all the same."""
    out = io.StringIO()
    async with open_shop(Shop({"/route": (200, {"url": "http://192.0.2.1:80"})})) as shop:
        order = Attack(kind="bots", url=shop.url, rate_per_s=1000.0, seconds=60.0)
        with pytest.raises(TargetRefused):
            await carry_out(order, out)

    assert msgspec.json.decode(out.getvalue().splitlines()[-1], type=Met).done


async def test_an_answer_that_does_not_come_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attacker's patience ends too."""
    monkeypatch.setattr(wire, "PATIENCE_S", 0.0)
    counts, _ = await attacked("reconnect_storm", Shop({"/health": (200, {})}))

    assert counts.met["TimeoutError"] > 0


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="hung up"),
        pytest.param(b"HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\n{}", id="cut short"),
        pytest.param(b"HTTP/1.1 200 x\r\nContent-Length: many\r\n\r\n", id="a length that is no number"),
        pytest.param(b"HTTP/1.1 200 x\r\nContent-Length: 9999999\r\n\r\n", id="too long"),
        pytest.param(b"nothing\r\n\r\n", id="no HTTP"),
    ],
)
async def test_a_broken_answer_breaks_nothing_here(raw: bytes) -> None:
    """It is counted by the name of what went wrong."""
    counts, planned = await attacked("bots", Shop(raw=raw))

    assert counts.met.total() >= planned
    assert not [name for name in counts.met if name.startswith("buy")]


async def test_an_answer_without_json_counts_by_its_status() -> None:
    """A load balancer's page, say."""
    counts, planned = await attacked("bots", Shop({BUY: (502, b"<html>")}))

    assert dict(counts.met) == {"buy 502": planned}


async def test_what_is_too_much_at_once_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack's own bounds hold, and are counted."""
    monkeypatch.setattr("scenarios.attack.bots._AT_ONCE", 3)
    counts, planned = await attacked("bots", Shop({BUY: BOUGHT}))

    assert counts.met["skipped"] == planned - 3
    assert counts.met["buy 201"] == 3


async def test_whoever_ends_an_attack_leaves_no_connection() -> None:
    """Broken off in the midst of its strikes, it has nothing under way any more."""
    shop = Shop()
    async with open_shop(shop):
        order = Attack(kind="slow_clients", url=shop.url, rate_per_s=20.0, seconds=2.0)
        counts = Watched(len(list(instants_s(order))))
        work = asyncio.ensure_future(KINDS["slow_clients"](order, counts, hurried(order, counts)))
        await counts.full()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    assert counts.open == 0
