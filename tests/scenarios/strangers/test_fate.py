"""Exceptions of other people's HTTP clients, in this project's words."""

import http.client
import socket
import ssl
from typing import Any

import httpx
import pytest
import requests
import urllib3
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from geventhttpclient.useragent import RetriesExceeded
from locust.exception import CatchResponseError

from rehearsal.model.history import Outcome
from scenarios.reply import Reply
from scenarios.strangers.fate import fate_of, fate_of_reply
from scenarios.strangers.guard import NameNotAllowed, NotAllowed

GOODBYE = "Server disconnected without sending a response."
CUT = "peer closed connection without sending complete message body (received 1 bytes, expected 2)"
POOL: Any = urllib3.HTTPConnectionPool("127.0.0.1")


def caused(outer: Exception, inner: BaseException) -> Exception:
    """Return an exception raised from another."""
    outer.__cause__ = inner
    return outer


def original(inner: BaseException) -> BaseException:
    """Return what FastHttpUser raises, with what it holds."""
    error: Any = RetriesExceeded("0")
    error.original = inner
    assert isinstance(error, BaseException)
    return error


def circle() -> BaseException:
    """Return two exceptions that are each other's cause."""
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    return one


FAIL, INFO, OK = Outcome.FAIL, Outcome.INFO, Outcome.OK
FATES = [
    ("a good answer", None, 200, (OK, "")),
    ("an answer the file calls good", None, 503, (OK, "")),
    ("a refusal", requests.HTTPError("409"), 409, (FAIL, "http_409")),
    ("an error of the shop", requests.HTTPError("503"), 503, (INFO, "http_503")),
    ("an answer the file calls wrong", CatchResponseError("too dear"), 200, (FAIL, "wrong_answer")),
    ("a word for an exception", "too dear", 200, (FAIL, "wrong_answer")),
    ("refused", ConnectionRefusedError(111, "refused"), 0, (FAIL, "connect_refused")),
    (
        "refused, as requests wraps it",
        requests.ConnectionError(
            urllib3.exceptions.MaxRetryError(
                POOL, "/", caused(urllib3.exceptions.NewConnectionError(POOL, "no"), ConnectionRefusedError())
            )
        ),
        0,
        (FAIL, "connect_refused"),
    ),
    (
        "no connection in time",
        requests.ConnectTimeout(urllib3.exceptions.ConnectTimeoutError(POOL, "slow")),
        0,
        (FAIL, "connect_timeout"),
    ),
    (
        "no connection in time, as it happens",
        requests.ConnectTimeout(
            urllib3.exceptions.MaxRetryError(
                POOL, "/", caused(urllib3.exceptions.ConnectTimeoutError(POOL, "slow"), TimeoutError("slow"))
            )
        ),
        0,
        (FAIL, "connect_timeout"),
    ),
    (
        "no connection in time, httpx",
        caused(httpx.ConnectTimeout("slow"), TimeoutError("slow")),
        0,
        (FAIL, "connect_timeout"),
    ),
    ("no answer in time, httpx", caused(httpx.ReadTimeout(""), TimeoutError("slow")), 0, (INFO, "timeout")),
    ("a goodbye, httpx", httpx.RemoteProtocolError(GOODBYE), 0, (INFO, "eof")),
    ("a cut body, httpx", httpx.RemoteProtocolError(CUT), 0, (INFO, "short_body")),
    ("no HTTP, httpx", httpx.RemoteProtocolError("illegal status line"), 0, (INFO, "bad_answer")),
    ("TLS without a goodbye", ssl.SSLEOFError(8, "EOF occurred"), 0, (INFO, "eof")),
    (
        "no answer in time",
        requests.ReadTimeout(urllib3.exceptions.ReadTimeoutError(POOL, "/", "slow")),
        0,
        (INFO, "timeout"),
    ),
    ("no answer in time, FastHttpUser", original(TimeoutError("timed out")), 0, (INFO, "timeout")),
    ("no descriptor left", OSError(24, "Too many open files"), 0, (FAIL, "no_socket")),
    ("no such name", socket.gaierror(-2, "unknown"), 0, (FAIL, "dns")),
    ("a bad certificate", requests.exceptions.SSLError(ssl.SSLError("bad")), 0, (FAIL, "tls")),
    (
        "a host not allowed",
        caused(requests.ConnectionError(), NotAllowed("10.0.0.1")),
        0,
        (FAIL, "not_allowed"),
    ),
    ("a name not allowed", NameNotAllowed("x.example"), 0, (FAIL, "not_allowed")),
    ("a broken connection", ConnectionResetError(104, "reset"), 0, (INFO, "reset")),
    ("a closed one", http.client.RemoteDisconnected("bye"), 0, (INFO, "eof")),
    ("a closed one, FastHttpUser", HTTPConnectionClosed("closed"), 0, (INFO, "eof")),
    (
        "a cut body",
        requests.exceptions.ChunkedEncodingError(http.client.IncompleteRead(b"abc", 7)),
        200,
        (INFO, "short_body"),
    ),
    ("no HTTP", HTTPParseError("Expected HTTP/"), 0, (INFO, "bad_answer")),
    ("nobody knows what", RuntimeError("boom"), 0, (INFO, "no_answer")),
    ("causes in a circle", circle(), 0, (INFO, "no_answer")),
]


@pytest.mark.parametrize(("what", "exception", "status", "expected"), FATES, ids=[row[0] for row in FATES])
def test_each_exception_has_its_class(
    what: str, exception: object, status: int, expected: tuple[Outcome, str]
) -> None:
    """What certainly had no effect is a failure, what leaves it open is info; the file has the last word."""
    fate = fate_of(exception, status)

    assert expected == (fate.outcome, fate.error), what


REPLIES = [
    ("good", Reply(sent_ns=0, done_ns=1, status=200), "", (OK, "")),
    ("good, says the file", Reply(sent_ns=0, done_ns=1, status=409), "", (OK, "")),
    ("a refusal", Reply(sent_ns=0, done_ns=1, status=409), "http_409", (FAIL, "http_409")),
    ("wrong, says the file", Reply(sent_ns=0, done_ns=1, status=200), "too dear", (FAIL, "wrong_answer")),
    ("an error of the shop", Reply(sent_ns=0, done_ns=1, status=500), "http_500", (INFO, "http_500")),
    ("no answer", Reply(sent_ns=0, done_ns=1, error="timeout"), "timeout", (INFO, "timeout")),
    ("never sent", Reply(sent_ns=0, done_ns=1, error="dns"), "dns", (FAIL, "dns")),
]


@pytest.mark.parametrize(("what", "reply", "error", "expected"), REPLIES, ids=[row[0] for row in REPLIES])
def test_our_own_clients_requests_have_the_same_fates(
    what: str, reply: Reply, error: str, expected: tuple[Outcome, str]
) -> None:
    """A stranger's file may use our client, too."""
    fate = fate_of_reply(reply, error)

    assert expected == (fate.outcome, fate.error), what


def test_long_words_are_cut() -> None:
    """A file that quotes the whole answer in its failure must not fill the history."""
    assert len(fate_of(CatchResponseError("x" * 5000), 200).note) == 200
