"""Which client a member of the pool gets, and what that means for its process."""

import sys

import httpx
import pytest

from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import RehearsalError
from scenarios.bounds import Bounds
from scenarios.client import Client
from scenarios.connect import confine, connect
from scenarios.senders import check_client
from scenarios.storefront import Storefront
from tests.scenarios.bringers import THEIRS, adapter


@pytest.mark.parametrize("client", [7, "http://127.0.0.1", object()], ids=["a number", "a text", "a thing"])
def test_what_is_no_client_is_refused_in_a_sentence(client: object) -> None:
    """Before the first visit, with what would do."""
    with pytest.raises(RehearsalError, match=r"connect\(\) returned .* return an httpx.Client"):
        connect(adapter(lambda _: client), SystemClock(), 0, Bounds())


@pytest.mark.parametrize(("kind", "held"), [("ours", []), ("httpx", [("shop.example",)])])
def test_a_process_is_confined_for_clients_that_are_not_ours(
    monkeypatch: pytest.MonkeyPatch, kind: str, held: list[tuple[str, ...]]
) -> None:
    """They may follow where they like: the process itself reaches allowed hosts only."""
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(sys.modules["scenarios.connect"], "hold_to", asked.append)
    confine(THEIRS[kind], Bounds(allow=("shop.example",)))

    assert asked == held


def test_without_one_the_load_s_own_client_asks() -> None:
    """An adapter that says nothing gets the fast client."""
    assert isinstance(connect(Storefront, SystemClock(), 0, Bounds()), Client)


def broken(error: Exception) -> type[Storefront]:
    """Return an adapter whose client cannot be made."""

    def make(_: Bounds) -> object:
        raise error

    return adapter(make)


@pytest.mark.parametrize(
    ("theirs", "says"),
    [
        (broken(KeyError("TOKEN")), r"Theirs\.connect\(\) broke \(KeyError: 'TOKEN'\); mend it"),
        (broken(RehearsalError("no token")), "^no token$"),
        (adapter(lambda _: 7), r"connect\(\) returned int"),
    ],
    ids=["it breaks", "it says why", "it is none"],
)
def test_a_client_that_cannot_be_had_is_told_before_anything_starts(
    theirs: type[Storefront], says: str
) -> None:
    """In the pool it would end its members one by one, and every visit would be dropped."""
    with pytest.raises(RehearsalError, match=says):
        check_client(theirs, Bounds())


@pytest.mark.parametrize("kind", ["ours", "a function"])
def test_what_has_no_end_is_only_tried(kind: str) -> None:
    """The load's own client is not made for it, and a function cannot be closed."""
    made: list[object] = []

    def make(bounds: Bounds) -> object:
        made.append(THEIRS[kind].connect(bounds))
        return made[-1]

    check_client(adapter(make), Bounds())

    assert len(made) == 1


def test_one_that_can_be_had_is_closed_again() -> None:
    """Nothing is asked of the shop for it, and nothing of it stays."""
    client = httpx.Client()
    check_client(adapter(lambda _: client), Bounds())

    assert client.is_closed
