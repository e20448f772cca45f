"""Opening a connection: name, TCP, TLS, within one limit. Nothing of the request has left when this fails."""

import _socket
import errno
import socket
import ssl
from typing import Any

import gevent
import gevent.socket
from gevent.socket import wait_read, wait_write

from scenarios.http.link import Link
from scenarios.http.origin import Address, Origin
from scenarios.http.tls import Tls, context_of

_CHUNK = 65536
_UNDER_WAY = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK})
#: This machine has run out of something; nothing is said about the other side.
_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


class _TooLongError(Exception):
    """Connecting took longer than its limit."""


def dial(origin: Origin, limit_s: float, *, verify: bool | str = True) -> tuple[Link | None, str]:
    """Connect to an origin within `limit_s`; return the link, or None and the error class."""
    try:
        # Around the whole: the look-up of the name, every address tried, and the handshake.
        with gevent.Timeout(limit_s, _TooLongError):
            sock = _connected(origin)
            tls = _greeted(sock, origin.host, verify) if origin.scheme == "https" else None
    except Exception as error:  # noqa: BLE001 - every way not to connect has its word below
        return None, _word(error)
    return Link(sock, gevent.get_hub(), tls), ""


def _connected(origin: Origin) -> _socket.socket:
    """Return a socket connected to the first address that takes it; OSError of the last if none does."""
    refused = OSError(errno.EHOSTUNREACH, "the name has no address")
    for family, address in origin.literal() or _resolved(origin):
        try:
            return _tried(family, address)
        except OSError as error:
            refused = error
    raise refused


def _resolved(origin: Origin) -> list[Address]:
    # In a thread of gevent's: a resolver that hangs holds up this greenlet alone.
    found = gevent.socket.getaddrinfo(origin.host, origin.port, 0, socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def _tried(family: int, address: Any) -> _socket.socket:
    sock = _socket.socket(family, _socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        sock.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        _connect(sock, address)
    except BaseException:
        # Too late, or the greenlet is being killed, or refused.
        sock.close()
        raise
    return sock


def _connect(sock: _socket.socket, address: Any) -> None:
    said = sock.connect_ex(address)
    if said in _UNDER_WAY:
        wait_write(sock.fileno())
        said = sock.getsockopt(_socket.SOL_SOCKET, _socket.SO_ERROR)
    if said:
        raise OSError(said, "the connection was refused")


def _greeted(sock: _socket.socket, host: str, verify: bool | str) -> Tls:  # noqa: FBT001 - see tls
    try:
        tls = Tls(context_of(verify), host)
        _shake_hands(sock, tls)
    except ConnectionError as error:
        sock.close()
        raise ssl.SSLError(f"broken during the handshake: {error}") from None
    except BaseException:
        sock.close()
        raise
    return tls


def _shake_hands(sock: _socket.socket, tls: Tls) -> None:
    to_send, done = tls.greet(b"")
    while not done:
        # A few hundred bytes into an empty buffer: there is room.
        sock.sendall(to_send)
        wait_read(sock.fileno())
        heard = sock.recv(_CHUNK)
        if not heard:
            raise ConnectionError("closed")
        to_send, done = tls.greet(heard)
    sock.sendall(to_send)
    # The watcher would never fire for an answer that has been read already.
    if tls.open(b"") or tls.ended:
        raise ConnectionError("it spoke before it was asked")


def _word(error: Exception) -> str:
    if isinstance(error, (_TooLongError, TimeoutError)):
        return "connect_timeout"
    # Before the next: a certificate that is refused is a ValueError too.
    if isinstance(error, ssl.SSLError):
        return "tls"
    # UnicodeError and its parent: a name that is too long, or that TLS will not have.
    if isinstance(error, (socket.gaierror, ValueError)):
        return "dns"
    if isinstance(error, OSError):
        return "no_socket" if error.errno in _OURS else "connect_refused"
    raise error
