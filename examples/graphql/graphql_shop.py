"""A small shop behind one GraphQL address: the stand-in that this example rehearses.

    SHOP_PASSWORD=open-sesame SHOP_STAFF_TOKEN=staff-only .venv/bin/python graphql_shop.py

Errors come inside a 200, each with a code; who has logged in shows a bearer token. Nothing outlives it.
"""

import json
import os
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from graphql_books import Books, Manners
from graphql_resolvers import Access, Shop

_PATH, _BEARER, _LONGEST = "/graphql", "Bearer ", 100_000
#: So long a shop that oversells hesitates between looking and writing down.
_HESITATES_S = 0.1


class Handler(BaseHTTPRequestHandler):
    """One connection. Queries come by POST or GET, mutations by POST only (GraphQL over HTTP)."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    shop: Shop

    def do_GET(self) -> None:
        """Answer a query in the address, or say that the shop is there."""
        asked = dict(parse_qsl(urlsplit(self.path).query))
        if "query" not in asked:
            self._send(HTTPStatus.OK, {"data": {"shop": "open"}})
        else:
            self._answer({**asked, "variables": _json(asked.get("variables", "{}"))}, changes=False)

    def do_POST(self) -> None:
        """Answer an operation."""
        length = int(self.headers.get("Content-Length") or 0)
        body = _json(self.rfile.read(min(length, _LONGEST)))
        if body is None or urlsplit(self.path).path != _PATH:
            self.close_connection = True
            self._send(HTTPStatus.BAD_REQUEST, _refused(f"Post a JSON object to {_PATH}."))
        else:
            self._answer(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: there are thousands of requests."""

    def _answer(self, asked: Mapping[str, Any], *, changes: bool = True) -> None:
        said = self.headers.get("Authorization") or ""
        token = said.removeprefix(_BEARER) if said.startswith(_BEARER) else ""
        self._send(HTTPStatus.OK, self.shop.answer(asked, token, changes=changes))

    def _send(self, status: HTTPStatus, body: Mapping[str, Any]) -> None:
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


class Server(ThreadingHTTPServer):
    """A thread a connection; a rush finds room in the queue before the door."""

    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up."""


def serve(shop: Shop, port: int) -> Server:
    """Return a server for a shop that listens on this machine; port 0: any that is free."""
    return Server(("127.0.0.1", port), type("ShopHandler", (Handler,), {"shop": shop}))


def shop_of(options: Namespace, env: Mapping[str, str]) -> Shop:
    """Return the shop that options and environment describe; KeyError names what the environment lacks."""
    manners = Manners(oversells=options.oversell, declines=options.decline)
    hesitate = partial(time.sleep, _HESITATES_S)
    books = Books(options.stock, manners, time.monotonic, hesitate)
    access = Access(
        password=env["SHOP_PASSWORD"], staff_token=env["SHOP_STAFF_TOKEN"], session_s=options.session_s
    )
    return Shop(books, access, time.monotonic)


def main(arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C; 2 if it cannot begin."""
    try:
        options = _options(arguments)
        server = serve(shop_of(options, os.environ), options.port)
    except KeyError as missing:
        print(f"Set {missing.args[0]} in the environment; README.md says how.", file=sys.stderr)  # noqa: T201
        return 2
    except OSError as error:
        print(f"Port {options.port} cannot be used: {error}.", file=sys.stderr)  # noqa: T201
        return 2
    with server:
        print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


def _options(arguments: Sequence[str]) -> Namespace:
    parser = ArgumentParser(description="A small GraphQL shop.")
    parser.add_argument("--port", type=int, default=18090)
    parser.add_argument("--stock", type=int, default=40, help="units on sale")
    parser.add_argument("--oversell", action="store_true", help="look at the stock and write it down apart")
    parser.add_argument("--decline", action="store_true", help="decline every card, in an answer of 200")
    parser.add_argument("--session-s", type=float, default=600.0, help="how long a login lasts")
    return parser.parse_args(arguments)


def _json(text: str | bytes) -> Any:
    """Return a JSON object, None for anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _refused(message: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
