"""Canaries' callbacks come to a real place on loopback; the provider is played by a function."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chaos.faults import callback_canaries
from chaos.faults.site import Site
from rehearsal.model.faults import FaultKind


def call(url: str) -> None:
    """Send a callback, past the fakes."""
    with httpx.Client(trust_env=False) as http:
        assert http.post(url, json={}).status_code == 200


@pytest.fixture
def place(site: Any, monkeypatch: Any) -> Iterator[Site]:
    """Return a place whose catcher is closed at the end, and where a look takes no time if nothing came."""
    monkeypatch.setattr(callback_canaries, "_LOOK_S", 0.3)
    found: Site = site(FaultKind.CALLBACK_REPEATED)
    yield found
    found.close()
    found.close()


class Calling:
    """A provider that calls back so many times, before its answer or not at all."""

    def __init__(self, provider: Any, times: int) -> None:
        """Take the books, and how often a capture is called back."""
        self.books = provider()
        self.times = times
        self.url = ""

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        if request.url.path == "/authorize":
            self.url = json.loads(request.content)["callback_url"]
        if request.url.path == "/capture":
            callers = [threading.Thread(target=call, args=(self.url,)) for _ in range(self.times)]
            for caller in callers:
                caller.start()
            for caller in callers:
                caller.join()
        return self.books(request)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("times", "proven"),
    [
        pytest.param(0, {"lost"}, id="none came"),
        pytest.param(1, {"early"}, id="one came, before the answer"),
        pytest.param(3, {"early", "repeated"}, id="three came at once"),
    ],
)
def test_callbacks_are_counted(shop: Any, place: Site, provider: Any, times: int, proven: set[str]) -> None:
    """Repeated, early and lost callbacks are told apart by what came, and when."""
    shop.answer = Calling(provider, times)

    canaries = (callback_canaries.repeated, callback_canaries.early, callback_canaries.lost)

    assert proven == {canary.__name__ for canary in canaries if canary(place).proven}


def test_a_lost_callback_comes_after_the_healing(shop: Any, place: Site, provider: Any) -> None:
    """What was kept back must come in the end."""
    shop.answer = calling = Calling(provider, 0)
    nothing_owed = callback_canaries.found(place)
    callback_canaries.lost(place)
    owed = callback_canaries.found(place)
    call(calling.url)

    assert nothing_owed.proven
    assert not owed.proven
    assert callback_canaries.found(place).proven
