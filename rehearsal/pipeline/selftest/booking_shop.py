"""A tiny shop that books who signs in, and chatters: `python -m rehearsal.pipeline.selftest.booking_shop`.

    POST /enter    {"email", "password", "shopper"} -> 200, or 403 with the password in its words
    GET  /page     -> 200 {}
    GET  /booked   -> 200 {"users": {email: how many shoppers signed in as that user}}

It prints its port, and ends when its standard input does, so that it cannot outlive who started it.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

HOST = "127.0.0.1"
#: Every so many users are turned away with their own password in the shop's words, or told it as a region.
CHATTER, GOSSIP = 50, 51
_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Book:
    """Who signed in, as which user."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.shoppers: dict[str, set[str]] = {}

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of an answer."""
        if (method, path) == ("POST", "/enter"):
            return self._enter(json.loads(body))
        if path == "/booked":
            return 200, {"users": {email: len(shoppers) for email, shoppers in self.shoppers.items()}}
        return (200, {}) if path == "/page" else (404, {"error": "no_such_page"})

    def _enter(self, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.shoppers.setdefault(said["email"], set()).add(said["shopper"])
        number = len(self.shoppers)
        if number % CHATTER == 0:
            return 403, {"error": f"{said['password']} is no good password"}
        return 200, {"region": said["password"]} if number % GOSSIP == 0 else {}


class Speaker(asyncio.Protocol):
    """One connection: requests one after another, each whole before it is answered."""

    def __init__(self, book: Book) -> None:
        """Take the book that all connections share."""
        self._book = book
        self._waiting = b""
        self._say: Callable[[bytes], None] = lambda _: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where answers go."""
        if isinstance(transport, asyncio.WriteTransport):
            self._say = transport.write

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self._waiting += data
        while _HEAD_END in self._waiting:
            head, _, rest = self._waiting.partition(_HEAD_END)
            length = _length(head)
            if len(rest) < length:
                return
            self._waiting = rest[length:]
            method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ", 2)
            self._say(_encoded(*self._book.answer(method, path, rest[:length])))


def _length(head: bytes) -> int:
    lines = (line for line in head.split(b"\r\n") if line.lower().startswith(_LENGTH))
    return next((int(line[len(_LENGTH) :]) for line in lines), 0)


def _encoded(status: int, value: dict[str, Any]) -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def _serve() -> None:
    book, loop, over = Book(), asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: Speaker(book), HOST, 0)
    loop.add_reader(sys.stdin.fileno(), over.set)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - who started it reads the port
    await over.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
