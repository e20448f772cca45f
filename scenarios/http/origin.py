"""Where requests go: an origin (scheme, host, port) with what is the same for all of its requests."""

import re
from urllib.parse import quote, urlsplit

from rehearsal.model.hosts import is_loopback
from scenarios.http.link import Link

_PORTS = {"http": 80, "https": 443}
#: What a request target may hold as it is: visible ASCII (RFC 9112, section 3.2).
_TARGET = re.compile(r"/[!-\"$-~]*")
_SAFE = "!$%&'()*+,/:;=?@[]~"


class BadUrl(ValueError):
    """An address that no request can be sent to."""


class Origin:
    """One server, its idle connections (the most recently used last), and the head's fixed lines."""

    __slots__ = ("fixed", "host", "idle", "port", "scheme")

    def __init__(self, base: str) -> None:
        try:
            parts = urlsplit(base)
            port = parts.port
        except ValueError as error:
            raise BadUrl(f"{base!r} is no http address: {error}") from None
        if parts.scheme not in _PORTS:
            raise BadUrl(f"{base!r} is no http address: write http://host:port or https://host:port")
        self.scheme = parts.scheme
        self.host = parts.hostname or ""
        self.port = port or _PORTS[parts.scheme]
        self.idle: list[Link] = []
        authority = parts.netloc.rpartition("@")[2]
        if not _TARGET.fullmatch(f"/{authority}"):
            raise BadUrl(f"{base!r} is no http address: it holds letters that no address has")
        self.fixed = f" HTTP/1.1\r\nHost: {authority}\r\nAccept-Encoding: gzip, deflate\r\n"

    def allowed(self, hosts: frozenset[str]) -> bool:
        """Tell whether load may go there: this machine, or a host named."""
        return is_loopback(self.host) or self.host in hosts

    def close(self) -> None:
        """Close the idle connections."""
        while self.idle:
            self.idle.pop().close()


def split(url: str) -> tuple[str, str]:
    """Return an address's base (scheme and authority) and its target (path and query), ready to send.

    `urlsplit` costs more than encoding the whole request, so it is left to `Origin`, once for each base.
    """
    start = url.find("://") + 3
    ends = [at for at in (url.find("/", start), url.find("?", start), url.find("#", start)) if at >= 0]
    end = min(ends, default=len(url))
    return url[:end], target_of(url[end:])


def target_of(target: str) -> str:
    """Return a path and query as they go into a request: with a slash, without a fragment, quoted."""
    if _TARGET.fullmatch(target):
        return target
    target = target.partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    return quote(target, safe=_SAFE)
