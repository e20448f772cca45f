"""Where requests go: an origin (scheme, host, port) with what is the same for all of its requests."""

import _socket
import re
from base64 import b64encode
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from rehearsal.model.hosts import is_loopback
from scenarios.http.always import NOTHING, Always
from scenarios.http.link import Link

_PORTS = {"http": 80, "https": 443}
#: Base and target of an address that can be sent as it is: visible ASCII (RFC 9112, section 3.2).
_PLAIN = re.compile(r"([A-Za-z]+://[!\"$-.0->@-~]+)(/[!\"$-~]*)")
_TARGET = re.compile(r"/[!\"$-~]*")
_AUTHORITY = re.compile(r"[!\"$-.0-;=@-~]*")
_SAFE = "!$%&'()*+,/:;=?@[]~"
#: What the load can read (see `decoding`).
ACCEPT = "gzip, deflate"
#: Address family and address, as the socket module has them.
Address = tuple[int, Any]


class BadUrl(ValueError):
    """An address that no request can be sent to."""


class Origin:
    """One server, its idle connections (the most recently used last), and the head's fixed lines.

    A name and password in the address are sent as Basic credentials (RFC 7617) with every request, and so
    are the headers in `always`.
    """

    __slots__ = (
        "always",
        "authority",
        "credentials",
        "fixed",
        "host",
        "idle",
        "lines",
        "open",
        "port",
        "scheme",
    )

    def __init__(self, base: str, always: Always = NOTHING) -> None:
        try:
            parts = urlsplit(base)
            port = parts.port
        except ValueError as error:
            raise BadUrl(f"{base!r} is no http address: {error}") from None
        if parts.scheme not in _PORTS or port == 0:
            raise BadUrl(f"{base!r} is no http address: write http://host:port or https://host:port")
        if not _AUTHORITY.fullmatch(parts.netloc):
            raise BadUrl(f"{base!r} is no http address: it holds letters that no address has")
        self.scheme = parts.scheme
        self.host = parts.hostname or ""
        self.port = port or _PORTS[parts.scheme]
        self.idle: list[Link] = []
        self.open = True
        userinfo, _, self.authority = parts.netloc.rpartition("@")
        self.credentials = _basic(userinfo) if userinfo else ""
        self.always = always
        self.fixed, self.lines = self.head(self.authority, ACCEPT, self.credentials)

    def head(self, authority: str, accept: str, credentials: str) -> tuple[str, int]:
        """Return what follows the target in the request line and the headers that every request has.

        Also the number of their lines, which is not counted but known: a line break in a value shows so.
        """
        lines = f" HTTP/1.1\r\nHost: {authority}\r\nAccept-Encoding: {accept}\r\n{self.always.lines}"
        count = 3 + len(self.always.names)
        return (f"{lines}Authorization: {credentials}\r\n", count + 1) if credentials else (lines, count)

    def allowed(self, hosts: frozenset[str]) -> bool:
        """Tell whether load may go there: this machine, or a host named."""
        return is_loopback(self.host) or self.host in hosts

    def literal(self) -> list[Address]:
        """Return the address if the host is one already, for which no resolver is asked; else none."""
        try:
            found = _socket.getaddrinfo(
                self.host, self.port, 0, _socket.SOCK_STREAM, 0, _socket.AI_NUMERICHOST
            )
        except (OSError, UnicodeError):
            return []
        return [(family, address) for family, _, _, _, address in found]

    def keep(self, link: Link) -> None:
        """Take back a connection that another request may use."""
        if self.open:
            self.idle.append(link)
        else:
            link.close()

    def close(self) -> None:
        """Close the idle connections; those under way are closed once their answers are in."""
        self.open = False
        while self.idle:
            self.idle.pop().close()


@lru_cache(maxsize=4096)
def split(url: str) -> tuple[str, str]:
    """Return an address's base (scheme and authority) and its target (path and query), ready to send.

    `urlsplit` costs more than encoding the whole request, so it is left to `Origin`, once for each base; even
    the expression above costs a twentieth of a request, so the addresses asked for most are remembered.
    """
    plain = _PLAIN.fullmatch(url)
    if plain is not None:
        base, target = plain.groups()
        return base, target
    start = url.find("://") + 3
    ends = [at for at in (url.find("/", start), url.find("?", start), url.find("#", start)) if at >= 0]
    end = min(ends, default=len(url))
    return url[:end], target_of(url[end:])


def is_odd(target: str) -> bool:
    """Tell whether a target may hold what cannot be sent as it is (see `target_of`)."""
    return not (target.isascii() and target.isprintable()) or " " in target or "#" in target


def target_of(target: str) -> str:
    """Return a path and query as they go into a request: with a slash, without a fragment, quoted."""
    if _TARGET.fullmatch(target):
        return target
    target = target.partition("#")[0]
    if not target.startswith("/"):
        target = f"/{target}"
    return quote(target, safe=_SAFE)


def _basic(userinfo: str) -> str:
    user, _, password = userinfo.partition(":")
    said = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return f"Basic {b64encode(said).decode()}"
