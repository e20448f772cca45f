from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chaos.region_failure import RegionKilled
from rehearsal.model.errors import RehearsalError


def once(condition: Callable[[], bool]) -> bool:
    """Look once instead of waiting."""
    return condition()


def network(*, director: str = "healthy", region: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    """Return a network with region a and a director that is healthy, sick of a, or silent."""

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.host != "director":
            return httpx.Response(region)
        if director == "silent":
            raise httpx.ReadTimeout("slow", request=request)
        entry = {"name": "a", "url": "http://edge-a", "healthy": director == "healthy"}
        return httpx.Response(200, json={"regions": [entry]})

    return serve


def test_region_dies_whole(shop: Any) -> None:
    """The listeners are closed before the processes are killed, the last started first."""
    drill = RegionKilled(shop.world, "a", wait_back=once)
    assert not drill.prove_effect().proven

    drill.inject()
    seen = drill.prove_effect()

    assert shop.listeners.calls == [("disable", "edge_a"), ("disable", "callback_a")]
    assert shop.processes.calls == [("kill", "sweeper_a"), ("kill", "region_a")]
    assert seen.proven
    assert seen.saw == (
        "edge_a refuses connections; region_a is gone (exit code -9); sweeper_a is gone (exit code -9)"
    )


def test_survivor_is_no_proof(shop: Any) -> None:
    """A process that lives on means that the region was not lost."""
    drill = RegionKilled(shop.world, "a", wait_back=once)
    drill.inject()
    shop.processes.codes["region_a"] = None

    assert "region_a is running" in drill.prove_effect().saw
    assert not drill.prove_effect().proven


def test_heal_order(shop: Any) -> None:
    """Processes start first; listeners open only after the region has answered past them."""
    shop.answer = network()
    drill = RegionKilled(shop.world, "a", wait_back=once)
    drill.inject()
    shop.processes.calls.clear()

    drill.heal()

    assert shop.processes.calls == [("restart", "region_a"), ("restart", "sweeper_a")]
    assert shop.requests == ["GET http://region-a/health"]
    assert shop.listeners.calls[2:] == [("heal", "edge_a"), ("heal", "callback_a")]
    assert drill.prove_heal().proven
    assert drill.prove_heal().saw == "edge_a answers 200; the director calls a healthy"


def test_heal_of_a_region_that_lives(shop: Any) -> None:
    """Healing twice, or after an injection that failed half-way, kills nothing that runs."""
    shop.answer = network()

    RegionKilled(shop.world, "a", wait_back=once).heal()

    assert shop.processes.calls == []


def test_region_that_stays_down(shop: Any) -> None:
    """Shoppers are not sent to a region that does not answer."""
    shop.answer = network(region=503)
    drill = RegionKilled(shop.world, "a", wait_back=once)
    drill.inject()

    with pytest.raises(RehearsalError, match="does not answer at http://region-a"):
        drill.heal()

    assert {"edge_a", "callback_a"} == shop.listeners.closed


@pytest.mark.parametrize(
    ("director", "saw"),
    [
        pytest.param("sick", "the director calls a down", id="not listed healthy yet"),
        pytest.param("silent", "the director does not answer (ReadTimeout)", id="director silent"),
    ],
)
def test_unproven_heal(shop: Any, director: str, saw: str) -> None:
    """A region that gets no shoppers from the director is not back."""
    shop.answer = network(director=director)

    seen = RegionKilled(shop.world, "a", wait_back=once).prove_heal()

    assert not seen.proven
    assert saw in seen.saw


def test_default_wait(shop: Any) -> None:
    """Without another way of waiting the drill looks until it is answered."""
    shop.answer = network()
    drill = RegionKilled(shop.world, "a")

    drill.heal()

    assert drill.name == "region_killed"
    assert drill.effect.endswith(".")
