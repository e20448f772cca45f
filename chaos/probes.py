"""Small greetings that tell whether a server answers behind a link of somebody's own shop.

Sources: PostgreSQL 18 documentation 54.7 (SSLRequest: eight bytes, answered by one, before any user or
database is named); MySQL internals, "Protocol::Handshake" (the server speaks first); the Redis serialization
protocol, "Inline commands"; TLS, RFC 8446 5.1 (records of a handshake and of an alert). None logs in. MySQL
counts each as an unfinished handshake (max_connect_errors, which the shop's own connections reset).
"""

import contextlib
import socket
import ssl
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from chaos.met import Fate, Met
from chaos.toxics import Stream, Toxic, ToxicKind
from rehearsal.model.link_check import place_of
from rehearsal.model.plan_shop import Link, Probe

#: A server that is only connected to must keep the connection so long to count as there: Toxiproxy accepts
#: first, and closes if nobody is behind.
QUIET_S = 0.2
#: Of a delay worked out from sizes at least so much must be seen to tell it from a server's own time.
LEAST_S = 0.02
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_MYSQL_HEAD = 4
_MYSQL_PROTOCOL, _MYSQL_ERROR = 0x0A, 0xFF
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is sent, b"" if the server speaks first; what is an answer to it, and about how long that is."""

    says: bytes
    understood: Callable[[bytes], bool]
    answer_bytes: int


def _is_mysql(answer: bytes) -> bool:
    return len(answer) > _MYSQL_HEAD and answer[_MYSQL_HEAD] in {_MYSQL_PROTOCOL, _MYSQL_ERROR}


def _client_hello() -> bytes:
    """Return the first bytes of a TLS client that names no server: an alert is an answer too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    sent = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), sent).do_handshake()
    return sent.read()


def _is_tls(answer: bytes) -> bool:
    return answer[:1] in {b"\x15", b"\x16"} and answer[1:2] == b"\x03"


#: By probe; of `http` only the sizes are meant, it is asked by an HTTP client.
GREETINGS: dict[Probe, Greeting] = {
    Probe.HTTP: Greeting(b"." * 120, lambda answer: answer.startswith(b"HTTP/"), 100),
    Probe.TLS: Greeting(_client_hello(), _is_tls, 7),
    Probe.POSTGRES: Greeting(_SSL_REQUEST, lambda answer: answer[:1] in {b"S", b"N", b"E"}, 1),
    Probe.MYSQL: Greeting(b"", _is_mysql, 60),
    Probe.REDIS: Greeting(b"PING\r\n", lambda answer: answer[:1] in {b"+", b"-"}, 7),
    Probe.TCP: Greeting(b"", lambda _: True, 0),
}


def greet(link: Link, *, timeout_s: float, now_s: Callable[[], float] = time.monotonic) -> Met:
    """Greet the server behind a link's listener and tell what came of it; not for the probe http."""
    began_s = now_s()
    try:
        with socket.create_connection(place_of(link.listen), timeout_s) as held:
            fate = _spoken(held, link.probe, lambda: timeout_s - (now_s() - began_s))
    except ConnectionRefusedError:
        fate = Fate.REFUSED
    except TimeoutError:
        fate = Fate.SILENT
    except OSError:
        fate = Fate.RESET
    return Met(fate=fate, took_s=now_s() - began_s)


def meets(probe: Probe, toxic: Toxic) -> bool:
    """Tell whether a probe can meet what a toxic does: one that sends nothing is not hit on its way."""
    greeting = GREETINGS[probe]
    size = len(greeting.says) if toxic.stream is Stream.REQUEST else greeting.answer_bytes
    if not size:
        return False
    has = toxic.attributes
    if toxic.kind is ToxicKind.LIMIT_DATA:
        return has["bytes"] < size
    if toxic.kind is ToxicKind.BANDWIDTH:
        return not has["rate"] or size / (has["rate"] * 1000) >= 2 * LEAST_S
    if toxic.kind is ToxicKind.SLICER:
        return size / max(1, has["average_size"]) * has["delay"] / 1e6 >= 2 * LEAST_S
    return toxic.kind not in {ToxicKind.SLOW_CLOSE, ToxicKind.NOOP}


def _spoken(held: socket.socket, probe: Probe, left_s: Callable[[], float]) -> Fate:
    """Send a greeting and read until its answer is one; TimeoutError once no time is left."""
    if probe is Probe.TCP:
        return _kept(held)
    greeting, answer = GREETINGS[probe], b""
    held.sendall(greeting.says)
    while True:
        held.settimeout(max(0.001, left_s()))
        try:
            part = held.recv(_AT_ONCE)
        except TimeoutError:
            if answer:
                return Fate.STRANGE
            raise
        answer += part
        if greeting.understood(answer):
            return Fate.ANSWERED
        if not part:
            return Fate.STRANGE if answer else Fate.ENDED


def _kept(held: socket.socket) -> Fate:
    """Tell whether a connection is kept though nothing is said."""
    held.settimeout(QUIET_S)
    try:
        return Fate.ANSWERED if held.recv(1) else Fate.ENDED
    except TimeoutError:
        return Fate.ACCEPTED
