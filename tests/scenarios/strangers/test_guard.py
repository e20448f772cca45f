"""Which addresses load may go to, whatever code asks. Nothing is connected to and no name is looked up."""

import socket
import time
from typing import Any

import pytest

from scenarios.strangers.guard import Guard, NotAllowed

SHOP = "203.0.113.7"


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let shop.example have one address and all other names none; return what was looked up."""
    asked: list[str] = []

    def look_up(name: str, _port: object) -> list[Any]:
        asked.append(name)
        if name != "shop.example":
            raise socket.gaierror(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (SHOP, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


ALLOWED = [
    ("loopback", "socket.connect", (None, ("127.0.0.1", 80))),
    ("all of loopback", "socket.connect", (None, ("127.8.9.1", 80))),
    ("loopback of version 6", "socket.connect", (None, ("::1", 80, 0, 0))),
    ("loopback written for both versions", "socket.connect", (None, ("::ffff:127.0.0.1", 80, 0, 0))),
    ("the address of no interface", "socket.connect", (None, ("0.0.0.0", 80))),
    ("an address of an allowed name", "socket.connect", (None, (SHOP, 80))),
    ("a Unix socket", "socket.connect", (None, "/run/x")),
    ("a message on a connection", "socket.sendmsg", (None, None)),
    ("the name of this machine", "socket.getaddrinfo", ("localhost", 80, 0, 0, 0)),
    ("an allowed name", "socket.getaddrinfo", ("shop.example", 80, 0, 0, 0)),
    ("an allowed name in bytes", "socket.getaddrinfo", (b"shop.example", 80, 0, 0, 0)),
    ("no name: an address to listen on", "socket.getaddrinfo", (None, 80, 0, 0, 0)),
    ("another event", "open", ("/etc/passwd", "r", 0)),
]
REFUSED = [
    ("a stranger", "socket.connect", (None, ("198.51.100.1", 80))),
    ("a neighbour", "socket.connect", (None, ("10.0.0.1", 80))),
    ("the cloud's own service", "socket.connect", (None, ("169.254.169.254", 80))),
    ("a stranger of version 6", "socket.connect", (None, ("2001:db8::1", 80, 0, 0))),
    ("a stranger written for both versions", "socket.connect", (None, ("::ffff:10.0.0.1", 80, 0, 0))),
    ("a name that was not looked up first", "socket.connect", (None, ("other.example", 80))),
    ("a datagram", "socket.sendto", (None, ("198.51.100.1", 53))),
    ("another name", "socket.getaddrinfo", ("other.example", 80, 0, 0, 0)),
    ("a name that begins alike", "socket.getaddrinfo", ("shop.example.org", 80, 0, 0, 0)),
    ("another name, the old way", "socket.gethostbyname", ("other.example",)),
]


@pytest.mark.parametrize(("what", "event", "arguments"), ALLOWED, ids=[row[0] for row in ALLOWED])
def test_this_machine_and_allowed_hosts_pass(what: str, event: str, arguments: tuple[Any, ...]) -> None:
    """Loopback in all its spellings, and what target.allow names."""
    assert what
    Guard(["shop.example"]).check(event, arguments)


@pytest.mark.parametrize(("what", "event", "arguments"), REFUSED, ids=[row[0] for row in REFUSED])
def test_all_else_is_refused(what: str, event: str, arguments: tuple[Any, ...]) -> None:
    """An OSError, as HTTP clients expect it of a connection that does not come about."""
    assert what
    with pytest.raises(NotAllowed, match=r"neither this machine nor in target\.allow"):
        Guard(["shop.example"]).check(event, arguments)


def test_an_allowed_address_needs_no_name() -> None:
    """target.allow may name an address."""
    Guard([SHOP]).check("socket.connect", (None, (SHOP, 443)))


def test_allowed_names_are_looked_up_rarely(names: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that hammers a forbidden host must not make a storm of look-ups of the allowed ones."""
    now_s = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])
    held = Guard(["shop.example", "gone.example"])
    for _ in range(3):
        with pytest.raises(NotAllowed):
            held.check("socket.connect", (None, ("198.51.100.1", 80)))
    assert sorted(names) == ["gone.example", "shop.example"]

    now_s[0] += 5.0
    with pytest.raises(NotAllowed):
        held.check("socket.connect", (None, ("198.51.100.1", 80)))

    assert len(names) == 4
