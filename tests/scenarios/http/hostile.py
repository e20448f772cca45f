"""A server in the client's own event loop that says exactly what a test wants, when it wants."""

import socket
import struct
from collections.abc import Callable

import gevent
import gevent.socket
from gevent.event import Event

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


def answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """Return an honest answer."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)


class Talk:
    """One connection from the server's side."""

    def __init__(self, house: "House", connection: gevent.socket.socket, number: int) -> None:
        """Take the connection; `number` counts those before it."""
        self.number = number
        self.connection = connection
        self._house = house
        self._heard = b""

    def hear(self) -> bytes:
        """Return the next whole request; empty once the client is gone."""
        while not (request := self._whole()):
            try:
                more = self.connection.recv(65536)
            except OSError:
                return b""
            if not more:
                return b""
            self._heard += more
        self._house.requests.append(request)
        return request

    def say(self, *pieces: bytes) -> bool:
        """Send pieces, each on its own; tell whether the client took them."""
        for piece in pieces:
            try:
                self.connection.sendall(piece)
            except OSError:
                return False
            self._house.said += len(piece)
            # The client reads what is there before the next piece comes.
            gevent.idle()
        return True

    def say_for_ever(self, piece: bytes) -> None:
        """Send a piece until the client is gone."""
        while self.say(piece):
            pass

    def hang(self) -> None:
        """Say nothing more until the test is over."""
        self._house.over.wait()

    def reset(self) -> None:
        """Break the connection (RST)."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _whole(self) -> bytes:
        head, end, rest = self._heard.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        if not end or len(rest) < length:
            return b""
        self._heard = rest[length:]
        return head + end + rest[:length]


def echo(talk: Talk) -> None:
    """Answer every request with its own path."""
    while request := talk.hear():
        talk.say(answer(request.split(b" ")[1]))


Play = Callable[[Talk], None]


class House:
    """Listens on a free port; every connection is played by the script, then closed."""

    def __init__(self, play: Play, *, host: str = "127.0.0.1", family: int = socket.AF_INET) -> None:
        """Listen, and serve from greenlets of this loop."""
        self.requests: list[bytes] = []
        self.said = 0
        self.connections = 0
        self.over = Event()
        self._play = play
        self._listener = gevent.socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, 0))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}"
        self._greenlets: list[gevent.Greenlet[..., None]] = [gevent.spawn(self._accept)]

    def close(self) -> None:
        """Stop, and end whatever still talks."""
        self.over.set()
        gevent.killall(self._greenlets)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            talk = Talk(self, connection, self.connections)
            self.connections += 1
            self._greenlets.append(gevent.spawn(self._serve, talk))

    def _serve(self, talk: Talk) -> None:
        with talk.connection:
            talk.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._play(talk)
