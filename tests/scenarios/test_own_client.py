"""Clients that an adapter brings, against servers that say what a test wants: each as the load's own."""

import gzip
import http.client
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import gevent.event
import httpx
import pytest
import requests

from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import RehearsalError
from scenarios import senders
from scenarios.bounds import Bounds
from scenarios.client import Client
from scenarios.connect import Connection, connect
from scenarios.own_client import OwnClient, head_of
from scenarios.reply import Reply
from scenarios.storefront import Storefront
from scenarios.web import Web
from tests.scenarios.http.authority import Authority
from tests.scenarios.noting import NotingShop
from tests.scenarios.test_client import HANG, OK, RESET, Close, ScriptedServer

MOVED = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
SESSION = b"HTTP/1.1 200 OK\r\nSet-Cookie: s=1; Path=/\r\nContent-Length: 2\r\n\r\n{}"
SHORT = Close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
ZIPPED = gzip.compress(b'{"a": 1}')
PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(ZIPPED), ZIPPED)
RUN = {"X-Rehearsal": "r1"}


def by_hand(
    method: str, url: str, headers: dict[str, str], body: bytes | None, timeout_s: float
) -> tuple[int, Mapping[str, str], bytes]:
    """Send a request as a team's own function may."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=timeout_s)
    try:
        connection.request(method, parts.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.headers.get("Content-Encoding") == "gzip":
            content = gzip.decompress(content)
        return answer.status, dict(answer.getheaders()), content
    finally:
        connection.close()


def adapter(make: Callable[[Bounds], object]) -> type[Storefront]:
    """Return an adapter that brings a client."""

    class Theirs(Storefront):
        """An adapter."""

        @classmethod
        def connect(cls, bounds: Bounds) -> object:
            """Return its client."""
            return make(bounds)

    return Theirs


THEIRS: dict[str, type[Storefront]] = {
    "ours": Storefront,
    "httpx": adapter(lambda bounds: httpx.Client(verify=bounds.tls, trust_env=False)),
    "requests": adapter(lambda _: requests.Session()),
    "a function": adapter(lambda _: by_hand),
}
Meeting = Callable[..., tuple[ScriptedServer, Connection]]


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    """Return a function that starts a server with scripts and a client of a kind for it."""
    met: list[tuple[ScriptedServer, Connection]] = []

    def meet(kind: str, *scripts: bytes, **bounds: Any) -> tuple[ScriptedServer, Connection]:
        held = Bounds(headers=RUN, **bounds)
        met.append((ScriptedServer(list(scripts)), connect(THEIRS[kind], SystemClock(), 0, held)))
        return met[-1]

    yield meet
    for server, client in met:
        client.close()
        server.close()


FATES = [
    pytest.param([OK], (200, ""), id="an answer"),
    pytest.param([MOVED], (302, ""), id="a redirect is not followed"),
    pytest.param([RESET], (0, "reset"), id="a reset"),
    pytest.param([b""], (0, "eof"), id="a goodbye without an answer"),
    pytest.param([SHORT], (0, "short_body"), id="an answer cut short"),
    pytest.param([Close(b"nonsense\r\n\r\n")], (0, "bad_answer"), id="no HTTP"),
    pytest.param([PACKED], (200, ""), id="a packed answer"),
]


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize(("scripts", "expected"), FATES)
def test_each_fate_has_the_same_name_whoever_asks(
    meeting: Meeting, kind: str, scripts: list[bytes], expected: tuple[int, str]
) -> None:
    """What a client raises is no matter of taste: the history must mean the same with any of them."""
    server, client = meeting(kind, *scripts)
    reply = client.request("GET", f"{server.url}/")

    assert expected == (reply.status, reply.error)
    assert 0 < reply.sent_ns <= reply.done_ns
    assert (reply.json() == {"a": 1}) == (scripts == [PACKED])
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize(
    ("patience_s", "error"),
    [
        pytest.param(None, "timeout", id="the client's own limit"),
        pytest.param(0.05, "given_up", id="a shopper's patience"),
        pytest.param(9.0, "timeout", id="a patience beyond it"),
    ],
)
def test_no_answer_is_waited_for_beyond_the_limit(
    meeting: Meeting, kind: str, patience_s: float | None, error: str
) -> None:
    """Nor beyond the shopper's patience, and the two are told apart."""
    server, client = meeting(kind, HANG, timeout_s=0.2)
    client.give_up_s = patience_s

    assert client.request("GET", f"{server.url}/").error == error


@pytest.mark.parametrize("kind", THEIRS)
def test_nobody_listening_is_refused(meeting: Meeting, kind: str) -> None:
    """It certainly had no effect."""
    _, client = meeting(kind)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        reply = client.request("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/")

    assert reply.error == "connect_refused"


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize("url", ["http://198.51.100.1/", "https://shop.example/", "http://[2001:db8::1]/"])
def test_a_host_that_is_not_allowed_is_not_asked(meeting: Meeting, kind: str, url: str) -> None:
    """Load goes where the plan says, whatever address the shop hands out."""
    _, client = meeting(kind)

    assert client.request("POST", url, json={}).error == "not_allowed"


@pytest.mark.parametrize("kind", THEIRS)
@pytest.mark.parametrize(
    ("url", "headers"),
    [("ftp://127.0.0.1/", {}), ("http://127.0.0.1:x/", {}), ("/", {}), ("{url}/", {"X": "a\r\nY: b"})],
    ids=["another scheme", "no port", "no host", "a header of two lines"],
)
def test_what_cannot_be_sent_is_a_value_error(
    meeting: Meeting, kind: str, url: str, headers: dict[str, str]
) -> None:
    """The adapter, or the shop's link, is wrong, and nothing leaves this machine."""
    server, client = meeting(kind, OK)
    with pytest.raises(ValueError, match=r"no http address|line break"):
        client.request("GET", url.format(url=server.url), headers=headers)

    assert server.requests == []


@pytest.fixture
def noting() -> Iterator[NotingShop]:
    """Return a shop that keeps what it is asked."""
    shop = NotingShop()
    yield shop
    shop.close()


@pytest.mark.parametrize("kind", THEIRS)
def test_json_headers_and_the_mark_are_sent(meeting: Meeting, noting: NotingShop, kind: str) -> None:
    """Under the mark of the run, whatever the adapter says of it."""
    _, client = meeting(kind)
    client.request("POST", f"{noting.url}/a", json={"q": 2}, headers={"X-Y": "z", "x-rehearsal": "none"})
    client.request("PUT", f"{noting.url}/b", data=b"a=1", headers={"content-type": "text/x"})
    said = [
        (each.method, each.body, each.headers["Content-Type"], each.headers.get_all("X-Rehearsal"))
        for each in noting.asked
    ]

    assert said == [
        ("POST", b'{"q":2}', "application/json", ["r1"]),
        ("PUT", b"a=1", "text/x", ["r1"]),
    ]
    assert noting.asked[0].headers["X-Y"] == "z"


@pytest.mark.parametrize("kind", ["ours", "httpx", "requests"])
@pytest.mark.parametrize(("trusted", "expected"), [(True, (200, "")), (False, (0, "tls"))])
def test_https_is_trusted_as_the_plan_says(
    tmp_path: Path, meeting: Meeting, kind: str, trusted: bool, expected: tuple[int, str]
) -> None:
    """`target.ca_file` counts for any client; a certificate nobody vouches for ends all of them."""
    authority = Authority(tmp_path)
    shop = NotingShop(authority.issue("127.0.0.1"))
    _, client = meeting(kind, ca_file=str(authority.ca_file) if trusted else "")
    reply = client.request("GET", f"{shop.url}/")
    shop.close()

    assert expected == (reply.status, reply.error)


@pytest.mark.parametrize("kind", ["ours", "httpx", "requests"])
def test_cookies_are_kept_within_a_visit_and_forgotten_after_it(meeting: Meeting, kind: str) -> None:
    """A member of the pool is one shopper after another."""
    server, client = meeting(kind, SESSION, OK, OK)
    client.request("GET", f"{server.url}/login")
    client.request("GET", f"{server.url}/cart")
    client.forget()
    client.request("GET", f"{server.url}/cart")

    assert [b"cookie: s=1" in request.lower() for request in server.requests] == [False, True, False]


@pytest.mark.parametrize("kind", ["httpx", "requests", "a function"])
def test_pages_are_read_and_redirects_followed_by_the_adapter_s_browser(meeting: Meeting, kind: str) -> None:
    """`web` works over any client: it needs status, headers and body."""
    server, client = meeting(kind, MOVED, b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 7}')
    page = Web(client, server.url).get("/")

    assert (page.url, page.at("a")) == (f"{server.url}/next", 7)


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


@pytest.mark.parametrize("kind", ["httpx", "requests"])
def test_a_body_beyond_the_limit_is_no_answer(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A shop that sends without end must not fill the generator's memory."""
    monkeypatch.setattr(senders, "BODY_LIMIT", 1)
    server, client = meeting(kind, OK)

    assert client.request("GET", f"{server.url}/").error == "bad_answer"


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


@pytest.mark.parametrize("client", [7, "http://127.0.0.1", object()], ids=["a number", "a text", "a thing"])
def test_what_is_no_client_is_refused_in_a_sentence(client: object) -> None:
    """Before the first visit, with what would do."""
    with pytest.raises(RehearsalError, match=r"connect\(\) returned .* return an httpx.Client"):
        connect(adapter(lambda _: client), SystemClock(), 0, Bounds())


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


@pytest.mark.parametrize(("kind", "held"), [("ours", []), ("httpx", [("shop.example",)])])
def test_a_process_is_confined_for_clients_that_are_not_ours(
    monkeypatch: pytest.MonkeyPatch, kind: str, held: list[tuple[str, ...]]
) -> None:
    """They may follow where they like: the process itself reaches allowed hosts only."""
    from scenarios import connect as subject  # noqa: PLC0415 - the module, not its function

    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(subject, "hold_to", asked.append)
    subject.confine(THEIRS[kind], Bounds(allow=("shop.example",)))

    assert asked == held


def test_without_one_the_load_s_own_client_asks() -> None:
    """An adapter that says nothing gets the fast client."""
    assert isinstance(connect(Storefront, SystemClock(), 0, Bounds()), Client)
