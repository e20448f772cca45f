"""One connection: a request out, its answer in, while other greenlets run.

gevent's own sockets start and stop a watcher for every wait. Here one watcher lives as long as the
connection, reads when data is there, and switches straight to the greenlet that waits: at 20,000 requests
a second the two epoll_ctl calls and the hub's queue were a third of the generator's time.
"""

import _socket
import select
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from gevent import getcurrent
from gevent.hub import Hub
from gevent.monkey import get_original

from scenarios.http.answer import AnswerReader, BadAnswer
from scenarios.http.deadlines import deadlines_of

_CHUNK = 65536
#: libev's masks (EV_READ, EV_WRITE).
_READ, _WRITE = 1, 2
#: What TLS says for itself between two answers (tickets, new keys) is read this often, then it is too much.
_UNASKED = range(2)
#: The system's own poll even where Locust has put gevent's in its place: it is never given time to wait.
_poll = get_original("select", "poll")


class Cipher(Protocol):
    """What TLS does to bytes on their way; see `tls`."""

    def seal(self, plain: bytes) -> bytes:
        """Return what goes over the wire for `plain`."""

    def open(self, wire: bytes) -> bytes:
        """Return what `wire` says; empty if that is not clear yet. OSError if it is broken."""

    @property
    def ended(self) -> bool:
        """Tell whether the other side has said that nothing more comes."""


class Link:
    """A connected, non-blocking socket. One request at a time; `usable` says whether another may follow.

    Every byte read is an answer's to the request under way. What comes when none is, ends the connection.
    """

    def __init__(self, sock: _socket.socket, hub: Hub, cipher: Cipher | None = None) -> None:
        self.reader = AnswerReader()
        self.usable = True
        self.deadline_ns = 0
        self.error = ""
        self._sock = sock
        self._recv: Callable[[int], bytes] = sock.recv
        self._hub = hub
        self._cipher = cipher
        self._deadlines = deadlines_of(hub)
        self._asking = False
        self._waiter: Any = None
        self._writable: Any = None
        idle = _poll()
        idle.register(sock.fileno(), select.POLLIN)
        self._heard: Callable[[int], list[tuple[int, int]]] = idle.poll
        # ref=False: an idle connection must not keep the loop, and so the process, from ending.
        self._readable: Any = hub.loop.io(sock.fileno(), _READ, ref=False)
        self._readable.start(self._read)

    def exchange(self, request: bytes, deadline_ns: int, *, head_only: bool = False) -> str:
        """Send a request and wait for its answer (in `reader`); return the error, empty if it is whole.

        `deadline_ns` is an instant of CLOCK_MONOTONIC. A greenlet killed in here closes the connection.
        """
        reader, deadlines = self.reader, self._deadlines
        reader.begin(head_only=head_only)
        self.error, self.deadline_ns, self._asking = "", deadline_ns, True
        deadlines.waiting.add(self)
        if not deadlines.running:
            deadlines.start()
        try:
            self._send(request)
            while self._asking:
                self._waiter = getcurrent()
                self._hub.switch()
        except BaseException:
            self._asking = False
            self._waiter = None
            self.close()
            raise
        finally:
            deadlines.waiting.discard(self)
        if self.error or reader.spoiled or not reader.keep_alive:
            self.close()
        return self.error

    def alive(self) -> bool:
        """Tell whether an idle connection can be used: it has not ended and nothing unasked has come.

        The loop may not have seen either yet, so the system is asked.
        """
        for _ in _UNASKED:
            if not (self.usable and self._heard(0)):
                return self.usable
            self._read()
        self.close()
        return False

    def close(self) -> None:
        """Close the connection; a second call does nothing. Whoever waits for its answer gets `reset`."""
        if not self.usable:
            return
        self.usable = False
        for watcher in (self._readable, self._writable):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._readable = self._writable = None
        self._sock.close()
        if self._asking:
            self._end("reset")
            self._hub.loop.run_callback(self._resume)

    def expire(self) -> None:
        """End the request under way: its deadline has passed.

        After a stall of this process its answer may be here already, which is no fault of the shop's.
        """
        if self._heard(0):
            self._read()
        if self._asking:
            self._end("timeout")
            self._resume()

    def _send(self, request: bytes) -> None:
        try:
            wire = self._cipher.seal(request) if self._cipher is not None else request
            sent = self._sock.send(wire)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._refused()
            return
        if sent < len(wire):
            self._send_rest(memoryview(wire)[sent:])

    def _send_rest(self, rest: memoryview) -> None:
        self._writable = self._hub.loop.io(self._sock.fileno(), _WRITE)
        self._writable.start(self._resume)
        try:
            while rest and self._asking:
                self._waiter = getcurrent()
                self._hub.switch()
                if self._asking:
                    with suppress(BlockingIOError):
                        rest = rest[self._sock.send(rest) :]
        except OSError:
            self._refused()
        finally:
            self._stop_writing()
        if rest:
            # An answer before the end of the request: what would follow is taken for the rest of it.
            self.reader.spoiled = True

    def _stop_writing(self) -> None:
        watcher, self._writable = self._writable, None
        if watcher is not None:
            watcher.stop()
            watcher.close()

    def _refused(self) -> None:
        """Take the answer of a server that spoke and closed before it had read all, if there is one."""
        self._read()
        if self._asking:
            self._end("reset")
        self.reader.spoiled = True

    def _read(self) -> None:
        try:
            data = self._recv(_CHUNK)
            fate = self._take(data) if self._cipher is None else self._decipher(data, self._cipher)
        except BlockingIOError:
            return
        except OSError:
            fate = "reset"
        if fate is None:
            return
        if not self._asking:
            self.close()
            return
        self._asking = False
        self.error = fate
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.switch()

    def _take(self, data: bytes) -> str | None:
        """Return the error with which the request under way ends, empty if well; None if it goes on."""
        if not (data and self._asking):
            return self.reader.finish() if self._asking else "eof"
        try:
            return "" if self.reader.feed(data) else None
        except BadAnswer:
            return "bad_answer"

    def _decipher(self, wire: bytes, cipher: Cipher) -> str | None:
        plain = cipher.open(wire)
        fate = self._take(plain) if plain else None
        if wire and not cipher.ended:
            return fate
        self.reader.spoiled = True
        if fate is not None or not self._asking:
            return fate or ""
        # Without TLS's own goodbye the end may be a stranger's, who cut the answer (RFC 8446, 6.1).
        return self.reader.finish(cut=not cipher.ended)

    def _resume(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None:
            waiter.switch()

    def _end(self, error: str) -> None:
        self._asking = False
        self.error = error
