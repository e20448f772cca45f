"""The payment provider: `python provider.py PORT [--decline-all]`. Its ledger is in memory.

POST /charges {"order", "amount_cents"}   201 with the charge, or 402: the card was declined
GET  /charges                             {"charges": [...]}, in the order in which they were made
PUT  /declining {"all": true}             decline every card from now on, or no more
GET  /health                              200
"""

import argparse
import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Ledger:
    """Every charge ever made; safe to use from several threads."""

    def __init__(self, *, declining: bool) -> None:
        """Begin without charges."""
        self.declining = declining
        self._charges: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def charge(self, order: str, amount_cents: int) -> dict[str, Any] | None:
        """Charge a card once for each time of asking; None if the card is declined."""
        if self.declining:
            return None
        with self._lock:
            number = len(self._charges) + 1
            made = {"id": f"ch-{number}", "order": order, "amount_cents": amount_cents}
            self._charges.append(made)
            return made

    def charges(self) -> list[dict[str, Any]]:
        """Return all charges so far."""
        with self._lock:
            return list(self._charges)


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for the ledger that its server holds."""

    protocol_version = "HTTP/1.1"

    @property
    def ledger(self) -> Ledger:
        """Return the ledger."""
        found: Ledger = self.server.ledger  # type: ignore[attr-defined]
        return found

    def do_GET(self) -> None:
        """Tell the charges, or that all is well."""
        self._answer(HTTPStatus.OK, {"charges": self.ledger.charges()} if self.path == "/charges" else {})

    def do_POST(self) -> None:
        """Charge a card."""
        wanted = self._body()
        made = self.ledger.charge(str(wanted["order"]), int(wanted["amount_cents"]))
        if made is None:
            self._answer(HTTPStatus.PAYMENT_REQUIRED, {"error": "card_declined"})
        else:
            self._answer(HTTPStatus.CREATED, made)

    def do_PUT(self) -> None:
        """Decline every card, or no more."""
        self.ledger.declining = bool(self._body()["all"])
        self._answer(HTTPStatus.OK, {})

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""

    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return body

    def _answer(self, status: HTTPStatus, said: dict[str, Any]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Provider(ThreadingHTTPServer):
    """The provider on one port of this machine."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, *, declining: bool = False) -> None:
        """Listen; port 0 is any that is free."""
        super().__init__(("127.0.0.1", port), Handler)
        self.ledger = Ledger(declining=declining)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="A payment provider for rehearsals.")
    parser.add_argument("port", type=int)
    parser.add_argument("--decline-all", action="store_true")
    said = parser.parse_args()
    Provider(said.port, declining=said.decline_all).serve_forever()


if __name__ == "__main__":
    main()
