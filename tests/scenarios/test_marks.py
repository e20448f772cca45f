"""Each client of a run says which run a request belongs to."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from locust import FastHttpUser, HttpUser, User
from locust.env import Environment

from chaos.world import canary_client
from rehearsal.model.clock import SystemClock
from rehearsal.pipeline.readings import reading_client
from scenarios import users
from scenarios.client import Client
from scenarios.strangers.marked import mark
from scenarios.web import Web
from tests.scenarios.noting import NotingShop

RUN = {"X-Rehearsal": "r1"}


@pytest.fixture
def marking() -> Iterator[NotingShop]:
    """Return a shop that notes marks."""
    shop = NotingShop()
    yield shop
    shop.close()


def load(url: str) -> None:
    """Ask as the load's shoppers do, redirects followed."""
    client = Client(SystemClock(), 0, headers=RUN)
    Web(client, url).get("/old", headers={"X-Rehearsal": "another"})
    client.close()


def readings(url: str) -> None:
    """Ask as the final readings do."""
    with reading_client(headers=RUN) as client:
        client.get(f"{url}/old", follow_redirects=True)


def canaries(url: str) -> None:
    """Ask as canaries do."""
    with canary_client(headers=RUN) as client:
        client.get(f"{url}/old", follow_redirects=True)


def stranger(kind: type[User]) -> Callable[[str], None]:
    """Return what asks as a user class of a stranger's locustfile does."""

    def ask(url: str) -> None:
        made: Any = type("Theirs", (kind,), {"host": url, "abstract": False})
        mark(made, RUN)
        user = made(Environment(user_classes=[made]))
        user.client.get("/old")

    return ask


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(load, id="the load's own"),
        pytest.param(readings, id="readings"),
        pytest.param(canaries, id="canaries"),
        pytest.param(stranger(users.HttpUser), id="a locustfile on our client"),
        pytest.param(stranger(HttpUser), id="a locustfile on Locust's HttpUser"),
        pytest.param(stranger(FastHttpUser), id="a locustfile on Locust's FastHttpUser"),
    ],
)
def test_every_request_names_its_run(marking: NotingShop, ask: Callable[[str], None]) -> None:
    """The shop tells test traffic from real orders by it, on every request and after every redirect."""
    ask(marking.url)

    assert marking.marks == [("/old", "r1"), ("/new", "r1")]


def test_a_client_without_a_mark_sends_none(marking: NotingShop) -> None:
    """The check above sees what is not marked."""
    with reading_client() as client:
        client.get(f"{marking.url}/new")

    assert marking.marks == [("/new", None)]


def test_a_class_keeps_the_headers_it_has() -> None:
    """A stranger's own headers go on being sent."""

    class Theirs(FastHttpUser):
        """A class with a header of its own."""

        abstract = True
        default_headers: dict[str, str] | None = {"X-Own": "1"}  # noqa: RUF012 - as Locust has it

    mark(Theirs, RUN)

    assert Theirs.default_headers == {"X-Own": "1", **RUN}


def test_a_class_without_a_client_is_left_alone() -> None:
    """A user of another protocol has no headers to mark."""

    class Theirs(User):
        """A class that speaks no HTTP."""

        abstract = True

    mark(Theirs, RUN)

    assert not hasattr(Theirs(Environment(user_classes=[Theirs])), "client")
