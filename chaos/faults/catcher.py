"""A place for a canary's callbacks: what the provider sends a shop, seen from the shop's side."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Catcher:
    """A small server on loopback that takes every callback and remembers when it came, by order."""

    def __init__(self) -> None:
        """Listen at any port."""
        self._lock = threading.Lock()
        self._came: dict[str, list[float]] = {}
        catcher = self

        class Take(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                catcher.note(self.path.strip("/"))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Take)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def url(self, name: str) -> str:
        """Return the address for the callbacks of one canary."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/{name}"

    def note(self, name: str) -> None:
        """Remember a callback."""
        with self._lock:
            self._came.setdefault(name, []).append(time.monotonic())

    def came(self, name: str) -> list[float]:
        """Return when a canary's callbacks came, as instants of the monotonic clock in seconds."""
        with self._lock:
            return list(self._came.get(name, []))

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
