"""A shop on a socket of its own, a count that can be waited for, and time that passes at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from scenarios.attack.counts import Counts
from scenarios.attack.order import Attack

#: So long a test waits at most for what must come at once.
LIMIT_S = 30.0


@pytest.fixture
def anyio_backend() -> str:
    """Run `@pytest.mark.anyio` tests on the event loop that attacks run on."""
    return "asyncio"


@dataclass
class Asked:
    """One request that the shop was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Shop:
    """Answers by path, 404 where nothing is named. `raw` is sent as it is, and then it hangs up."""

    script: dict[str, tuple[int, Any]] = field(default_factory=dict)
    raw: bytes | None = None
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            while await self._one(reader, writer):
                await writer.drain()
        except (EOFError, OSError):
            return
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in rest)
        method, target, _ = first.split()
        if self.raw is not None:
            self.asked.append(Asked(method, target, headers, None))
            writer.write(self.raw)
            return False
        body = await reader.readexactly(int(headers["Content-Length"]))
        self.asked.append(Asked(method, target, headers, msgspec.json.decode(body) if body else None))
        status, said = self.script.get(target.split("?")[0], (404, {"error": "unknown_path"}))
        encoded = said if isinstance(said, bytes) else msgspec.json.encode(said)
        head = (
            f"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {len(encoded)}\r\n\r\n"
        )
        writer.write(head.encode() + encoded)
        return True

    def buys(self) -> list[Asked]:
        """Return the buys that were tried."""
        return [asked for asked in self.asked if asked.path.endswith("/buy")]


@asynccontextmanager
async def open_shop(shop: Shop) -> AsyncIterator[Shop]:
    """Let a shop listen until the block is left."""
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0)
    shop.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield shop


class Watched(Counts):
    """Counts that tell when so many things have been met."""

    def __init__(self, enough: int) -> None:
        """Take how many are enough."""
        super().__init__()
        self._enough = enough
        self._full = asyncio.Event()

    def add(self, name: str) -> None:
        """Count one."""
        super().add(name)
        if self.met.total() >= self._enough:
            self._full.set()

    async def full(self) -> None:
        """Return when enough was met."""
        async with asyncio.timeout(LIMIT_S):
            await self._full.wait()


def hurried(attack: Attack, counts: Watched) -> Callable[[float], Awaitable[None]]:
    """Return a clock on which every strike is due at once, and whose end comes when enough was met."""

    async def wait(at_s: float) -> None:
        if at_s >= attack.seconds:
            await counts.full()

    return wait
