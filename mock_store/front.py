"""A region's front door: its plumbing, and the fault modes that strike a request as such."""

from functools import partial
from hashlib import blake2b

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from mock_store import channels
from mock_store.app import region_app
from mock_store.gauges import exposition, readings
from mock_store.leaks import LEAKS, Leaks
from mock_store.modes.database import serving
from mock_store.modes.region import DatabaseSlow, ReserveAnswerLost, WriteBan
from mock_store.plumbing import plumbing
from mock_store.region import Region
from mock_store.replication import sync_routes
from mock_store.units import MS_PER_S
from mock_store.vitals import Vitals
from mock_store.web import Refused, answer, body_as, refuse, starlette

_PLUMBING = ("/health", "/metrics", "/__fault", "/sync/", "/admin/links", "/admin/channel", "/admin/gauges")
#: When a shopper who is being moved may come again, in seconds.
_MOVED_S = 1
_RESERVED = 201


class Front:
    """Sends each request where it belongs. Costs one look at the path while no mode is on."""

    def __init__(self, region: Region) -> None:
        """Open a region's door."""
        self._region = region
        self._business = region_app(region)
        self._plumbing = starlette(_routes(region))
        self._leaks = Leaks(region) if region.config.defects & LEAKS else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; what is not business costs nothing and is not counted."""
        path = str(scope.get("path", ""))
        if path.startswith(_PLUMBING):
            await self._plumbing(scope, receive, send)
        elif path.startswith("/admin/"):
            await self._serve(path, scope, receive, send)
        else:
            await self._region.traffic.through(partial(self._serve, path), scope, receive, send)

    async def _serve(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self._leaks is not None:
            send = self._leaks.through(send)
        if not self._region.modes or path.startswith("/admin/"):
            await self._business(scope, receive, send)
        else:
            token = serving.set(True)
            try:
                await self._troubled(path, scope, receive, send)
            finally:
                serving.reset(token)

    async def _troubled(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        region = self._region
        if not path.startswith("/callbacks/"):
            if scope["method"] == "POST" and self._is_moving(_shopper(path, scope)):
                await refuse(Refused(503, "moving", retry_after_s=_MOVED_S))(scope, receive, send)
                return
            slow = region.modes.strikes(DatabaseSlow)
            if slow is not None:
                await region.sleep(slow.ms / MS_PER_S)
        if path.startswith("/flash-sale/") and path.endswith("/buy"):
            send = _Losing(send, region).send
        await self._business(scope, receive, send)

    def _is_moving(self, shopper: str) -> bool:
        ban = self._region.modes.get(WriteBan)
        if ban is None or part_of(shopper) >= ban.share:
            return False
        self._region.modes.hit(WriteBan)
        return True


class _Losing:
    """Sends an answer on, or a 500 in place of one that says "reserved"."""

    def __init__(self, send: Send, region: Region) -> None:
        self._send = send
        self._region = region
        self._lost = False

    async def send(self, message: Message) -> None:
        """Send a message on."""
        if message["type"] == "http.response.start" and message["status"] == _RESERVED:
            self._lost = self._region.modes.strikes(ReserveAnswerLost) is not None
        if not self._lost:
            await self._send(message)
        elif message["type"] == "http.response.start":
            await self._send({**message, "status": 500, "headers": [(b"content-type", b"application/json")]})
        else:
            await self._send({**message, "body": b'{"error":"internal"}'})


def part_of(shopper: str) -> float:
    """Return where in [0, 1) a shopper's name falls; the same for every process."""
    return int.from_bytes(blake2b(shopper.encode(), digest_size=8).digest()) / 2**64


def _shopper(path: str, scope: Scope) -> str:
    named = Headers(scope=scope).get("x-shopper", "")
    return named or (path.split("/")[2] if path.startswith("/carts/") else "")


def _routes(region: Region) -> list[Route]:
    vitals = Vitals(region)

    async def health(_: Request) -> Response:
        good = vitals.good()
        body = {"region": region.name, "status": "ok" if good else "unavailable"}
        return answer(body, 200 if good else 503)

    async def metrics(_: Request) -> Response:
        return exposition({region.name: readings(region)})

    async def gauges(_: Request) -> Response:
        return answer(readings(region))

    async def channel(request: Request) -> Response:
        body = await body_as(request, channels.ChannelBody)
        region.channels.of(body.provider)
        await region.storage.write(channels.switch, body.provider)
        return answer({"provider": body.provider})

    async def channel_now(_: Request) -> Response:
        return answer({"provider": region.storage.read(channels.current)})

    return [
        Route("/health", health),
        Route("/metrics", metrics),
        Route("/admin/gauges", gauges),
        Route("/admin/channel", channel, methods=["POST"]),
        Route("/admin/channel", channel_now),
        *sync_routes(region),
        *plumbing(region.modes, region.links),
    ]
