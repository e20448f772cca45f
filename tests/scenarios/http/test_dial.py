"""Connecting: every address of a name, and a word for whatever keeps a request from leaving."""

import errno
import socket
from typing import Any

import gevent
import gevent.socket
import pytest
from gevent.event import Event

from rehearsal.model.history import Outcome
from scenarios.reply import transport_outcome
from tests.scenarios.http.conftest import Calling, Housing, open_files
from tests.scenarios.http.hostile import echo


class Unwell(Exception):
    """What a stranger's code may throw."""


def test_a_host_that_accepts_nobody_is_given_up(full_queue: str, calling: Calling) -> None:
    """No connection within the limit: certainly not sent."""
    reply = calling(connect_timeout_s=0.05).request("GET", full_queue)

    assert (reply.error, transport_outcome(reply)) == ("connect_timeout", Outcome.FAIL)


def test_a_greenlet_killed_while_it_connects_leaves_nothing_open(full_queue: str, calling: Calling) -> None:
    """The half-open socket is closed with it."""
    before = open_files()
    asking = gevent.spawn(calling().request, "GET", full_queue)
    gevent.idle()
    during = open_files()
    asking.kill()

    assert (during - before, open_files() - before) == (1, 0)


def test_a_port_where_nobody_listens_is_refused(housing: Housing, calling: Calling) -> None:
    """Also one where somebody did a moment ago."""
    house = housing(echo)
    house.close()
    asking = gevent.spawn(calling().request, "GET", house.url)

    assert asking.get().error == "connect_refused"


def test_a_name_is_tried_at_all_its_addresses(housing: Housing, calling: Calling) -> None:
    """`localhost` may be ::1 first, where nobody listens."""
    house = housing(echo)

    def both(_host: str, port: int, *_: object) -> list[Any]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
        ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gevent.socket, "getaddrinfo", both)
        reply = calling().request("GET", f"http://localhost:{house.port}/x")

    assert (reply.error, reply.body) == ("", b"/x")
    assert f"Host: localhost:{house.port}".encode() in house.requests[0]


def test_an_address_of_the_newer_kind_is_spoken_to(housing: Housing, calling: Calling) -> None:
    """The brackets stay in the Host header and go nowhere else."""
    house = housing(echo, host="::1", family=socket.AF_INET6)

    assert calling().request("GET", f"{house.url}/x").body == b"/x"
    assert f"Host: [::1]:{house.port}".encode() in house.requests[0]


def test_a_resolver_that_hangs_is_not_waited_for(calling: Calling) -> None:
    """Looking a name up is part of connecting, and has its limit."""

    def hang(*_: object) -> list[Any]:
        Event().wait()
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gevent.socket, "getaddrinfo", hang)
        reply = calling(connect_timeout_s=0.03).request("GET", "http://localhost:1")

    assert (reply.error, transport_outcome(reply)) == ("connect_timeout", Outcome.FAIL)


@pytest.mark.parametrize(
    ("raised", "error"),
    [
        pytest.param(OSError(errno.EMFILE, "too many"), "no_socket", id="no descriptor left"),
        pytest.param(OSError(errno.EADDRNOTAVAIL, "none"), "no_socket", id="no port left"),
        pytest.param(OSError(errno.ENETUNREACH, "none"), "connect_refused", id="no way there"),
        pytest.param(OSError(errno.ETIMEDOUT, "late"), "connect_timeout", id="the system gave up"),
        pytest.param(socket.gaierror(-2, "unknown"), "dns", id="no such name"),
        pytest.param(UnicodeError("label too long"), "dns", id="no name at all"),
    ],
)
def test_what_keeps_a_request_from_leaving_has_its_word(
    calling: Calling, raised: Exception, error: str
) -> None:
    """All certainly without effect; the load's own want of sockets is not laid at the shop's door."""

    def fail(*_: object) -> list[Any]:
        raise raised

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gevent.socket, "getaddrinfo", fail)
        reply = calling().request("GET", "http://localhost:1")

    assert (reply.error, transport_outcome(reply)) == (error, Outcome.FAIL)


def test_an_address_that_the_system_will_not_go_to_is_refused(calling: Calling) -> None:
    """At once, without a packet: everybody's address is for those who ask for it."""
    everybody = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("255.255.255.255", 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gevent.socket, "getaddrinfo", lambda *_: [everybody])

        assert calling().request("GET", "http://localhost:1").error == "connect_refused"


def test_a_name_without_addresses_is_refused(calling: Calling) -> None:
    """An empty answer of the resolver is no crash."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gevent.socket, "getaddrinfo", lambda *_: [])

        assert calling().request("GET", "http://localhost:1").error == "connect_refused"


def test_a_stranger_s_error_while_connecting_goes_through(calling: Calling) -> None:
    """Only what the network does is a reply; a bug stays one."""

    def fail(*_: object) -> list[Any]:
        raise Unwell

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Unwell):
        patch.setattr(gevent.socket, "getaddrinfo", fail)
        calling().request("GET", "http://localhost:1")
