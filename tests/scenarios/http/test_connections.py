"""Connections between requests, and under greenlets that come to an end."""

from collections.abc import Callable
from typing import Any

import gevent
import gevent.socket
import pytest
from gevent.event import Event

from rehearsal.model.clock import SystemClock
from rehearsal.model.history import Outcome
from scenarios.client import Client
from scenarios.http import dial as dial_module
from scenarios.reply import transport_outcome
from tests.scenarios.http.conftest import Calling, Housing, open_files
from tests.scenarios.http.hostile import OK, Talk, answer, echo


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(lambda talk: talk.connection.close(), id="it is closed"),
        pytest.param(lambda talk: talk.reset(), id="it is reset"),
        pytest.param(lambda talk: talk.say(answer(b"/stray")), id="a second answer comes"),
        pytest.param(lambda talk: talk.say(b"H"), id="the first letter of one comes"),
        pytest.param(lambda talk: talk.say(b"\r\n"), id="an empty line comes"),
    ],
)
@pytest.mark.parametrize("seen", [True, False], ids=["and the loop has seen it", "unseen by the loop"])
def test_nothing_that_befalls_an_idle_connection_touches_the_next_request(
    housing: Housing, calling: Calling, left: Callable[[Talk], object], *, seen: bool
) -> None:
    """It is noticed before sending; the request goes over a new connection and gets its own answer."""
    done, go = Event(), Event()

    def play(talk: Talk) -> None:
        if talk.number:
            echo(talk)
            return
        talk.hear()
        talk.connection.sendall(answer(b"/first"))
        go.wait()
        left(talk)
        done.set()

    house, client = housing(play), calling()
    first = client.request("GET", f"{house.url}/first")
    if seen:
        go.set()
        done.wait()
        gevent.idle()
    else:
        # The test's own greenlet plays the server's part, so that the loop runs only here.
        client._origins[house.url].idle[0]._readable.stop()
        go.set()
        done.wait()
    second = client.request("GET", f"{house.url}/second")

    assert (first.body, second.body, second.error) == (b"/first", b"/second", "")
    assert house.connections == 2


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer(b"/first") + answer(b"/stray"), id="two answers to one request"),
        pytest.param(answer(b"/first") + b"HTT", id="an answer and the start of one"),
        pytest.param(answer(b"/first") + b"\x00\xff", id="an answer and noise"),
        pytest.param(answer(b"/first", b"Connection: close"), id="an answer that says it is the last"),
        pytest.param(answer(b"/first", b"Connection: close") + b"more", id="and goes on after it"),
        pytest.param(answer(b"/first").replace(b"1.1", b"1.0"), id="an answer of HTTP/1.0"),
    ],
)
def test_a_connection_with_more_or_less_to_say_is_not_used_again(
    housing: Housing, calling: Calling, said: bytes
) -> None:
    """The answer counts; what follows it is nobody's."""

    def play(talk: Talk) -> None:
        if talk.number:
            echo(talk)
        elif talk.hear():
            talk.say(said)
            talk.hang()

    house, client = housing(play), calling()
    replies = [client.request("GET", f"{house.url}/{name}") for name in ("first", "second")]

    assert [reply.body for reply in replies] == [b"/first", b"/second"]
    assert house.connections == 2


def test_a_head_request_has_no_body_and_costs_its_connection(housing: Housing, calling: Calling) -> None:
    """A HEAD's length is the GET's; a body sent all the same is nobody's answer."""

    def play(talk: Talk) -> None:
        while request := talk.hear():
            talk.say(answer(request.split(b" ")[1]))

    house, client = housing(play), calling()
    replies = [client.request(method, f"{house.url}/{method}") for method in ("HEAD", "GET", "HEAD")]

    assert [reply.body for reply in replies] == [b"", b"/GET", b""]
    assert [reply.headers["content-length"] for reply in replies] == ["5", "4", "5"]


def test_an_answer_before_the_request_was_read_counts(housing: Housing, calling: Calling) -> None:
    """An overloaded server says so and closes; what it never read cannot be sent again on that connection."""
    refusal = answer(b"busy", status=b"503 Service Unavailable")

    def play(talk: Talk) -> None:
        if talk.number:
            echo(talk)
        else:
            talk.say(refusal)
            talk.hang()

    house, client = housing(play), calling()
    replies = [client.request("PUT", f"{house.url}/{n}", data=bytes(16 << 20)) for n in range(2)]

    assert [(reply.status, reply.body) for reply in replies] == [(503, b"busy"), (200, b"/1")]


def test_a_server_that_breaks_while_it_is_being_sent_to_is_a_reset(
    housing: Housing, calling: Calling
) -> None:
    """Half a request has left: unknown."""

    def play(talk: Talk) -> None:
        talk.connection.recv(1)
        talk.reset()

    reply = calling().request("PUT", housing(play).url, data=bytes(16 << 20))

    assert (reply.error, transport_outcome(reply)) == ("reset", Outcome.INFO)


def test_a_large_request_arrives_whole(housing: Housing, calling: Calling) -> None:
    """However many times it has to wait for the server to read on."""
    body = bytes(range(256)) * 20_000
    house = housing(echo)
    reply = calling().request("POST", f"{house.url}/big", data=body)

    assert reply.body == b"/big"
    assert house.requests[0].endswith(body)


class Unwell(Exception):
    """What a stranger's code may throw into a greenlet."""


@pytest.mark.parametrize("end", [gevent.GreenletExit, gevent.Timeout, Unwell, KeyboardInterrupt])
@pytest.mark.parametrize("size", [0, 16 << 20], ids=["waiting for an answer", "still sending"])
def test_a_request_broken_off_from_outside_closes_its_connection(
    housing: Housing, calling: Calling, end: type[BaseException], size: int
) -> None:
    """The error goes through, and the answer that was on its way meets no later request."""
    heard = Event()

    def play(talk: Talk) -> None:
        if talk.number:
            echo(talk)
            return
        talk.connection.recv(1)
        heard.set()
        talk.hang()

    house, client = housing(play), calling()
    seen: list[BaseException] = []

    def ask() -> None:
        try:
            client.request("PUT", f"{house.url}/first", data=bytes(size))
        except BaseException as error:  # noqa: BLE001 - the claim is about all of them
            seen.append(error)

    asking = gevent.spawn(ask)
    heard.wait()
    asking.kill(end, block=True)
    reply = client.request("GET", f"{house.url}/second")

    assert [type(error) for error in seen] == [end]
    assert (reply.body, house.connections) == (b"/second", 2)


def test_a_client_closed_while_a_request_is_under_way_lets_it_finish(
    housing: Housing, calling: Calling
) -> None:
    """Its connection is closed after the answer instead of being kept."""
    heard, go = Event(), Event()

    def play(talk: Talk) -> None:
        talk.hear()
        heard.set()
        go.wait()
        talk.say(OK)
        assert talk.hear() == b""
        heard.set()

    house, client = housing(play), calling()
    asking = gevent.spawn(client.request, "GET", house.url)
    heard.wait()
    client.close()
    client.close()
    heard.clear()
    go.set()

    assert asking.get().status == 200
    assert heard.wait(5)


@pytest.mark.parametrize("size", [0, 16 << 20], ids=["waiting for an answer", "still sending"])
def test_a_connection_closed_under_a_request_ends_it(housing: Housing, calling: Calling, size: int) -> None:
    """Whoever waits is woken, once, with a reset; closing twice is nothing new."""
    heard = Event()

    def play(talk: Talk) -> None:
        talk.connection.recv(1)
        heard.set()
        talk.hang()

    house, client = housing(play), calling()
    links: list[Any] = []
    real = dial_module.dial

    def spy(*args: Any, **options: Any) -> Any:
        link, error = real(*args, **options)
        links.append(link)
        return link, error

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scenarios.client.dial", spy)
        asking = gevent.spawn(client.request, "PUT", house.url, data=bytes(size))
        heard.wait()
        links[0].close()
        links[0].close()

    assert asking.get(timeout=5).error == "reset"
    assert links[0].alive() is False
    assert links[0].exchange(b"GET / HTTP/1.1\r\n\r\n", 1 << 62) == "reset"


def test_a_client_left_to_itself_leaves_nothing_open(housing: Housing) -> None:
    """A user that is gone takes its connections with it."""
    house = housing(echo)
    before = open_files()
    client = Client(SystemClock(), 0)
    client.request("GET", house.url)
    during = open_files()
    del client
    house.close()

    assert during > before
    assert open_files() < before


def test_many_requests_at_once_get_their_own_answers(housing: Housing, calling: Calling) -> None:
    """Each under way has a connection of its own; afterwards these are used again."""
    house, client = housing(echo), calling()

    def ask(number: int) -> bytes:
        return client.request("GET", f"{house.url}/{number}").body

    for _ in range(3):
        asked = [gevent.spawn(ask, number) for number in range(20)]

        assert [each.get() for each in asked] == [b"/%d" % number for number in range(20)]
    assert house.connections == 20
