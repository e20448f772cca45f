"""A small shop that is right, or does at a chosen address what shops do to whoever rehearses them."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

PRICE = 1500
LOGIN = "<html><head><title>Please sign in</title></head><form action='https://id.example/in'></form></html>"


class HostileShop(ThreadingHTTPServer):
    """Serves products, a login, orders and payments. `ails` says by address what goes wrong there.

    loop, html, expired, led_to_login, busy, silent, missing, away, broken, forbidden, cut, wrong_total.
    With `turns`, an address ails for every so manyeth request only. `parcels` is where paid goods are asked
    for.
    """

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False

    def __init__(
        self, ails: dict[str, str] | None = None, *, turns: int = 1, tls: Path | None = None
    ) -> None:
        """Listen on any loopback port; `tls` is a file with key and certificate."""
        super().__init__(("127.0.0.1", 0), Page)
        self.ails = ails or {}
        self.turns = turns
        self.scheme = "https" if tls else "http"
        self.orders: dict[str, dict[str, Any]] = {}
        self.parcels = "/parcels"
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()
        self.number = count(1)
        self.asked = count(1)
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(tls)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that go away."""


class Page(BaseHTTPRequestHandler):
    """Answers one connection's requests."""

    server: HostileShop
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart

    def do_GET(self) -> None:
        """Show a product, or the books."""
        self._answer()

    def do_POST(self) -> None:
        """Take a login, an order or a payment."""
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.headers.append(dict(self.headers.items()))
        ail = next((what for place, what in self.server.ails.items() if self.path.startswith(place)), "")
        # Who is in a loop stays there; of the others each so manyeth is hit.
        if ail and ("again=" in self.path or next(self.server.asked) % self.server.turns == 0):
            getattr(self, f"_{ail}")()
        else:
            self._well(json.loads(body or b"{}"))

    def _well(self, body: dict[str, Any]) -> None:
        place = self.path.partition("?")[0]
        shopper = self.headers.get("X-Shopper", "")
        if place.startswith("/products/"):
            self._say(200, {"sku": place.removeprefix("/products/")})
        elif place == "/login":
            self._say(200, {"token": f"token-of-{shopper}"})
        elif place == "/orders" and self.command == "POST":
            number = f"o{next(self.server.number)}"
            order = {"order_id": number, "shopper": shopper, "total": PRICE, "status": "open", **body}
            self.server.orders[number] = order
            self._say(201, order)
        elif place.startswith("/pay/"):
            self._paid(self.server.orders.get(place.removeprefix("/pay/")))
        elif place == "/orders":
            self._say(200, {"orders": list(self.server.orders.values())})
        else:
            self._say(200, {})

    def _paid(self, order: dict[str, Any] | None) -> None:
        if order is None:
            self._missing()
        else:
            order["status"] = "paid"
            self._say(200, {**order, "parcel": self.server.parcels})

    def _loop(self) -> None:
        where, _, before = self.path.partition("?")
        self._say(302, {}, Location=f"{where}?again={'2' if before == 'again=1' else '1'}")

    def _html(self) -> None:
        self._page(200)

    def _expired(self) -> None:
        self._say(401, {"error": "token expired"})

    def _led_to_login(self) -> None:
        self._say(302, {}, Location="/account/login?next=/")

    def _busy(self) -> None:
        self._say(429, {}, **{"Retry-After": "7"})

    def _silent(self) -> None:
        self.server.over.wait(30)

    def _missing(self) -> None:
        self._say(404, {"error": ""})

    def _away(self) -> None:
        self._say(302, {}, Location="http://pay.example/now")

    def _broken(self) -> None:
        self._page(500)

    def _forbidden(self) -> None:
        self._page(403)

    def _cut(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        self.close_connection = True

    def _wrong_total(self) -> None:
        if self.command == "GET":
            self._well({})
            return
        number = f"o{next(self.server.number)}"
        order = {"order_id": number, "total": PRICE, "sku": "p1", "shopper": "", "status": "open"}
        self.server.orders[number] = order
        self._say(201, {**order, "total": PRICE + 1})

    def _page(self, status: int) -> None:
        self._send(status, LOGIN.encode(), **{"Content-Type": "text/html; charset=utf-8"})

    def _say(self, status: int, body: dict[str, Any], **headers: str) -> None:
        self._send(status, json.dumps(body).encode(), **{"Content-Type": "application/json", **headers})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(shop: HostileShop) -> Iterator[HostileShop]:
    """Let a shop serve until the block is left."""
    thread = threading.Thread(target=partial(shop.serve_forever, poll_interval=0.01), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        shop.over.set()
        shop.shutdown()
        shop.server_close()
        thread.join()
