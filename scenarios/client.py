"""HTTP/1.1 over gevent sockets: keep-alive, one deadline a request, an error class for every fate.

It never raises for what the other side does, never repeats a request by itself (an attempt the history
does not show would be a lie), and never reads more than `BODY_LIMIT`.
"""

import select
import socket as stdlib_socket
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import gevent.socket
import httptools
import msgspec

from rehearsal.model.clock import NS_PER_S, Clock
from rehearsal.model.hosts import is_loopback
from scenarios.reply import Reply

BODY_LIMIT = 4 * 1024 * 1024
_CHUNK = 65536


class _Parsed:
    """What the parser has seen of one answer; its methods' names are httptools' own."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.headers: dict[str, str] = {}
        self.in_body = False
        self.done = False
        self.keep_alive = False
        self.parser = httptools.HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self.in_body = True

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.done = True
        # Asked for here because the parser forgets it once the message is over.
        self.keep_alive = self.parser.should_keep_alive()


class Client:
    """Keeps one connection to each host and port. Instants it reports count from `origin_ns`."""

    def __init__(
        self,
        clock: Clock,
        origin_ns: int,
        *,
        connect_timeout_s: float = 1.0,
        timeout_s: float = 5.0,
        allow: Collection[str] = (),
    ) -> None:
        """Take the clock and limits: to connect, and for a whole request, connecting included.

        `allow` names the hosts besides this machine that may be spoken to, whatever the shop says.
        """
        self._clock = clock
        self._origin_ns = origin_ns
        self._connect_timeout_s = connect_timeout_s
        self._timeout_s = timeout_s
        self._allow = frozenset(allow)
        self._idle: dict[tuple[str, int], gevent.socket.socket] = {}

    def request(
        self, method: str, url: str, *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request and return its reply, whatever happens to it."""
        sent_ns = self._clock.now_ns()
        deadline_ns = sent_ns + round(self._timeout_s * NS_PER_S)
        parts = urlsplit(url)
        where = (parts.hostname or "", parts.port or 80)
        if not (is_loopback(where[0]) or where[0] in self._allow):
            return self._reply(sent_ns, error="not_allowed")
        connection, error = self._connection(where, deadline_ns)
        if connection is None:
            return self._reply(sent_ns, error=error)
        parsed = _Parsed()
        try:
            connection.settimeout(self._left_s(deadline_ns))
            connection.sendall(self._encode(method, parts, json, headers or {}))
            error = self._read(connection, parsed, deadline_ns)
        except TimeoutError:
            error = "timeout"
        except httptools.HttpParserError:
            error = "bad_answer"
        except OSError:
            error = "reset"
        self._keep(where, connection, keep=not error and parsed.keep_alive)
        if error:
            return self._reply(sent_ns, error=error)
        return self._reply(
            sent_ns, status=parsed.parser.get_status_code(), body=bytes(parsed.body), headers=parsed.headers
        )

    def close(self) -> None:
        """Close all connections."""
        for connection in self._idle.values():
            connection.close()
        self._idle.clear()

    def _connection(
        self, where: tuple[str, int], deadline_ns: int
    ) -> tuple[gevent.socket.socket | None, str]:
        idle = self._idle.pop(where, None)
        if idle is not None:
            # A kept-alive connection the other side has closed is readable: using it would turn an
            # orderly close between two requests into an indeterminate one.
            if not select.select([idle.fileno()], [], [], 0)[0]:
                return idle, ""
            idle.close()
        try:
            limit_s = min(self._connect_timeout_s, self._left_s(deadline_ns))
            connection = gevent.socket.create_connection(where, timeout=limit_s)
        except gevent.socket.gaierror:
            return None, "dns"
        except TimeoutError:
            return None, "connect_timeout"
        except OSError:
            return None, "connect_refused"
        connection.setsockopt(stdlib_socket.IPPROTO_TCP, stdlib_socket.TCP_NODELAY, 1)
        return connection, ""

    def _read(self, connection: gevent.socket.socket, parsed: _Parsed, deadline_ns: int) -> str:
        while not parsed.done:
            connection.settimeout(self._left_s(deadline_ns))
            data = connection.recv(_CHUNK)
            if not data:
                return "short_body" if parsed.in_body else "eof"
            parsed.parser.feed_data(data)
            if len(parsed.body) > BODY_LIMIT:
                return "bad_answer"
        return ""

    def _encode(self, method: str, parts: SplitResult, json: Any, headers: Mapping[str, str]) -> bytes:
        body = b"" if json is None else msgspec.json.encode(json)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if json is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + body

    def _left_s(self, deadline_ns: int) -> float:
        left_ns = deadline_ns - self._clock.now_ns()
        if left_ns <= 0:
            raise TimeoutError
        return left_ns / NS_PER_S

    def _keep(self, where: tuple[str, int], connection: gevent.socket.socket, *, keep: bool) -> None:
        if keep:
            self._idle[where] = connection
        else:
            connection.close()

    def _reply(self, sent_ns: int, **facts: Any) -> Reply:
        done_ns = self._clock.now_ns() - self._origin_ns
        return Reply(sent_ns=sent_ns - self._origin_ns, done_ns=done_ns, **facts)
