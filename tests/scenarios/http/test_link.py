"""What a connection does in corners that no honest network shows on demand."""

import _socket
import socket
import time
from collections.abc import Iterator

import gevent
import pytest

from scenarios.http.link import Link
from tests.scenarios.http.hostile import answer

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
LARGE = bytes(4 << 20)
Pair = tuple[Link, socket.socket]


class Silent:
    """A cipher under which nothing that comes says anything."""

    ended = False

    def seal(self, plain: bytes) -> bytes:
        """Return it as it is."""
        return plain

    def open(self, wire: bytes) -> bytes:
        """Return nothing."""
        return b""


class Broken(Silent):
    """A cipher that fails."""

    def seal(self, plain: bytes) -> bytes:
        """Fail."""
        raise OSError("the session is over")


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Return a link and the socket at its other end."""
    yield from _pair()


def _pair(cipher: Silent | None = None) -> Iterator[Pair]:
    ours, theirs = _socket.socketpair()
    ours.settimeout(0)
    link = Link(ours, gevent.get_hub(), cipher)
    with socket.socket(fileno=theirs.detach()) as other:
        yield link, other
    link.close()


def soon_ns() -> int:
    """Return a deadline that is near."""
    return time.monotonic_ns() + 20_000_000


def later_ns() -> int:
    """Return a deadline that no test reaches."""
    return time.monotonic_ns() + 60_000_000_000


def test_a_connection_that_is_full_from_the_start_has_a_deadline(pair: Pair) -> None:
    """Not a byte of the request finds room."""
    link, _ = pair
    with pytest.raises(BlockingIOError):
        while True:
            link._sock.send(LARGE)

    assert link.exchange(REQUEST, soon_ns()) == "timeout"
    assert not link.usable


def test_a_connection_that_takes_no_more_is_a_reset(pair: Pair) -> None:
    """Nothing can be sent, and nothing has come."""
    link, _ = pair
    link._sock.shutdown(socket.SHUT_WR)

    assert link.exchange(REQUEST, later_ns()) == "reset"


def test_an_answer_that_came_before_the_connection_broke_counts(pair: Pair) -> None:
    """A server may say why it will not listen."""
    link, other = pair
    other.sendall(answer(b"busy", status=b"503 Service Unavailable"))
    link._sock.shutdown(socket.SHUT_WR)

    assert link.exchange(REQUEST, later_ns()) == ""
    assert (link.reader.status, link.usable) == (503, False)


def test_a_connection_that_stops_taking_in_the_middle_is_a_reset(pair: Pair) -> None:
    """Part of the request has gone."""
    link, other = pair

    def stop() -> None:
        link._sock.shutdown(socket.SHUT_WR)
        other.recv(1 << 20)

    gevent.spawn(stop)

    assert link.exchange(LARGE, later_ns()) == "reset"
    assert not link.usable


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(answer(b"late"), "", id="the whole answer"),
        pytest.param(answer(b"late")[:-1], "timeout", id="a part of it"),
        pytest.param(b"", "timeout", id="nothing"),
    ],
)
def test_a_stall_of_our_own_makes_no_timeout_of_an_answer_that_is_here(
    pair: Pair, said: bytes, error: str
) -> None:
    """The deadline passed while this process stood still: the socket is looked at before it counts."""
    link, other = pair

    def stall() -> None:
        other.sendall(said)
        link.expire()

    gevent.get_hub().loop.run_callback(stall)

    assert link.exchange(REQUEST, later_ns()) == error


def test_a_connection_woken_for_nothing_goes_on(pair: Pair) -> None:
    """The system may say that there is something to read when there is not."""
    link, _ = pair
    link._read()

    assert link.alive()


@pytest.mark.parametrize(("size", "alive"), [(100, True), (1 << 18, False)], ids=["a little", "no end of it"])
def test_what_a_cipher_says_for_itself_has_an_end(size: int, *, alive: bool) -> None:
    """Tickets between two answers are read; a server that sends nothing else is left."""
    for link, other in _pair(Silent()):
        other.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * size)
        other.sendall(bytes(size))

        assert link.alive() is alive


def test_a_cipher_that_fails_is_a_reset() -> None:
    """What it may have sent is unknown."""
    for link, _ in _pair(Broken()):
        assert link.exchange(REQUEST, later_ns()) == "reset"
