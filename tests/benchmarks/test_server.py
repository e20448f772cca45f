"""The target's protocol, byte by byte, with a transport that only remembers."""

import asyncio
import json
import time
from array import array
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.target.answers import HEAD_END
from benchmarks.target.server import Connection, Shop

VISIT = (
    b"GET /products/p0007 HTTP/1.1\r\nHost: x\r\n\r\n",
    b'POST /carts/s1/items HTTP/1.1\r\nContent-Length: 23\r\n\r\n{"sku":"p0007","qty":1}',
    b"POST /orders HTTP/1.1\r\nhost: x\r\ncontent-length:2\r\n\r\n{}",
    b'POST /orders/o00000001/pay HTTP/1.1\r\nCONTENT-LENGTH: 4\r\nX-A: b\r\n\r\n"12"',
    b"GET /orders/o00000001/logistics HTTP/1.1\r\nHost: x\r\n\r\n",
)


class Wire(asyncio.Transport):
    """A transport that keeps what was written and whether it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep what is sent."""
        self.sent.append(bytes(data))

    def close(self) -> None:
        """Note the end."""
        self.closed = True


def connect(shop: Shop) -> tuple[Connection, Wire]:
    """Return a connection to the shop and its wire."""
    connection, wire = Connection(shop), Wire()
    connection.connection_made(wire)
    return connection, wire


def bodies(wire: Wire) -> list[dict[str, object]]:
    """Return the JSON bodies sent; each is as long as its head says."""
    found = []
    for answer in wire.sent:
        head, body = answer.split(HEAD_END, 1)
        assert f"Content-Length: {len(body)}".encode() in head
        found.append(json.loads(body))
    return found


def test_a_visit_is_answered_with_what_its_next_step_needs() -> None:
    """The five steps get a product, a cart, an order's id, its payment, its parcel: 150 to 600 bytes each."""
    shop = Shop()
    connection, wire = connect(shop)
    for request in VISIT:
        connection.data_received(request)

    product, cart, order, paid, parcel = bodies(wire)
    sizes = [len(answer.split(HEAD_END, 1)[1]) for answer in wire.sent]

    assert (product["sku"], cart["shopper"], order["order_id"]) == ("p0007", "s1", "o00000001")
    assert (paid["order_id"], parcel["state"]) == ("o00000001", "preparing")
    assert all(150 <= size <= 600 for size in sizes)
    assert (shop.requests, shop.orders, shop.refused) == (5, 1, 0)


@given(cuts=st.lists(st.integers(0, len(b"".join(VISIT))), max_size=8))
def test_pieces_of_any_size_make_the_same_requests(cuts: list[int]) -> None:
    """Wherever the bytes of a visit are cut, the answers are those of whole requests."""
    stream = b"".join(VISIT)
    whole, wire_of_whole = connect(Shop())
    cut, wire = connect(Shop())
    for request in VISIT:
        whole.data_received(request)
    edges = [0, *sorted(cuts), len(stream)]
    for start, end in pairwise(edges):
        if stream[start:end]:
            cut.data_received(stream[start:end])

    assert wire_of_whole.sent == wire.sent


@pytest.mark.parametrize(
    "request_line",
    [
        pytest.param(b"GET /nowhere", id="unknown page"),
        pytest.param(b"POST /nowhere", id="unknown form"),
        pytest.param(b"GET /orders/o1/else", id="an order has no such page"),
        pytest.param(b"POST /carts/s1", id="a cart takes items only"),
    ],
)
def test_what_the_shop_does_not_know_is_refused_and_counted(request_line: bytes) -> None:
    """A generator that asks for something else cannot pass for a fast one."""
    shop = Shop()
    connection, wire = connect(shop)
    connection.data_received(request_line + b" HTTP/1.1\r\nContent-Length: 0\r\n\r\n")

    assert wire.sent[0].startswith(b"HTTP/1.1 404 ")
    assert (shop.requests, shop.refused) == (1, 1)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(
            b"POST /orders HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", id="a body of unknown length"
        ),
        pytest.param(b"GET /" + b"a" * 20_000, id="a head without end"),
    ],
)
def test_what_cannot_be_read_is_refused_and_hung_up(sent: bytes) -> None:
    """A body without a length and a head without an end get 411 and a closed connection."""
    connection, wire = connect(Shop())
    connection.data_received(sent)

    assert (wire.sent[0][:12], wire.closed) == (b"HTTP/1.1 411", True)


def test_a_post_without_a_body_is_complete() -> None:
    """A POST that announces nothing ends with its head."""
    connection, wire = connect(Shop())
    connection.data_received(b"POST /orders HTTP/1.1\r\nHost: x\r\n\r\n")

    assert wire.sent[0].startswith(b"HTTP/1.1 201 ")


def test_questions_of_the_harness_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counters tell the visit's requests alone, and since when they have been counted."""
    monkeypatch.setattr(time, "monotonic_ns", iter([11, 12, 13]).__next__)
    connection, wire = connect(Shop(keep_arrivals=True))
    connection.data_received(VISIT[0])
    connection.data_received(b"GET /__count HTTP/1.1\r\n\r\n")
    connection.data_received(b"GET /__arrivals HTTP/1.1\r\n\r\n")

    facts = json.loads(wire.sent[1].split(HEAD_END, 1)[1])
    arrivals = wire.sent[2].split(HEAD_END, 1)[1]

    assert (facts["requests"], facts["first_ns"], facts["now_ns"]) == (1, 11, 13)
    assert arrivals == array("q", [12]).tobytes()


class Clockwork:
    """An event loop that only remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, Callable[..., object], tuple[object, ...]]] = []

    def call_later(self, delay_s: float, call: Callable[..., object], *args: object) -> None:
        """Remember a call and when it is due."""
        self.asked.append((delay_s, call, args))

    def run(self) -> None:
        """Let all time pass."""
        for _, call, args in self.asked:
            call(*args)


@pytest.fixture
def clockwork(monkeypatch: pytest.MonkeyPatch) -> Clockwork:
    """Return the loop the target sees as the running one."""
    loop = Clockwork()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    return loop


def test_the_freeze_is_counted_from_the_first_request(
    clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, as long after the first request as planned, the whole server sleeps, and says when."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    shop = Shop()
    shop.freeze_plan = (10.0, 2.0)
    connection, _ = connect(shop)
    connection.data_received(VISIT[0])
    connection.data_received(VISIT[0])
    delays = [delay_s for delay_s, _, _ in clockwork.asked]
    clockwork.run()

    assert (delays, slept, len(shop.frozen)) == ([10.0], [2.0], 1)


def test_a_slow_server_answers_later_but_the_harness_at_once(clockwork: Clockwork) -> None:
    """With a delay every answer of the visit waits; the harness's question does not."""
    connection, wire = connect(Shop(delay_s=6.0))
    connection.data_received(VISIT[0])
    connection.data_received(b"GET /__count HTTP/1.1\r\n\r\n")
    at_once = len(wire.sent)
    clockwork.run()

    assert (at_once, len(wire.sent), clockwork.asked[0][0]) == (1, 2, 6.0)
