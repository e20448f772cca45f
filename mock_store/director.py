"""Tells shoppers which region to use, as a global server load balancer would: health checks with hysteresis.

A shopper keeps a region for as long as it is healthy (rendezvous hashing, Thaler and Ravishankar 1998):
when one fails only its own shoppers move, and they come back when it does.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import blake2b

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mock_store.config import DirectorConfig, Edge
from mock_store.web import Refused, answer, starlette

_OK = 200


@dataclass(slots=True)
class Health:
    """Health of one region: the first check decides, later only `down_after` or `up_after` in a row."""

    down_after: int
    up_after: int
    healthy: bool | None = None
    streak: int = 0

    def note(self, *, good: bool) -> None:
        """Take the outcome of a check."""
        if self.healthy is None or good == self.healthy:
            self.healthy, self.streak = good, 0
            return
        self.streak += 1
        if self.streak >= (self.up_after if good else self.down_after):
            self.healthy, self.streak = good, 0


class Director:
    """Watches regions through their edges, for that is how shoppers see them."""

    def __init__(
        self, config: DirectorConfig, client: httpx.AsyncClient, *, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        """Know the regions of `config`, none of them checked yet."""
        self._config = config
        self._client = client
        self._sleep = sleep
        self._health = {edge.name: Health(config.down_after, config.up_after) for edge in config.regions}

    async def watch_for_ever(self) -> None:
        """Check all regions each `interval_s` until cancelled."""
        while True:
            await self.check()
            await self._sleep(self._config.interval_s)

    async def check(self) -> None:
        """Check all regions at once."""
        await asyncio.gather(*(self._check(edge) for edge in self._config.regions))

    def route(self, shopper: str) -> Edge:
        """Return the shopper's region; Refused(503) if none is healthy."""
        healthy = [edge for edge in self._config.regions if self._health[edge.name].healthy]
        if not healthy:
            raise Refused(503, "no_region")
        return max(healthy, key=lambda edge: _weight(shopper, edge.name))

    def regions(self) -> list[dict[str, object]]:
        """Return every region and whether it is healthy."""
        return [
            {"name": edge.name, "url": edge.url, "healthy": bool(self._health[edge.name].healthy)}
            for edge in self._config.regions
        ]

    async def _check(self, edge: Edge) -> None:
        try:
            response = await self._client.get(f"{edge.url}/health")
            good = response.status_code == _OK
        except httpx.TransportError:
            good = False
        self._health[edge.name].note(good=good)


def director_app(director: Director) -> Starlette:
    """Return the application of the director."""

    async def health(_: Request) -> Response:
        return answer({"status": "ok"})

    async def route(request: Request) -> Response:
        edge = director.route(request.query_params.get("shopper", ""))
        return answer({"region": edge.name, "url": edge.url})

    async def regions(_: Request) -> Response:
        return answer({"regions": director.regions()})

    return starlette([Route("/health", health), Route("/route", route), Route("/admin/regions", regions)])


def _weight(shopper: str, region: str) -> bytes:
    return blake2b(f"{shopper}\n{region}".encode(), digest_size=8).digest()
