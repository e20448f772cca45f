"""Pages shown from memory, kept fresh by a region's own writes and its peers' word."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from mock_store import replication
from mock_store.replication import Peer, watch_shelf_once
from tests.mock_store.lab import Lab, open_lab

pytestmark = pytest.mark.anyio


class Shop:
    """Two regions, and the link from a to b."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.peer = Peer("b", "http://sync_b", lab.regions["a"].client)
        self.commits = -1

    async def watch(self) -> None:
        """Let region a look at what it has changed."""
        self.commits = await watch_shelf_once(self.lab.regions["a"], [self.peer], self.commits)

    async def tell(self) -> None:
        """Let region a tell region b."""
        await self.peer.tell("a", self.lab.clock.now_ns())

    async def shown(self, at: str, sku: str = "flash") -> int:
        """Return the units a page shows."""
        return int((await self.lab.get(f"/products/{sku}", at))["available"])

    async def age_ms(self, at: str, sku: str = "flash") -> int:
        """Return how old a page says it may be."""
        return int((await self.lab.get(f"/products/{sku}", at))["as_of_ms"])

    def links(self) -> dict[str, int]:
        """Return what became of region a's calls to region b."""
        return self.lab.regions["a"].links.report()["sync_b"]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    """Return two regions that have shown the flash sale's page once."""
    async with open_lab(tmp_path, names="ab") as lab:
        lab.net.apps["sync_b"] = lab.net.apps["callback_b"]
        shop = Shop(lab)
        await shop.watch()
        for at in "ab":
            await shop.shown(at)
        yield shop


async def test_a_region_sees_its_own_writes_and_its_peer_hears_of_them(shop: Shop) -> None:
    """Sold in a: a's page knows after its next look, b's once it was told."""
    await shop.lab.bought("ann")
    before = await shop.shown("a"), await shop.shown("b")
    await shop.watch()
    looked = await shop.shown("a"), await shop.shown("b")
    await shop.tell()

    assert (before, looked) == ((10, 10), (9, 10))
    assert (await shop.shown("b"), shop.links()["ok"]) == (9, 1)


async def test_a_region_without_news_writes_nothing(shop: Shop) -> None:
    """Nothing was committed: nothing is looked up, nobody is told."""
    commits = shop.lab.regions["a"].storage.commits
    await shop.watch()
    await shop.watch()

    assert commits == shop.lab.regions["a"].storage.commits


async def test_a_cut_link_is_caught_up_with_when_it_is_whole_again(shop: Shop) -> None:
    """Meanwhile b's page is old, and says so; then it hears the newest state at once."""
    await shop.tell()
    shop.lab.net.break_("refused", ["sync_b"])
    for shopper in ("ann", "bob"):
        await shop.lab.bought(shopper)
        await shop.watch()
        await shop.tell()
    shop.lab.clock.advance(3)
    during = await shop.shown("b"), await shop.age_ms("b")
    shop.lab.net.heal()
    await shop.tell()

    assert during == (10, 3000)
    assert (await shop.shown("b"), await shop.age_ms("b")) == (8, 0)
    assert shop.links()["refused"] == 2


async def test_what_changes_while_it_is_told_is_told_again(shop: Shop) -> None:
    """News that came up while the peer was listening to older news is not forgotten."""
    await shop.lab.bought("ann")
    await shop.watch()

    async def meanwhile() -> None:
        shop.lab.net.before.clear()
        shop.lab.clock.advance(0.1)
        await shop.lab.bought("bob")
        await shop.watch()

    shop.lab.net.before["sync_b"] = meanwhile
    await shop.tell()
    heard = await shop.shown("b")
    await shop.tell()

    assert (heard, await shop.shown("b")) == (9, 8)


async def test_a_quiet_region_says_so_now_and_then(shop: Shop) -> None:
    """Half a second without news is news: the peer's pages grow no older."""
    await shop.tell()
    await shop.tell()
    told = shop.links()["ok"]
    shop.lab.clock.advance(0.5)
    await shop.tell()

    assert (told, shop.links()["ok"], await shop.age_ms("b")) == (1, 2, 0)


async def test_old_news_does_not_undo_newer(shop: Shop) -> None:
    """Words that overtake each other do no harm."""
    await shop.lab.bought("ann")
    old = await shop.lab.regions["a"].pages.own_changes()
    shop.lab.clock.advance(1)
    await shop.lab.bought("bob")
    new = await shop.lab.regions["a"].pages.own_changes()
    pages = shop.lab.regions["b"].pages
    pages.take(new)
    pages.take(old)

    assert pages.product("flash").available == 8


async def test_a_frozen_cache_keeps_what_it_shows_until_it_thaws(shop: Shop) -> None:
    """Own sales and peers' are withheld, each page that hides one is a hit; afterwards it knows all."""
    await shop.lab.clients["a"].put("/__fault/cache_frozen")
    await shop.lab.bought("ann")
    await shop.watch()
    frozen = [await shop.shown("a"), await shop.shown("a"), await shop.shown("a", "mug")]
    hits = shop.lab.regions["a"].modes.report()["hits"]
    await shop.lab.clients["a"].delete("/__fault")

    assert (frozen, hits) == ([10, 10, 5], {"cache_frozen": 2})
    assert await shop.shown("a") == 9


async def test_what_a_frozen_cache_has_not_seen_it_reads(shop: Shop) -> None:
    """A page asked for the first time has to come from somewhere."""
    await shop.lab.clients["b"].put("/__fault/cache_frozen")

    assert await shop.shown("b", "pen") == 1


async def test_news_goes_over_the_wire_as_it_is(shop: Shop) -> None:
    """SQLite's truth values come as numbers and are understood."""
    await shop.lab.bought("ann")
    copies = await shop.lab.regions["a"].pages.own_changes()
    news = msgspec.json.encode(replication.News("a", 1, tuple(copies)))
    answer = await shop.lab.clients["b"].post("/sync/stock", content=news)
    broken = await shop.lab.clients["b"].post("/sync/stock", content=news[:-9])

    assert (answer.status_code, broken.status_code) == (200, 400)
    assert await shop.shown("b") == 9


async def test_both_run_beside_each_other(shop: Shop) -> None:
    """A region looks at its shelf and tells its peer, each in a loop of its own, until it is cancelled."""
    lab = shop.lab
    region = lab.regions["a"]
    region.config.peers["b"] = "http://sync_b"
    await lab.bought("ann")
    loops = asyncio.ensure_future(replication.replicate_for_ever(region))
    await lab.gate.reached_by(2)
    loops.cancel()

    assert lab.gate.asked_s == [replication.TICK_S] * 2
    assert (await shop.shown("a"), shop.links()["ok"]) == (9, 1)
