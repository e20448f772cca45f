"""Tells shoppers which region to use, as a global server load balancer would: health checks with hysteresis.

A shopper keeps a region for as long as it is healthy (rendezvous hashing, Thaler and Ravishankar 1998):
when one fails only its own shoppers move, and they come back when it does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store.config import DirectorConfig, Edge
from mock_store.counted import CountedClient
from mock_store.defects import Defect
from mock_store.gauges import exposition
from mock_store.links import Links
from mock_store.modes.others import DIRECTOR_MODES, Stale
from mock_store.modes.registry import Modes
from mock_store.plumbing import plumbing
from mock_store.web import Refused, answer, body_as, starlette

#: Until a region has been seen healthy it is looked for this often: shops start faster so.
_FIRST_LOOKS_S = 0.05
#: How long the defect stale_routing does not act on what it sees.
_LOOKS_AWAY_S = 30.0


class DrainBody(msgspec.Struct, frozen=True):
    """Body of a drain: the region to take out of service."""

    region: str


@dataclass(slots=True)
class Health:
    """Health of one region: the first good check makes it healthy, later only `up_after` in a row.

    `down_after` bad ones in a row take it away again.
    """

    down_after: int
    up_after: int
    healthy: bool | None = None
    streak: int = 0
    seen: bool = False

    def note(self, *, good: bool) -> None:
        """Take the outcome of a check."""
        if not self.seen:
            self.healthy = self.seen = good
            return
        if good == self.healthy:
            self.streak = 0
            return
        self.streak += 1
        if self.streak >= (self.up_after if good else self.down_after):
            self.healthy, self.streak = good, 0


class Director:
    """Watches regions through their edges, for that is how shoppers see them."""

    def __init__(
        self,
        config: DirectorConfig,
        client: CountedClient,
        *,
        links: Links,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        """Know the regions of `config`, none of them checked yet."""
        self.modes = Modes(DIRECTOR_MODES, seed=f"{config.seed}/director")
        self.links = links
        self._config = config
        self._client = client
        self._sleep = sleep
        self._health = {edge.name: Health(config.down_after, config.up_after) for edge in config.regions}
        self._drained: set[str] = set()
        self._believed: frozenset[str] = frozenset()
        self._checks = 0

    async def watch_for_ever(self) -> None:
        """Check all regions each `interval_s` until cancelled."""
        while True:
            await self.check()
            known = all(health.seen for health in self._health.values())
            await self._sleep(self._config.interval_s if known else _FIRST_LOOKS_S)

    async def check(self) -> None:
        """Check all regions at once."""
        await asyncio.gather(*(self._check(edge) for edge in self._config.regions))
        if self._acts():
            self._believed = frozenset(name for name, health in self._health.items() if health.healthy)

    def _acts(self) -> bool:
        """Tell whether this round of checks is acted upon: each is, unless a defect looks away for long."""
        if Defect.STALE_ROUTING not in self._config.defects or len(self._believed) < len(self._health):
            return True
        self._checks += 1
        return self._checks * self._config.interval_s % _LOOKS_AWAY_S < self._config.interval_s

    def route(self, shopper: str) -> Edge:
        """Return the shopper's region; Refused(503) if none is healthy."""
        stale = self._stale(shopper)
        if stale is not None:
            return stale
        healthy = [edge for edge in self._config.regions if edge.name in self._believed]
        # A region that is to be left is still better than none.
        serving = [edge for edge in healthy if edge.name not in self._drained] or healthy
        if not serving:
            raise Refused(503, "no_region")
        return max(serving, key=lambda edge: _weight(shopper, edge.name))

    def drain(self, region: str) -> None:
        """Send nobody to a region any more; Refused(404) if there is none of that name."""
        if region not in self._health:
            raise Refused(404, "unknown_region")
        self._drained.add(region)

    def undrain(self) -> None:
        """Let every region serve again."""
        self._drained.clear()

    async def gauges(self) -> dict[str, dict[str, float]]:
        """Return what each region says of its resources; one that does not answer is left out."""
        names = self._config.gauges
        told = await asyncio.gather(*(self._gauges_of(url) for url in names.values()))
        return {name: values for name, values in zip(names, told, strict=True) if values}

    async def _gauges_of(self, url: str) -> dict[str, float]:
        # Not over a counted link: whoever looks is no witness that a link is used.
        try:
            response = await self._client.http.get(f"{url}/admin/gauges")
            return msgspec.json.decode(response.content, type=dict[str, float])
        except (httpx.TransportError, msgspec.MsgspecError):
            return {}

    def regions(self) -> list[dict[str, object]]:
        """Return every region, whether it is healthy, and whether it is drained."""
        return [
            {
                "name": edge.name,
                "url": edge.url,
                "healthy": bool(self._health[edge.name].healthy),
                "drained": edge.name in self._drained,
            }
            for edge in self._config.regions
        ]

    def _stale(self, shopper: str) -> Edge | None:
        stale = self.modes.get(Stale)
        if stale is None or _part(shopper) >= stale.share:
            return None
        found = next((edge for edge in self._config.regions if edge.name == stale.region), None)
        if found is not None:
            self.modes.hit(Stale)
        return found

    async def _check(self, edge: Edge) -> None:
        request = self._client.http.build_request("GET", f"{edge.url}/health")
        good = await self._client.send(f"edge_{edge.name}", request, _healthy)
        self._health[edge.name].note(good=good is True)


def director_app(director: Director) -> Starlette:
    """Return the application of the director."""

    async def health(_: Request) -> Response:
        return answer({"status": "ok"})

    async def route(request: Request) -> Response:
        edge = director.route(request.query_params.get("shopper", ""))
        return answer({"region": edge.name, "url": edge.url})

    async def regions(_: Request) -> Response:
        return answer({"regions": director.regions()})

    async def metrics(_: Request) -> Response:
        return exposition(await director.gauges())

    async def drain(request: Request) -> Response:
        if request.method == "POST":
            director.drain((await body_as(request, DrainBody)).region)
        else:
            director.undrain()
        return answer({"regions": director.regions()})

    return starlette(
        [
            Route("/health", health),
            Route("/route", route),
            Route("/metrics", metrics),
            Route("/admin/regions", regions),
            Route("/admin/drain", drain, methods=["POST", "DELETE"]),
            *plumbing(director.modes, director.links),
        ]
    )


def _healthy(response: httpx.Response) -> bool | None:
    return response.is_success or None


def _part(shopper: str) -> float:
    return int.from_bytes(_weight(shopper, "")) / 2**64


def _weight(shopper: str, region: str) -> bytes:
    return blake2b(f"{shopper}\n{region}".encode(), digest_size=8).digest()
