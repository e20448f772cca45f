"""A shop that answers every request and keeps what it was asked: real HTTP, in a thread of the test's own."""

import ssl
import threading
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple


class Noted(NamedTuple):
    """One request."""

    method: str
    path: str
    headers: Message
    body: bytes


class NotingShop:
    """Serves on a free port until it is closed; /old leads to /new, all else is an empty 200."""

    def __init__(self, certificate: Path | None = None) -> None:
        """Begin to serve, over TLS if there is a file with a key and a certificate for 127.0.0.1."""
        asked: list[Noted] = []

        class Handler(BaseHTTPRequestHandler):
            """One connection."""

            def do_GET(self) -> None:
                """Keep the request and answer it."""
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked.append(Noted(self.command, self.path, self.headers, body))
                self.send_response(302 if self.path == "/old" else 200)
                self.send_header("Location", "/new")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT = do_GET  # noqa: N815 - as http.server calls them

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def marks(self) -> list[tuple[str, str | None]]:
        """Return path and mark of each request."""
        return [(each.path, each.headers["X-Rehearsal"]) for each in self.asked]

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
