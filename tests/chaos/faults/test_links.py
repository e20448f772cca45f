import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from chaos import toxics
from chaos.faults.links import Disable, Drop, Flap, Poison
from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind

KIND = FaultKind.PAYMENT_FLAPPING


def links(**counts: dict[str, int]) -> httpx.Response:
    """Return what a process says of its calls."""
    return httpx.Response(200, json={"links": counts})


def test_a_pattern_that_matches_nothing(site: Any) -> None:
    """A fault never passes by striking nothing."""
    with pytest.raises(RehearsalError, match="This shop has no listener nowhere"):
        Disable(("nowhere",)).inject(site(KIND))


def test_poison_on_new_connections_only(shop: Any, site: Any) -> None:
    """A reset strikes connections that are opened after it: those that stand are cut first."""
    Poison(("pay_status",), (toxics.answers_reset(),), recycle=True).inject(site(KIND))

    assert [call[0] for call in shop.listeners.calls] == ["disable", "add_toxic", "enable"]


def test_unseen_poison_is_no_proof(shop: Any, site: Any) -> None:
    """A canary that is served as ever proves nothing."""
    poison, place = Poison(("pay_status",), (toxics.answers_lost(),)), site(KIND)
    poison.inject(place)
    shop.listeners.toxics.clear()

    seen = poison.shows(place)

    assert not seen.proven
    assert "a request through pay_status was answered 200" in seen.saw


def test_jitter_is_the_seed_s(shop: Any, site: Any) -> None:
    """Delays are drawn by us, never by Toxiproxy, anew while the fault is held, and the same for a seed."""
    poison = Poison(("pay_status",), (toxics.answers_late(300, jitter_ms=100),))

    def drawn() -> list[int]:
        place, found = site(KIND), []
        poison.inject(place)
        found.append(shop.listeners.toxics["pay_status"][0])
        for move in poison.moves(place, 5.0):
            move.do()
            found.append(shop.listeners.toxics["pay_status"][0])
        shop.listeners.toxics.clear()
        assert {toxic.attributes["jitter"] for toxic in found} == {0}
        return [toxic.attributes["latency"] for toxic in found]

    first = drawn()

    assert first == drawn()
    assert len(set(first)) > 3
    assert all(200 <= delay <= 400 for delay in first)


def test_no_moves_without_jitter(site: Any) -> None:
    """A steady toxic is left alone."""
    assert Poison(("pay_status",), (toxics.answers_lost(),)).moves(site(KIND), 10.0) == ()


@pytest.mark.parametrize("hold_s", [2.0, 10.0, 120.0])
def test_flaps_come_from_the_seed(shop: Any, site: Any, hold_s: float) -> None:
    """A listener opens and closes in turns, several times in any hold, and the same for the same seed."""
    flap = Flap(("pay_status",))
    moves = flap.moves(site(KIND), hold_s)
    again = flap.moves(site(KIND), hold_s)
    times = [move.at_s for move in moves]
    shop.listeners.calls.clear()
    for move in moves:
        move.do()

    assert times == [move.at_s for move in again]
    assert times == sorted(times)
    assert len(times) >= 3
    assert all(0 < at_s < hold_s for at_s in times)
    turns = [call[0] for call in shop.listeners.calls]
    assert turns == ["enable" if number % 2 == 0 else "disable" for number in range(len(turns))]


def test_felt_counts_the_shop_s_own_calls(shop: Any, site: Any) -> None:
    """What went wrong over a link since the injection was felt; what had gone wrong before was not."""
    place = site(KIND)
    shop.answer = lambda _: links(pay_status={"ok": 5, "refused": 2, "lost": 1, "slow": 0})
    place.links = place.counts()
    shop.answer = lambda _: links(pay_status={"ok": 9, "refused": 3, "lost": 1, "slow": 0})

    hit, words = Disable(("pay_status",)).felt(place)

    assert hit == 4  # one in each of two regions, the provider and the worker
    assert words == "4 calls of the shop's over pay_status went wrong"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(links(pay_refund={"ok": 0, "refused": 9}), id="another link"),
        pytest.param(links(pay_status={"ok": 9}), id="all went well"),
        pytest.param(httpx.Response(404), id="a process that does not count"),
        pytest.param(httpx.Response(200, text="<html>"), id="a process that is none of ours"),
    ],
)
def test_never_felt(shop: Any, site: Any, answer: httpx.Response) -> None:
    """A link that nobody used was not felt."""
    shop.answer = lambda _: answer

    assert Disable(("pay_status",)).felt(site(KIND)) == (
        0,
        "no calls of the shop's over pay_status went wrong",
    )


def test_edges_are_for_shoppers_to_tell(site: Any) -> None:
    """Health checks use the edges all the time: they are no witness that a shopper was there."""
    assert Disable(("edge_a",)).felt(site(KIND)) == (0, "")


@pytest.fixture
def listening() -> Iterator[tuple[str, list[socket.socket]]]:
    """Return a server's URL and the connections that it has accepted."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=lambda: held.append(server.accept()[0]))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", held
        thread.join()
        for each in held:
            each.close()


@pytest.mark.parametrize("cuts", [True, False])
def test_drop_watches_a_connection_of_its_own(
    shop: Any, site: Any, listening: tuple[str, list[socket.socket]], cuts: bool, monkeypatch: Any
) -> None:
    """A connection that was held before must be cut; the listener is open again at once."""
    url, held = listening
    monkeypatch.setattr("chaos.faults.links._DROPPED_S", 0.2)
    place = site(FaultKind.RECONNECT_STORM)
    place.world.listeners["edge_a"] = url

    def disable(_: str) -> None:
        while not held:
            pass
        if cuts:
            held[0].close()

    monkeypatch.setattr(shop.listeners, "disable", disable)
    drop = Drop(("edge_a",))
    drop.inject(place)

    assert drop.shows(place).proven is cuts
    assert shop.listeners.calls == [("enable", "edge_a")]


def test_a_drop_that_never_was(site: Any) -> None:
    """Without an injection nothing was seen."""
    assert not Drop(("edge_a",)).shows(site(FaultKind.RECONNECT_STORM)).proven
