"""Tells the other regions what this one changed on the shelf, over a link each, again until they have heard.

Only the newest copy of a product waits to be sent: however long a link is cut, what must be caught up with is
no longer than the catalogue.
"""

import asyncio

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store.counted import CountedClient
from mock_store.pages import Copy
from mock_store.region import Region
from mock_store.units import NS_PER_S
from mock_store.web import answer, body_as

TICK_S = 0.1
#: A peer that hears of no change hears at least this often that there is none.
_AT_LEAST_NS = NS_PER_S // 2


class News(msgspec.Struct, frozen=True):
    """What a region says: its changes, and that there are no others up to an instant."""

    region: str
    as_of_ns: int
    copies: tuple[Copy, ...]


class Peer:
    """The link to one other region, and what it has not heard yet."""

    def __init__(self, name: str, url: str, client: CountedClient) -> None:
        """Know where the peer is."""
        self._link = f"sync_{name}"
        self._url = f"{url}/sync/stock"
        self._client = client
        self._unheard: dict[str, Copy] = {}
        self._told_ns = 0

    def owe(self, copies: list[Copy]) -> None:
        """Note what the peer is to hear."""
        self._unheard.update((copy.product.sku, copy) for copy in copies)

    async def tell(self, region: str, now_ns: int) -> None:
        """Tell the peer everything it has not heard, if it is time."""
        if not self._unheard and now_ns - self._told_ns < _AT_LEAST_NS:
            return
        told = dict(self._unheard)
        news = News(region, now_ns, tuple(told.values()))
        request = self._client.http.build_request("POST", self._url, content=msgspec.json.encode(news))
        if await self._client.send(self._link, request, _success) is not True:
            return
        self._told_ns = now_ns
        self._unheard = {sku: copy for sku, copy in self._unheard.items() if told.get(sku) is not copy}


async def replicate_for_ever(region: Region) -> None:
    """Renew the region's own pages and tell its peers, until cancelled."""
    peers = [Peer(name, url, region.client) for name, url in region.config.peers.items()]
    # Each peer at its own pace: one that does not answer keeps no other waiting.
    await asyncio.gather(_watch_shelf(region, peers), *(_tell_for_ever(region, peer) for peer in peers))


async def watch_shelf_once(region: Region, peers: list[Peer], seen_commits: int) -> int:
    """Take this region's own changes, if it committed any; return how many commits are seen."""
    commits = region.storage.commits
    if commits == seen_commits:
        return commits
    changes = await region.pages.own_changes()
    region.pages.take(changes)
    for peer in peers:
        peer.owe(changes)
    # The look itself was a commit.
    return commits + 1


def sync_routes(region: Region) -> list[Route]:
    """Return the paths on which peers tell their news."""

    async def stock(request: Request) -> Response:
        # SQLite gives its truth values as numbers; they come as such.
        news = await body_as(request, News, strict=False)
        region.pages.take(news.copies)
        region.memory.hear(copy.product for copy in news.copies)
        region.pages.heard(news.region, news.as_of_ns)
        return answer({})

    return [Route("/sync/stock", stock, methods=["POST"])]


async def _watch_shelf(region: Region, peers: list[Peer]) -> None:
    seen = -1
    while True:
        seen = await watch_shelf_once(region, peers, seen)
        await region.sleep(TICK_S)


async def _tell_for_ever(region: Region, peer: Peer) -> None:
    while True:
        await peer.tell(region.name, region.now_ns())
        await region.sleep(TICK_S)


def _success(response: httpx.Response) -> bool | None:
    return response.is_success or None
