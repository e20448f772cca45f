"""A server that charges on POST and counts it, and clients as different as a shop has."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from chaos.world import canary_client

ANSWER = b'{"status":"captured"}'


class Till(ThreadingHTTPServer):
    """Counts what it has charged; it is not well while a file `ill` is there."""

    request_queue_size = 128
    daemon_threads = True

    def __init__(self) -> None:
        """Listen on any loopback port."""
        super().__init__(("127.0.0.1", 0), Charge)
        self.charges = 0
        self.ill: Path | None = None
        self._charged = threading.Condition()

    def handle_error(self, *_: object) -> None:
        """Keep quiet about clients that are cut off: that is what these tests do."""

    @property
    def address(self) -> str:
        """Return host:port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def charge(self) -> None:
        """Charge once."""
        with self._charged:
            self.charges += 1
            self._charged.notify_all()

    def charged(self, count: int, *, within_s: float = 30.0) -> bool:
        """Wait until so many charges were made; tell whether it came to that."""
        with self._charged:
            return self._charged.wait_for(lambda: self.charges >= count, timeout=within_s)


class Charge(BaseHTTPRequestHandler):
    """Charges on POST, then answers; a request that is cut short is charged as far as it came."""

    server: Till
    protocol_version = "HTTP/1.1"  # at the end of a 1.0 connection a lost answer reads as EOF

    def do_GET(self) -> None:
        """Be well, if asked at a page that there is."""
        if self.server.ill is not None and self.server.ill.exists():
            self._answer(503)
            return
        self._answer(200 if self.path in {"/", "/health", "/capture"} else 404)

    def do_POST(self) -> None:
        """Charge."""
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.charge()
        self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def patience_s(met: str) -> float:
    """Return how long a client waits who is to meet this: for ever, nearly, unless it is to give up."""
    return 0.25 if met == "ReadTimeout" else 20.0


def charge(url: str, *, timeout_s: float = 20.0) -> str:
    """Try to pay on a connection of its own; return the answer's body, or the name of the error."""
    with canary_client(timeout_s=timeout_s) as client:
        return pay(client, url)


def pay(client: httpx.Client, url: str) -> str:
    """Try to pay with a client; return the answer's body, or the name of the error."""
    try:
        return client.post(f"{url}/capture", json={}).text
    except httpx.HTTPError as error:
        return type(error).__name__


def naively(url: str) -> tuple[int, bytes]:
    """Pay as a client that believes in a status line: what the standard library makes of the answer."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        connection.request("POST", "/capture", body=b"{}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
