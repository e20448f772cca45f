"""Clients that an adapter brings, against servers that say what a test wants: each as the load's own."""

import gzip
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rehearsal.model.clock import SystemClock
from scenarios import senders
from scenarios.bounds import Bounds
from scenarios.connect import Connection, connect
from scenarios.web import Web
from tests.scenarios.bringers import THEIRS
from tests.scenarios.http.authority import Authority
from tests.scenarios.noting import NotingShop
from tests.scenarios.test_client import HANG, OK, RESET, Close, ScriptedServer

MOVED = b"HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n"
SESSION = b"HTTP/1.1 200 OK\r\nSet-Cookie: s=1; Path=/\r\nContent-Length: 2\r\n\r\n{}"
SHORT = Close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
ZIPPED = gzip.compress(b'{"a": 1}')
PACKED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(ZIPPED), ZIPPED)
RUN = {"X-Rehearsal": "r1"}


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


@pytest.mark.parametrize("kind", ["httpx", "requests"])
def test_a_body_beyond_the_limit_is_no_answer(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A shop that sends without end must not fill the generator's memory."""
    monkeypatch.setattr(senders, "BODY_LIMIT", 1)
    server, client = meeting(kind, OK)

    assert client.request("GET", f"{server.url}/").error == "bad_answer"
