"""The target's protocol: keep-alive HTTP/1.1 parsed by hand, every request counted, freezable as a whole.

Paths of the visit: GET /products/{sku}, POST /carts/{shopper}/items, POST /orders, POST /orders/{id}/pay,
GET /orders/{id}/logistics. Paths of the harness, never counted: GET /__count (JSON), GET /__arrivals
(the instants of all requests, 8-byte little-endian nanoseconds of CLOCK_MONOTONIC).
"""

import asyncio
import json
import time
from array import array
from typing import cast

from benchmarks.target import answers
from benchmarks.target.answers import HEAD_END

_LENGTH = b"content-length:"
_ABOUT = b"GET /__"
_HEAD_LIMIT = 16 * 1024


class Shop:
    """What all connections share: the counters, the instants of the requests, the freezes."""

    def __init__(
        self, *, keep_arrivals: bool = False, delay_s: float = 0.0, loop_name: str = "asyncio"
    ) -> None:
        self.requests = 0
        self.refused = 0
        self.orders = 0
        self.delay_s = delay_s
        self.loop_name = loop_name
        self.first_ns = 0
        self.frozen: list[tuple[int, int]] = []
        self.arrivals: array[int] | None = array("q") if keep_arrivals else None
        self.freeze_plan: tuple[float, float] | None = None

    def first(self) -> None:
        """Note the first request; from it the planned freeze is counted."""
        self.first_ns = time.monotonic_ns()
        if self.freeze_plan:
            after_s, for_s = self.freeze_plan
            asyncio.get_running_loop().call_later(after_s, self.freeze, for_s)

    def freeze(self, for_s: float) -> None:
        """Block the whole server, as a pause of its garbage collector would."""
        start_ns = time.monotonic_ns()
        time.sleep(for_s)
        self.frozen.append((start_ns, time.monotonic_ns()))

    def serve(self, head: bytes) -> bytes:
        """Return the whole answer to a request; `head` starts with its request line."""
        method, path, _ = head.split(b" ", 2)
        if path.startswith(b"/__"):
            return self._about(path)
        if not self.requests:
            self.first()
        self.requests += 1
        if self.arrivals is not None:
            self.arrivals.append(time.monotonic_ns())
        return self._get(path) if method == b"GET" else self._post(path)

    def _get(self, path: bytes) -> bytes:
        if path.startswith(b"/products/"):
            return answers.product(path[10:])
        if path.startswith(b"/orders/") and path.endswith(b"/logistics"):
            return answers.logistics(path[8:-10])
        return self._refuse()

    def _post(self, path: bytes) -> bytes:
        if path.startswith(b"/carts/") and path.endswith(b"/items"):
            return answers.cart(path[7:-6])
        if path == b"/orders":
            self.orders += 1
            return answers.order(b"o%08d" % self.orders)
        if path.startswith(b"/orders/") and path.endswith(b"/pay"):
            return answers.paid(path[8:-4])
        return self._refuse()

    def _refuse(self) -> bytes:
        self.refused += 1
        return answers.UNKNOWN

    def _about(self, path: bytes) -> bytes:
        if path == b"/__arrivals" and self.arrivals is not None:
            return answers.document(self.arrivals.tobytes())
        facts = {
            "requests": self.requests,
            "refused": self.refused,
            "orders": self.orders,
            "first_ns": self.first_ns,
            "now_ns": time.monotonic_ns(),
            "frozen": self.frozen,
            "loop": self.loop_name,
        }
        return answers.document(json.dumps(facts).encode())


class Connection(asyncio.Protocol):
    """One keep-alive connection. A request that comes in pieces waits for its end."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer through."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete; keep what is left."""
        if self._rest:
            data = self._rest + data
        end = 0
        while data:
            end = _end(data)
            if end < 0 or end > len(data):
                break
            self._send(self._shop.serve(data), at_once=data.startswith(_ABOUT))
            data = data[end:]
        self._rest = data
        if end == _NO_LENGTH or (end == _INCOMPLETE and len(data) > _HEAD_LIMIT):
            self._transport.write(answers.NO_LENGTH)
            self._transport.close()

    def _send(self, answer: bytes, *, at_once: bool) -> None:
        if self._shop.delay_s and not at_once:
            asyncio.get_running_loop().call_later(self._shop.delay_s, self._transport.write, answer)
        else:
            self._transport.write(answer)


_INCOMPLETE = -1
_NO_LENGTH = -2
_DIGITS = b"0123456789"


def _end(data: bytes) -> int:
    """Return where the first request ends (it may be past the end of `data`), or a reason why unknown."""
    head = data.find(HEAD_END)
    if head < 0:
        return _INCOMPLETE
    body = head + len(HEAD_END)
    if data.startswith(b"GET"):
        return body
    lower = data[:body].lower()
    at = lower.find(_LENGTH)
    if at < 0:
        return body if b"transfer-encoding" not in lower else _NO_LENGTH
    return body + int(lower[at + len(_LENGTH) : lower.find(b"\r", at)])
