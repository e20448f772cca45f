"""Which client a member of the pool gets, and what that means for its process."""

import sys

import pytest

from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import RehearsalError
from scenarios.bounds import Bounds
from scenarios.client import Client
from scenarios.connect import confine, connect
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
