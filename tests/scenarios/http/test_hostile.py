"""Answers that are cut, endless, malformed or meant for somebody else."""

import gzip
import time
import zlib
from collections.abc import Callable

import pytest

from rehearsal.model.history import Outcome
from scenarios.http.answer import BODY_LIMIT, HEAD_LIMIT, AnswerReader
from scenarios.reply import transport_outcome
from tests.scenarios.http.conftest import Calling, Housing
from tests.scenarios.http.hostile import OK, Talk, answer

#: What the system may hold in its buffers for a client that has stopped reading.
BUFFERED = 8 * 1024 * 1024
#: As much as is read at once.
CHUNK = 65536
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
FOUR_TIMES = gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"{}"))))
BOMB = zlib.compress(bytes(BODY_LIMIT + 1), 9)
#: Enough for a busy machine to connect in, and what it may be late by.
LIMIT_S, TAIL_S = 0.2, 10.0


def says(*pieces: bytes) -> Callable[[Talk], None]:
    """Return a script: hear a request, send these pieces, close."""

    def play(talk: Talk) -> None:
        talk.hear()
        talk.say(*pieces)

    return play


def says_for_ever(start: bytes, piece: bytes) -> Callable[[Talk], None]:
    """Return a script: hear a request, then never stop."""

    def play(talk: Talk) -> None:
        talk.hear()
        talk.say(start)
        talk.say_for_ever(piece)

    return play


def says_and_hangs(*pieces: bytes) -> Callable[[Talk], None]:
    """Return a script: hear a request, send these pieces, and leave it at that."""

    def play(talk: Talk) -> None:
        talk.hear()
        talk.say(*pieces)
        talk.hang()

    return play


def head(*lines: bytes) -> bytes:
    """Return the head of an answer with status 200."""
    return b"\r\n".join([b"HTTP/1.1 200 OK", *lines, b"", b""])


@pytest.mark.parametrize(
    ("said", "error"),
    [
        pytest.param(b"", "eof", id="nothing"),
        pytest.param(b"HTTP/1.1 2", "eof", id="cut in the status"),
        pytest.param(head(b"Content-Length: 9")[:-2], "eof", id="cut before the head's end"),
        pytest.param(head(b"Content-Length: 9") + b"{", "short_body", id="cut in the body"),
        pytest.param(CHUNKED + b"5\r\nab", "short_body", id="cut in a chunk"),
        pytest.param(CHUNKED + b"2\r\nab\r\n", "short_body", id="cut before the last chunk"),
        pytest.param(CHUNKED + b"2\r\nab\r\n0\r\n", "short_body", id="cut before the trailers' end"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n", "eof", id="an interim answer, then nothing"),
        pytest.param(b"<html>hello</html>", "bad_answer", id="HTTP/0.9"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", "bad_answer", id="another protocol"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "bad_answer", id="HTTP/2's preface"),
        pytest.param(bytes([0, 0, 0, 4, 0, 0, 0, 0, 0]), "bad_answer", id="HTTP/2's settings"),
        pytest.param(b"HTTP/3.7 200 OK\r\n\r\n", "bad_answer", id="an unknown version"),
        pytest.param(b"HTTP/1.1 20 OK\r\n\r\n", "bad_answer", id="a status of two digits"),
        pytest.param(b"HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n", "bad_answer", id="a status below 100"),
        pytest.param(b"HTTP/1.1 2000 OK\r\n\r\n", "bad_answer", id="a status of four digits"),
        pytest.param(b"HTTP/1.1 -20 OK\r\n\r\n", "bad_answer", id="a negative status"),
        pytest.param(head(b"Content-Length: -1"), "bad_answer", id="a negative length"),
        pytest.param(head(b"Content-Length: 1e3"), "bad_answer", id="a length that is no number"),
        pytest.param(head(b"Content-Length: " + b"9" * 30), "bad_answer", id="a length beyond 64 bits"),
        pytest.param(
            head(b"Content-Length: 2", b"Content-Length: 3") + b"{}", "bad_answer", id="two lengths"
        ),
        pytest.param(head(b"Content-Length: 2, 3") + b"{}", "bad_answer", id="two lengths in one"),
        pytest.param(
            head(b"Content-Length: 2", b"Transfer-Encoding: chunked") + b"0\r\n\r\n",
            "bad_answer",
            id="a length and chunks",
        ),
        pytest.param(CHUNKED + b"-1\r\n", "bad_answer", id="a negative chunk"),
        pytest.param(CHUNKED + b"f" * 17 + b"\r\n", "bad_answer", id="a chunk beyond 64 bits"),
        pytest.param(CHUNKED + b"2\r\nabc\r\n", "bad_answer", id="a chunk longer than it says"),
        pytest.param(head(b"X-\x00Y: 1"), "bad_answer", id="a NUL in a header's name"),
        pytest.param(head(b"X: a\x00b", b"Content-Length: 0"), "bad_answer", id="a NUL in a header's value"),
        pytest.param(head(b"no colon here"), "bad_answer", id="a header without a colon"),
        pytest.param(head(b"X: folded", b" line"), "bad_answer", id="a folded header"),
        pytest.param(head(b": nameless"), "bad_answer", id="a header without a name"),
        pytest.param(head(b"Content-Length : 0"), "bad_answer", id="a space before the colon"),
        pytest.param(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
            "bad_answer",
            id="another protocol from here on",
        ),
        pytest.param(
            head(b"Content-Encoding: gzip", b"Content-Length: 2") + b"{}", "bad_answer", id="no gzip"
        ),
        pytest.param(answer(b"{}", b"Content-Encoding: br"), "bad_answer", id="a coding not asked for"),
        pytest.param(
            answer(gzip.compress(b"{}")[:-4], b"Content-Encoding: gzip"), "bad_answer", id="a cut gzip"
        ),
        pytest.param(answer(BOMB, b"Content-Encoding: deflate"), "bad_answer", id="a bomb"),
        pytest.param(
            answer(FOUR_TIMES, b"Content-Encoding: gzip, gzip, gzip, gzip"),
            "bad_answer",
            id="codings upon codings",
        ),
    ],
)
def test_what_is_no_whole_answer_is_unknown(
    housing: Housing, calling: Calling, said: bytes, error: str
) -> None:
    """Each has its word, and its effect at the shop is unknown."""
    reply = calling().request("POST", housing(says(said)).url, json={})

    assert (reply.error, reply.status, transport_outcome(reply)) == (error, 0, Outcome.INFO)


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        pytest.param(OK, 200, b"{}", id="the plain case"),
        pytest.param(head(b"content-length: 0"), 200, b"", id="an empty body"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", 204, b"", id="no body by its status"),
        pytest.param(
            b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b"", id="a length without a body"
        ),
        pytest.param(b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}", id="no reason"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nto the end", 200, b"to the end", id="a body up to the close"),
        pytest.param(head() + b"to the end", 200, b"to the end", id="likewise in HTTP/1.1"),
        pytest.param(
            CHUNKED + b"2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, b"abc", id="chunks with extensions"
        ),
        pytest.param(CHUNKED + b"2\r\nab\r\n0\r\nX: 1\r\n\r\n", 200, b"ab", id="chunks with trailers"),
        pytest.param(
            CHUNKED + b"2\r\nab\r\n0\r\nContent-Encoding: br\r\nSet-Cookie: a=b\r\n\r\n",
            200,
            b"ab",
            id="trailers that would be headers",
        ),
        pytest.param(
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK,
            200,
            b"{}",
            id="interim answers first",
        ),
        pytest.param(
            answer(gzip.compress(b"one") + gzip.compress(b"two"), b"Content-Encoding: GZip"),
            200,
            b"onetwo",
            id="a gzip of two members",
        ),
        pytest.param(
            answer(zlib.compress(b"plain"), b"Content-Encoding: deflate"), 200, b"plain", id="deflate"
        ),
        pytest.param(
            answer(zlib.compress(b"plain")[2:-4], b"Content-Encoding: deflate"),
            200,
            b"plain",
            id="deflate without its wrapper",
        ),
        pytest.param(
            answer(
                gzip.compress(zlib.compress(b"plain")),
                b"Content-Encoding: deflate",
                b"Content-Encoding: gzip",
            ),
            200,
            b"plain",
            id="two codings in two headers, undone from the last",
        ),
        pytest.param(answer(b"{}", b"Content-Encoding: identity"), 200, b"{}", id="not coded, and says so"),
        pytest.param(answer(b"", b"Content-Encoding: gzip"), 200, b"", id="nothing, coded"),
        pytest.param(answer(b"{}", b"Set-Cookie: \x00;;=;"), 0, b"", id="a cookie that breaks the head"),
        pytest.param(answer(b"{}", b"Set-Cookie: =;==;Max-Age=--5"), 200, b"{}", id="a cookie that is none"),
    ],
)
def test_every_way_to_say_a_body_is_understood(
    housing: Housing, calling: Calling, said: bytes, status: int, body: bytes
) -> None:
    """By length, by chunks, by close, by status; however it is cut on its way."""
    pieces = [said[at : at + 1] for at in range(len(said))] if len(said) < 200 else [said]
    replies = [calling().request("GET", housing(says(*cut)).url) for cut in ([said], pieces)]

    assert [(reply.status, reply.body) for reply in replies] == [(status, body)] * 2


@pytest.mark.parametrize(
    ("play", "most"),
    [
        pytest.param(says_for_ever(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 9999), HEAD_LIMIT, id="headers"),
        pytest.param(says_for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"y" * 65536), HEAD_LIMIT, id="one header"),
        pytest.param(says_for_ever(b"HTTP/1.1 200 ", b"y" * 65536), HEAD_LIMIT, id="a reason"),
        pytest.param(says_for_ever(b"", b"\r\n" * 32768), HEAD_LIMIT, id="empty lines"),
        pytest.param(
            says_for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 3000),
            HEAD_LIMIT,
            id="interim answers",
        ),
        pytest.param(
            says_for_ever(head(), b"x" * 65536), HEAD_LIMIT + BODY_LIMIT, id="a body without a length"
        ),
        pytest.param(
            says_for_ever(head(b"Content-Length: 99999999999"), b"x" * 65536),
            HEAD_LIMIT + BODY_LIMIT,
            id="a body",
        ),
        pytest.param(
            says_for_ever(CHUNKED, b"8000\r\n" + b"x" * 32768 + b"\r\n"),
            HEAD_LIMIT + BODY_LIMIT,
            id="chunks",
        ),
        pytest.param(
            says_for_ever(CHUNKED + b"1;", b"x" * 65536), HEAD_LIMIT + 2 * BODY_LIMIT, id="an extension"
        ),
        pytest.param(
            says_for_ever(CHUNKED + b"0\r\n", b"X: y\r\n" * 9999), HEAD_LIMIT + 2 * BODY_LIMIT, id="trailers"
        ),
    ],
)
def test_what_never_ends_is_read_up_to_a_limit(
    housing: Housing,
    calling: Calling,
    monkeypatch: pytest.MonkeyPatch,
    play: Callable[[Talk], None],
    most: int,
) -> None:
    """Then the connection is closed: the server cannot get rid of more than full buffers besides."""
    taken = 0
    feed = AnswerReader.feed

    def counting(reader: AnswerReader, data: bytes) -> bool:
        nonlocal taken
        taken += len(data)
        return feed(reader, data)

    monkeypatch.setattr(AnswerReader, "feed", counting)
    house = housing(play)
    reply = calling().request("GET", house.url)

    assert reply.error == "bad_answer"
    assert taken <= most + CHUNK
    assert house.said <= most + CHUNK + BUFFERED


@pytest.mark.parametrize(
    "play",
    [
        pytest.param(says_and_hangs(), id="silence"),
        pytest.param(says_and_hangs(head(b"Content-Length: 9"), b"{"), id="a body that stops"),
        pytest.param(says_for_ever(b"HTTP/1.1 200 OK\r\nX: ", b"y"), id="a drip in the head"),
        pytest.param(says_for_ever(head(b"Content-Length: 999999"), b"y"), id="a drip in the body"),
        pytest.param(lambda talk: talk.hang(), id="a server that does not read"),
    ],
)
@pytest.mark.parametrize("size", [0, 16 * 1024 * 1024], ids=["a small request", "a large one"])
def test_no_request_outlives_its_deadline(
    housing: Housing, calling: Calling, play: Callable[[Talk], None], size: int
) -> None:
    """Neither silence nor a drip holds a shopper; nor does a server that takes no more."""
    client = calling(LIMIT_S)
    begun_s = time.monotonic()
    reply = client.request("POST", housing(play).url, data=bytes(size))

    assert (reply.error, transport_outcome(reply)) == ("timeout", Outcome.INFO)
    assert time.monotonic() - begun_s < LIMIT_S + TAIL_S
    assert reply.done_ns - reply.sent_ns >= LIMIT_S * 1e9


def test_a_shopper_who_stops_waiting_is_told_apart_from_a_limit(housing: Housing, calling: Calling) -> None:
    """The request was sent: given up is unknown, like a timeout, but it is the shopper's own doing."""
    client = calling()
    client.give_up_s = LIMIT_S
    reply = client.request("GET", housing(says_and_hangs()).url)

    assert (reply.error, transport_outcome(reply)) == ("given_up", Outcome.INFO)
