"""Opening a connection: name, TCP, TLS, within one limit. Nothing of the request has left when this fails."""

import _socket
import socket
import ssl

import gevent
import gevent.socket

from scenarios.http.link import Link
from scenarios.http.origin import Origin
from scenarios.http.tls import Tls, context_of

_CHUNK = 65536


class _TooLongError(Exception):
    """Connecting took longer than its limit."""


def dial(origin: Origin, limit_s: float, *, verify: bool | str = True) -> tuple[Link | None, str]:
    """Connect to an origin within `limit_s`; return the link, or None and the error class."""
    sock: gevent.socket.socket | None = None
    try:
        # Around the whole: create_connection's own limit does not cover the look-up of the name.
        with gevent.Timeout(limit_s, _TooLongError):
            sock = gevent.socket.create_connection((origin.host, origin.port))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tls = _greet(sock, origin.host, verify) if origin.scheme == "https" else None
    except Exception as error:  # noqa: BLE001 - every way not to connect has its word below
        if sock is not None:
            sock.close()
        return None, _word(error)
    plain = _socket.socket(fileno=sock.detach())
    plain.settimeout(0)
    return Link(plain, gevent.get_hub(), tls), ""


def _greet(sock: gevent.socket.socket, host: str, verify: bool | str) -> Tls:  # noqa: FBT001 - see tls
    tls = Tls(context_of(verify), host)
    to_send, done = tls.greet(b"")
    while True:
        if to_send:
            sock.sendall(to_send)
        if done:
            return tls
        heard = sock.recv(_CHUNK)
        if not heard:
            raise ConnectionError("closed during the TLS handshake")
        to_send, done = tls.greet(heard)


def _word(error: Exception) -> str:
    if isinstance(error, (_TooLongError, TimeoutError)):
        return "connect_timeout"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return "dns"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, OSError):
        return "connect_refused"
    raise error
