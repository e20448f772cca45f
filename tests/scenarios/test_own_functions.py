"""A function that an adapter brings as its client, and what is made of what it does."""

from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import httpx
import pytest
import requests

from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import RehearsalError
from scenarios.bounds import Bounds
from scenarios.own_client import OwnClient, head_of
from scenarios.reply import Reply
from tests.scenarios.bringers import by_hand


def own(send: Callable[..., Any], **bounds: Any) -> OwnClient:
    """Return a client of a function."""
    return OwnClient(send, SystemClock(), 0, Bounds(**bounds))


def test_an_answer_that_drips_has_a_whole_deadline() -> None:
    """A client's own timeouts are for each piece: this one never comes to its end."""
    never = gevent.event.Event()

    assert own(lambda *_: never.wait(), timeout_s=0.01).request("GET", "http://127.0.0.1/").error == "timeout"


def test_somebody_else_s_deadline_goes_on() -> None:
    """One set by the adapter's own code is its own affair."""
    theirs = gevent.Timeout(99)

    def send(*_: object) -> None:
        raise theirs

    with pytest.raises(gevent.Timeout) as caught:
        own(send).request("GET", "http://127.0.0.1/")

    assert caught.value is theirs


@pytest.mark.parametrize(
    ("send", "says"),
    [
        (lambda *_: 200, "gave int; let it return status, headers and body"),
        (lambda *_: (200, {}), "gave tuple"),
        (lambda *_: (200, {}, 7.5), "gave tuple"),
        (lambda: None, "broke: TypeError"),
        (lambda *_: int("x"), "broke: ValueError: invalid literal"),
        (lambda *_: {"y": 1}["x"], "broke: KeyError"),
    ],
)
def test_a_mistake_in_a_function_is_the_adapter_s(send: Callable[..., Any], says: str) -> None:
    """It must not be taken for a fate of the request: the shop has no part in it."""
    with pytest.raises(RehearsalError, match=says):
        own(send).request("GET", "http://127.0.0.1/")


@pytest.mark.parametrize("error", [httpx.HTTPError("?"), requests.RequestException("?"), OSError("?")])
def test_an_exception_that_nothing_is_known_of_leaves_it_open(error: Exception) -> None:
    """There was no whole answer, and more is not known."""

    def send(*_: object) -> None:
        raise error

    assert own(send).request("GET", "http://127.0.0.1/").error == "no_answer"


def test_a_client_without_cookies_or_an_end_is_left_alone() -> None:
    """A function has neither."""
    client = own(by_hand)
    client.forget()
    client.close()

    assert client.give_up_s is None


def test_headers_come_back_as_they_were_said_but_for_the_framing() -> None:
    """A body that is whole and unpacked must not be taken for one that is not; lines stay lines."""
    said = (("Location", "/n"), ("X-Two", "a\r\n b"), ("Content-Length", "9"), ("Content-Encoding", "gzip"))
    reply = Reply(sent_ns=0, done_ns=1, status=200, head=head_of(302, said))

    assert reply.headers == {"location": "/n", "x-two": "a b"}
