"""A clock that stands still, a sleep that waits for its gate, a network that fails on demand."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

import httpx

NS_PER_S = 1_000_000_000
T_ZERO_NS = 1000 * NS_PER_S
CLASSES = ("authorize", "capture", "status", "refund")


@dataclass(slots=True)
class StillClock:
    """A clock that moves only when a test says so."""

    at_ns: int = T_ZERO_NS

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def advance(self, duration_s: float) -> None:
        """Let time pass."""
        self.at_ns += round(duration_s * NS_PER_S)


class Gate:
    """Sleep that lasts until the gate opens; `asked_s` lists what was slept for."""

    def __init__(self) -> None:
        """Be shut."""
        self.asked_s: list[float] = []
        self._open = asyncio.Event()
        self._changed = asyncio.Condition()

    async def sleep(self, duration_s: float) -> None:
        """Wait for the gate."""
        async with self._changed:
            self.asked_s.append(duration_s)
            self._changed.notify_all()
        await self._open.wait()

    async def reached_by(self, sleepers: int) -> None:
        """Return when so many have come to the gate."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self.asked_s) >= sleepers)

    def open(self) -> None:
        """Let everybody through."""
        self._open.set()


def answering(status: int, body: bytes) -> httpx.MockTransport:
    """Return a server that has one answer to everything."""
    return httpx.MockTransport(lambda _: httpx.Response(status, content=body))


async def at_once(_: float) -> None:
    """Sleep not at all."""


@dataclass(slots=True)
class Net(httpx.AsyncBaseTransport):
    """Routes requests by host name to applications; `faults` maps a host to what goes wrong there.

    refused: nobody listens. dropped: the request never arrives. lost: it is served, its answer is not seen.
    error: it is served, a 500 is seen. garbled: it is served, a body that is not JSON is seen.
    `before` and `after` run as a request arrives at a host, and when it has been served there.
    """

    apps: dict[str, httpx.AsyncBaseTransport] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    before: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    after: dict[str, Callable[[], None]] = field(default_factory=dict)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Serve a request, or fail as told."""
        host = request.url.host
        self.calls.append(f"{host}{request.url.path}")
        fault = self.faults.get(host, "")
        if fault == "refused":
            raise httpx.ConnectError("refused", request=request)
        if fault == "dropped":
            raise httpx.ReadTimeout("dropped", request=request)
        if host in self.before:
            await self.before[host]()
        response = await self.apps[host].handle_async_request(request)
        self.after.get(host, lambda: None)()
        if fault == "lost":
            raise httpx.RemoteProtocolError("lost", request=request)
        return {
            "error": httpx.Response(500, json={"error": "internal"}),
            "garbled": httpx.Response(200, content=b"{"),
        }.get(fault, response)

    def break_(self, fault: str, hosts: Iterable[str] = CLASSES) -> None:
        """Let something go wrong at hosts."""
        self.faults.update(dict.fromkeys(hosts, fault))

    def heal(self) -> None:
        """Let everything work again."""
        self.faults.clear()
