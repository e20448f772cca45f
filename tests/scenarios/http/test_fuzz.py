"""The client against whatever Hypothesis thinks up. `HTTP_CASES=20000 pytest …` for the long form."""

import gzip
import os
import time
from dataclasses import dataclass

import gevent
from gevent.event import Event
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rehearsal.model.clock import SystemClock
from scenarios.client import Client
from scenarios.http.answer import AnswerReader, BadAnswer
from scenarios.http.head import Head
from scenarios.reply import Reply
from tests.scenarios.http.conftest import open_files
from tests.scenarios.http.hostile import OK, House, Talk, answer

CASES = int(os.environ.get("HTTP_CASES", "150"))
#: What is bent may hang until the limit; what is honest may take as long as a busy machine needs.
LIMIT_S, AMPLE_S = 0.02, 60.0
ERRORS = {"", "timeout", "reset", "eof", "short_body", "bad_answer", "connect_timeout"}
METHODS = ("GET", "HEAD", "POST")

SEEDS = (
    OK,
    answer(b"first", b"Connection: close", b"Set-Cookie: a=b; Path=/; Max-Age=9"),
    answer(gzip.compress(b"first" * 50), b"Content-Encoding: gzip"),
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nfirst\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n",
    b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nfirst",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nSet-Cookie: a=b; Expires=never\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: folded\r\n line\r\nX:\r\nY:z\r\n\r\nto the end",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
)
TOKENS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\x00",
    b": ",
    b"Content-Length: 3\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: gzip\r\n",
    b"Connection: upgrade\r\nUpgrade: h2c\r\n",
    b"Set-Cookie: ",
    b"HTTP/1.1 ",
    b"-1",
    b"0\r\n\r\n",
    b"ffffffffffffffff\r\n",
    b"\xff\xfe",
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Return one or two answers, honest ones bent a few times."""
    said = b"".join(draw(st.lists(st.sampled_from(SEEDS), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(said)))
        to = draw(st.integers(at, min(len(said), at + 40)))
        middle = draw(
            st.one_of(st.just(b""), st.sampled_from(TOKENS), st.binary(max_size=6), st.just(said[at:to] * 2))
        )
        said = said[:at] + middle + said[to:]
    return said


@st.composite
def pieces(draw: st.DrawFn) -> list[bytes]:
    """Return what a server says, as it is cut on its way."""
    said = draw(st.one_of(answers(), st.binary(max_size=80)))
    cuts = sorted(draw(st.lists(st.integers(0, len(said)), max_size=4)))
    return [said[start:end] for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True)]


@dataclass
class Script:
    """Says its pieces to the first request, ends so, and is honest to all others."""

    pieces: list[bytes]
    end: str
    done: Event

    def __call__(self, talk: Talk) -> None:
        """Play one connection."""
        if talk.number == 0:
            self._lie(talk)
        while self.end != "close" or talk.number:
            request = talk.hear()
            if not request:
                return
            talk.say(answer(request.split(b" ")[1]))

    def _lie(self, talk: Talk) -> None:
        talk.hear()
        talk.say(*self.pieces)
        if self.end == "reset":
            talk.reset()
        elif self.end == "close":
            talk.connection.close()
        self.done.set()


def ask(client: Client, method: str, url: str, limit_s: float) -> Reply:
    """Ask, and check what holds for every reply."""
    begun_s = time.monotonic()
    reply = client.request(method, url, timeout_s=limit_s)

    assert time.monotonic() - begun_s < limit_s + AMPLE_S
    assert reply.error in ERRORS
    assert (reply.status == 0) == bool(reply.error)
    assert reply.sent_ns <= reply.done_ns
    return reply


@settings(max_examples=CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    said=pieces(),
    end=st.sampled_from(["close", "reset", "stay"]),
    methods=st.lists(st.sampled_from(METHODS), min_size=2, max_size=3),
)
def test_whatever_a_server_says_the_client_replies_in_time_and_to_the_right_request(
    said: list[bytes], end: str, methods: list[str]
) -> None:
    """No exception, no hang, no answer of another request, no descriptor left open."""
    before = open_files()
    script = Script(said, end, Event())
    house, client = House(script), Client(SystemClock(), 0, connect_timeout_s=AMPLE_S)
    try:
        ask(client, methods[0], f"{house.url}/first", LIMIT_S)
        script.done.wait()
        for number, method in enumerate(methods[1:]):
            reply = ask(client, method, f"{house.url}/later-{number}", AMPLE_S)

            assert reply.error == ""
            assert reply.body == (b"" if method == "HEAD" else b"/later-%d" % number)
    finally:
        client.close()
        house.close()
        gevent.idle()

    assert open_files() == before


def taken(reader: AnswerReader) -> tuple[object, ...]:
    """Return an answer's parts as values that compare."""
    status, head, body = reader.take()
    return status, tuple(Head(head)), body


def read(said: list[bytes], *, head_only: bool) -> object:
    """Return what a reader makes of pieces and a close after them."""
    reader = AnswerReader()
    reader.begin(head_only=head_only)
    try:
        for piece in said:
            if reader.feed(piece):
                return (*taken(reader), reader.keep_alive)
        return reader.finish() or taken(reader)
    except BadAnswer:
        return "bad_answer"


@settings(max_examples=3 * CASES, deadline=None)
@given(said=pieces(), head_only=st.booleans())
def test_an_answer_is_the_same_however_it_is_cut(said: list[bytes], *, head_only: bool) -> None:
    """Whole, in pieces, and byte by byte."""
    whole = b"".join(said)
    every = [whole[at : at + 1] for at in range(len(whole))]
    results = [read(cut, head_only=head_only) for cut in ([whole], said, every)]

    assert results == [results[0]] * 3


@settings(max_examples=CASES, deadline=None)
@given(said=st.sampled_from([seed for seed in SEEDS if b"to the end" not in seed]), data=st.data())
def test_a_part_of_an_answer_is_never_taken_for_the_whole(said: bytes, data: st.DataObject) -> None:
    """Cut anywhere, it is an error."""
    cut = data.draw(st.integers(0, len(said) - 1))

    assert read([said[:cut]], head_only=False) in {"eof", "short_body"}
