"""Servers and clients that are gone when a test is, and a count of what they leave open."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent.socket
import pytest

from rehearsal.model.clock import SystemClock
from scenarios.client import Client
from tests.scenarios.http.hostile import House, Play

Housing = Callable[..., House]
Calling = Callable[..., Client]


@pytest.fixture
def housing() -> Iterator[Housing]:
    """Return a function that opens a house with a script."""
    houses: list[House] = []

    def open_house(play: Play, **where: Any) -> House:
        houses.append(House(play, **where))
        return houses[-1]

    yield open_house
    for house in houses:
        house.close()


@pytest.fixture
def calling() -> Iterator[Calling]:
    """Return a function that makes a client; its limits are ample unless they are given."""
    clients: list[Client] = []

    def make(timeout_s: float = 30.0, connect_timeout_s: float = 30.0, **options: Any) -> Client:
        client = Client(SystemClock(), 0, timeout_s=timeout_s, connect_timeout_s=connect_timeout_s, **options)
        clients.append(client)
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def full_queue() -> Iterator[str]:
    """Return the address of a listener whose queue is full: the system drops who knocks, without a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        where = listener.getsockname()
        knocking = [socket.socket() for _ in range(4)]
        for each in knocking:
            each.setblocking(False)
            each.connect_ex(where)
        yield f"http://127.0.0.1:{where[1]}"
        for each in knocking:
            each.close()


@pytest.fixture(scope="session", autouse=True)
def warm() -> None:
    """Make what gevent makes on first use, with descriptors of its own."""
    gevent.socket.getaddrinfo("localhost", 80)


@pytest.fixture(autouse=True)
def no_leak() -> Iterator[None]:
    """Fail a test after which more descriptors are open than before: this runs after all others are done."""
    before = open_files()
    yield

    assert open_files() == before


def open_files() -> int:
    """Return the number of descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))
