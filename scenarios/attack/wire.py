"""As little HTTP/1.1 as an attacker needs: one request on a connection of its own or a kept one."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any

import msgspec

from scenarios.attack.order import check_host

#: What an attacker waits for at most, for a connection and for an answer.
PATIENCE_S = 5.0
_LARGEST = 1_000_000

#: What breaks a connection; whoever attacks counts it and goes on.
BROKEN = (OSError, EOFError, ValueError, asyncio.LimitOverrunError)


class Answer(msgspec.Struct, frozen=True):
    """The status of an answer, and its JSON object ({} if it is none)."""

    status: int
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Return what it is counted as: its status, and the error it names if any."""
        return f"{self.status} {self.body.get('error', '')}".strip()


class Line:
    """A connection to one server, opened when it is needed."""

    def __init__(self, url: str) -> None:
        """Take an address; TargetRefused unless it is this machine's."""
        self._host, self._port = check_host(url)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, *, json: Any = None, headers: Mapping[str, str]) -> Answer:
        """Send a request and return the answer; TimeoutError or one of BROKEN if there is none."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await self.open()
                writer.write(request(method, path, self._host, json=json, headers=headers))
                await writer.drain()
                return await _read(reader)
        except BaseException:
            self.close()
            raise

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Return the connection's streams, connecting if need be."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        return self._streams

    def close(self) -> None:
        """Close at once, with a reset: thousands of ports that linger would be missed by the load."""
        if self._streams is None:
            return
        writer, self._streams = self._streams[1], None
        if (sock := writer.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


def request(method: str, path: str, host: str, *, json: Any, headers: Mapping[str, str]) -> bytes:
    """Return a request on the wire."""
    body = b"" if json is None else msgspec.json.encode(json)
    said = {"Host": host, "Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


async def _read(reader: asyncio.StreamReader) -> Answer:
    """Read an answer with a stated length, as the mock shop gives it; ValueError for any other."""
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(first.partition(" ")[2][:3])
    told = dict(line.lower().split(": ", 1) for line in rest if ": " in line)
    length = int(told.get("content-length", "0"))
    if length > _LARGEST:
        raise ValueError("the answer is too long")
    body = await reader.readexactly(length)
    try:
        return Answer(status, msgspec.json.decode(body, type=dict[str, Any]))
    except msgspec.MsgspecError:
        return Answer(status, {})
