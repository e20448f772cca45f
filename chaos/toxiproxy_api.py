"""toxiproxy-python, held to one server at a time.

The library keeps the server's address in a class that its methods look up as a global, calls without a
timeout, obeys HTTP_PROXY and takes a 5xx for success. `library_for` gives each server a copy of the
library's classes whose methods see an `Api` of their own instead.
"""

from inspect import isfunction
from types import FunctionType, SimpleNamespace
from typing import Any

import httpx
import msgspec
from toxiproxy import Proxy, Toxiproxy
from toxiproxy.api import validate_response
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from rehearsal.model.errors import RehearsalError, Unreachable

#: What the library raises for an answer 400, 404 and 409.
REFUSALS = (InvalidToxic, NotFound, ProxyExists)
_SERVER_ERROR = 500
_WEDGED = 503


class _Problem(msgspec.Struct):
    """The server's answer to what it refuses."""

    error: str


class Api:
    """One server's control API, in the shape of the library's APIConsumer.

    Raises Unreachable if it does not answer in `timeout_s` or is wedged (503), RehearsalError for another
    5xx, and the library's own exceptions for 400, 404 and 409.
    """

    def __init__(self, url: str, *, timeout_s: float, transport: httpx.BaseTransport | None = None) -> None:
        """Take the API's address, such as http://127.0.0.1:8474; `transport` stands for the network."""
        self.url = url.rstrip("/")
        address = httpx.URL(self.url)
        self.host, self.port = address.host, address.port
        # No kept connection: after a restart of the server the first call would meet a dead one.
        self._client = httpx.Client(
            timeout=timeout_s,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            transport=transport,
        )

    def get(self, path: str, **options: Any) -> Any:
        """Send GET."""
        return self._send("GET", path, **options)

    def post(self, path: str, **options: Any) -> Any:
        """Send POST."""
        return self._send("POST", path, **options)

    def delete(self, path: str, **options: Any) -> Any:
        """Send DELETE."""
        return self._send("DELETE", path, **options)

    def _send(self, method: str, path: str, **options: Any) -> Any:
        try:
            answer = self._client.request(method, self.url + path, **options)
        except httpx.HTTPError as error:
            raise Unreachable(
                f"Toxiproxy at {self.url} does not answer {method} {path} "
                f"({type(error).__name__}): it is dead or wedged. Stop the drill and run: rehearse heal"
            ) from None
        if answer.status_code == _WEDGED:
            raise Unreachable(
                f"Toxiproxy at {self.url} is wedged: {method} {path} answers 503, usually because a client "
                f"does not read its answers. Stop the drill and run: rehearse heal"
            )
        if answer.status_code >= _SERVER_ERROR:
            reason = _reason(answer.content)
            raise RehearsalError(f"Toxiproxy at {self.url} failed at {method} {path}: {reason}.")
        return validate_response(answer)


def library_for(api: Api) -> Any:
    """Return an object with the library's classes `Toxiproxy` and `Proxy`, bound to one server."""
    proxy = _bound(Proxy, APIConsumer=api)
    return SimpleNamespace(Proxy=proxy, Toxiproxy=_bound(Toxiproxy, APIConsumer=api, Proxy=proxy))


def _bound(cls: type, **names: Any) -> type:
    methods = {
        name: FunctionType(
            method.__code__,
            {**method.__globals__, **names},
            name,
            method.__defaults__,
            method.__closure__,
        )
        for name, method in vars(cls).items()
        if isfunction(method)
    }
    return type(cls.__name__, (cls,), methods)


def refusal(error: Exception) -> str:
    """Return in words why the server, or the library by itself, refused."""
    raw = error.args[0]
    return _reason(raw if isinstance(raw, bytes) else str(raw).encode())


def _reason(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Problem).error
    except msgspec.DecodeError:
        return body.decode(errors="replace").strip() or "no reason given"
