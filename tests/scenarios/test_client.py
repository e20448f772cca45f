"""The client against a server that says exactly what a test wants, byte for byte."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from rehearsal.model.clock import SystemClock
from rehearsal.model.history import Outcome
from scenarios.client import Client
from scenarios.http import answer
from scenarios.reply import Reply, transport_outcome

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
HANG, RESET = b"hang", b"reset"


class Close(bytes):
    """An answer after which the server closes the connection."""


class ScriptedServer:
    """Answers the n-th request it reads with the n-th script; b"" closes, HANG waits, RESET resets."""

    def __init__(self, scripts: list[bytes]) -> None:
        """Listen on a free port and serve from a thread."""
        self.scripts = scripts
        self.requests: list[bytes] = []
        self.connections = 0
        self.closed = threading.Event()
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and let hanging answers end."""
        self._released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while self.scripts:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                self._answer(connection)
            self.closed.set()

    def _answer(self, connection: socket.socket) -> None:
        while self.scripts:
            try:
                request = connection.recv(65536)
            except OSError:
                return
            if not request:
                return
            self.requests.append(request)
            script = self.scripts.pop(0)
            if script == HANG:
                self._released.wait(5)
                return
            if script == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if not script:
                return
            connection.sendall(script)
            if isinstance(script, Close):
                return


Serving = Callable[..., tuple[ScriptedServer, Client]]


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Return a function that starts a server with scripts and a client for it."""
    started: list[tuple[ScriptedServer, Client]] = []

    def begin(*scripts: bytes, timeout_s: float = 60.0) -> tuple[ScriptedServer, Client]:
        pair = ScriptedServer(list(scripts)), Client(SystemClock(), 0, timeout_s=timeout_s)
        started.append(pair)
        return pair

    yield begin
    for server, client in started:
        client.close()
        server.close()


def test_a_whole_answer_is_read_and_its_times_are_ordered(serving: Serving) -> None:
    """Status, headers and body come back; sent ≤ done."""
    server, client = serving(b"HTTP/1.1 201 Made\r\nContent-Length: 7\r\nX-Y: z\r\n\r\n" + b'{"a":1}')
    reply = client.request(
        "POST", f"{server.url}/orders?x=1", json={"q": 2}, headers={"Idempotency-Key": "k"}
    )

    assert (reply.status, reply.json(), reply.headers["x-y"], reply.error) == (201, {"a": 1}, "z", "")
    assert reply.sent_ns <= reply.done_ns
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /orders?x=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nIdempotency-Key: k" in head
    assert body == b'{"q":2}'


def test_a_connection_is_kept_and_used_again(serving: Serving) -> None:
    """Two requests, one connection."""
    server, client = serving(OK, OK)

    assert [client.request("GET", server.url).status for _ in range(2)] == [200, 200]
    assert server.connections == 1


def test_a_connection_closed_between_requests_is_noticed_before_sending(serving: Serving) -> None:
    """A server that closes after an answer does not make the next request indeterminate."""
    server, client = serving(Close(OK), OK)
    client.request("GET", server.url)
    server.closed.wait(60)

    assert client.request("GET", server.url).error == ""
    assert server.connections == 2


@pytest.mark.parametrize(
    ("script", "error"),
    [
        pytest.param(b"", "eof", id="closed without a word"),
        pytest.param(RESET, "reset", id="reset"),
        pytest.param(HANG, "timeout", id="no answer in time"),
        pytest.param(Close(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"), "short_body", id="a cut body"),
        pytest.param(Close(b"HTTP/1.1 200 OK\r\nContent-Le"), "eof", id="cut inside the headers"),
        pytest.param(Close(b"SSH-2.0-OpenSSH\r\n\r\n"), "bad_answer", id="not HTTP"),
    ],
)
def test_every_fate_after_sending_is_unknown(serving: Serving, script: bytes, error: str) -> None:
    """Whatever breaks after the request left, its effect is unknown: info, never a guess."""
    server, client = serving(script, timeout_s=0.3 if error == "timeout" else 60.0)
    reply = client.request("POST", server.url, json={})

    assert reply.error == error
    assert transport_outcome(reply) is Outcome.INFO


def test_an_endless_answer_is_cut_off(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than the limit is read."""
    monkeypatch.setattr(answer, "BODY_LIMIT", 10)
    server, client = serving(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 50)

    assert client.request("GET", server.url).error == "bad_answer"


def test_a_request_that_never_left_is_a_failure() -> None:
    """Nobody listens, or the name does not exist: certainly no effect."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = Client(SystemClock(), 0, allow=["no-such-host.invalid"])
    replies = [
        client.request("GET", f"http://{host}") for host in (f"127.0.0.1:{port}", "no-such-host.invalid")
    ]

    assert [reply.error for reply in replies] == ["connect_refused", "dns"]
    assert {transport_outcome(reply) for reply in replies} == {Outcome.FAIL}


@pytest.mark.parametrize("url", ["http://shop.example/", "http://10.0.0.1:80/", "http:///nowhere"])
def test_a_host_that_the_plan_does_not_allow_is_never_spoken_to(url: str) -> None:
    """Even if the shop itself sends its shoppers there."""
    reply = Client(SystemClock(), 0, allow=["elsewhere.example"]).request("GET", url)

    assert (reply.error, transport_outcome(reply)) == ("not_allowed", Outcome.FAIL)


@pytest.mark.parametrize("ahead_s", [pytest.param(3600, id="ahead"), pytest.param(-3600, id="behind")])
def test_limits_hold_whatever_clock_instants_are_told_by(serving: Serving, ahead_s: int) -> None:
    """A worker elsewhere counts in its master's time: an answer in time is no timeout, and silence is one."""

    class Steered(SystemClock):
        now_ns = staticmethod(lambda: time.monotonic_ns() + ahead_s * 10**9)

    server, _ = serving(OK, HANG)
    fates = []
    for timeout_s in (60.0, 0.3):
        client = Client(Steered(), 0, timeout_s=timeout_s)
        fates.append(client.request("GET", server.url))
        client.close()

    assert [fate.error for fate in fates] == ["", "timeout"]
    assert abs(fates[0].sent_ns - time.monotonic_ns() - ahead_s * 10**9) < 60 * 10**9


def test_a_deadline_that_has_passed_sends_nothing(serving: Serving) -> None:
    """A request without time left fails before it leaves."""
    server, client = serving(OK, timeout_s=0.0)

    assert client.request("GET", server.url).error == "connect_timeout"
    assert server.requests == []


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, None), (404, None), (500, Outcome.INFO), (503, Outcome.INFO)]
)
def test_a_shop_in_trouble_may_have_done_its_work(status: int, outcome: Outcome | None) -> None:
    """Only its own words say that it has, or has not."""
    assert transport_outcome(Reply(sent_ns=0, done_ns=0, status=status)) is outcome


@pytest.mark.parametrize(
    ("body", "value"), [(b'{"a":1}', {"a": 1}), (b"[1]", None), (b"", None), (b"<html>", None)]
)
def test_only_a_json_object_is_an_answer(body: bytes, value: object) -> None:
    """Lists, pages and nothing at all are no answers."""
    assert Reply(sent_ns=0, done_ns=0, status=200, body=body).json() == value
