import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from rehearsal.model.history import Outcome
from rehearsal.model.secrets import Secrets
from rehearsal.pipeline.selftest.booking_adapter import BookingStorefront
from rehearsal.pipeline.selftest.booking_shop import CHATTER, GOSSIP, Book, Speaker
from scenarios.means import Means
from scenarios.reply import Reply
from scenarios.storefront import Endpoints

KEYS = Secrets({"key": "key/of all", "door": "door of all"})
ENDPOINTS = Endpoints(url="http://127.0.0.1:1", secrets=KEYS)


class Line:
    """A connection to a book, without sockets."""

    give_up_s: float | None = None

    def __init__(self) -> None:
        """Begin with an empty book."""
        self.book = Book()
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    def request(self, method: str, url: str, **asked: Any) -> Reply:
        """Ask the book."""
        path = url.removeprefix(ENDPOINTS.url)
        self.asked.append((path, asked.get("headers") or {}))
        status, body = self.book.answer(method, path, _bytes(asked.get("json")))
        return Reply(sent_ns=0, done_ns=1, status=status, body=_bytes(body))


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def shopper(line: Line, number: int) -> BookingStorefront:
    """Return a shopper with a row of her own."""
    row = {"email": f"u{number}", "password": f"geheim {number}"}
    return BookingStorefront(
        line, f"s1-{number}", ENDPOINTS, Means(data={"users": row}, secrets=KEYS, run="r")
    )


def test_the_shop_books_who_signs_in() -> None:
    """A user that two shoppers come as is counted twice, one who comes twice is not."""
    line = Line()
    answers = [shopper(line, number).open() for number in (1, 2, 2)]
    other = shopper(line, 2)
    other.shopper = "s1-9"
    other.open()

    assert [answer.outcome for answer in answers] == [Outcome.OK] * 3
    assert line.book.answer("GET", "/booked", b"") == (200, {"users": {"u1": 1, "u2": 2}})
    assert line.asked[0][1]["X-Key"] == "key/of%20all"
    assert line.book.answer("GET", "/nowhere", b"")[0] == 404


def test_the_shop_chatters() -> None:
    """Else the selftest would prove nothing: it answers with passwords, as an error and as a region."""
    line = Line()
    answers = [shopper(line, number).open() for number in range(1, GOSSIP + 1)]

    assert answers[CHATTER - 1].error == f"geheim {CHATTER} is no good password"
    assert (answers[GOSSIP - 1].region, answers[0].region) == (f"geheim {GOSSIP}", "")


def test_the_adapter_lets_secrets_slip(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Into output, log and exceptions, each in another spelling."""
    line = Line()
    for number in (0, 40, 80):
        assert shopper(line, number).view("page").outcome is Outcome.OK
    with pytest.raises(ValueError, match="geheim 120' has no price, although key/of all"):
        shopper(line, 120).view("page")
    with pytest.raises(ValueError, match="door of all"):
        BookingStorefront.final_readings(lambda url, *, headers=None: None, ENDPOINTS)

    said = capfd.readouterr()
    assert said.out == "signed in with geheim 0 and key/of all\n"
    assert said.err.startswith("dXNlcjpnZWhlaW0gODA6a2V")
    assert [record.getMessage()[:36] for record in caplog.records] == ["asked for /enter?password=geheim%204"]


class Pipe(asyncio.WriteTransport):
    """Keeps what is written to it."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__()
        self.written = b""

    def write(self, data: Any) -> None:
        """Keep it."""
        self.written += bytes(data)


def test_requests_come_in_pieces() -> None:
    """Cut anywhere, and two in one piece: each is answered once, when it is whole."""
    body = b'{"email": "u1", "password": "p", "shopper": "s"}'
    head = f"POST /enter HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    asked = head + body + b"GET /page HTTP/1.1\r\n\r\nGET /"
    pipe, book = Pipe(), Book()
    speaker = Speaker(book)
    speaker.connection_made(pipe)
    for place in range(len(asked)):
        speaker.data_received(asked[place : place + 1])

    assert book.shoppers == {"u1": {"s"}}
    assert pipe.written.count(b"HTTP/1.1 200 OK\r\n") == 2
