"""Adapters that bring a client, of each kind there is."""

import gzip
import http.client
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

import httpx
import requests

from scenarios.bounds import Bounds
from scenarios.storefront import Storefront


def by_hand(
    method: str, url: str, headers: dict[str, str], body: bytes | None, timeout_s: float
) -> tuple[int, Mapping[str, str], bytes]:
    """Send a request as a team's own function may."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    try:
        connection.request(method, parts.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return answer.status, dict(answer.getheaders()), content
    finally:
        connection.close()


def adapter(make: Callable[[Bounds], object]) -> type[Storefront]:
    """Return an adapter that brings a client."""

    class Theirs(Storefront):
        """An adapter."""

        @classmethod
        def connect(cls, bounds: Bounds) -> object:
            """Return its client."""
            return make(bounds)

    return Theirs


THEIRS: dict[str, type[Storefront]] = {
    "ours": Storefront,
    "httpx": adapter(lambda bounds: httpx.Client(verify=bounds.tls, trust_env=False)),
    "requests": adapter(lambda _: requests.Session()),
    "a function": adapter(lambda _: by_hand),
}
