from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind

KILLED = FaultKind.REGION_KILLED


def network(*, director: str = "healthy", region: int = 200) -> Callable[[httpx.Request], httpx.Response]:
    """Return a network with region a and a director that is healthy, sick of a, or silent."""

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.host != "director":
            return httpx.Response(region, json={})
        if director == "silent":
            raise httpx.ReadTimeout("slow", request=request)
        entry = {"name": "a", "url": "http://edge-a", "healthy": director == "healthy"}
        return httpx.Response(200, json={"regions": [entry], "region": "a" if director == "healthy" else "b"})

    return serve


def test_region_dies_whole(shop: Any, drill: Any) -> None:
    """The listeners are closed before the processes are killed, the last started first."""
    fault = drill(KILLED)
    assert not fault.prove_effect().proven

    fault.inject()
    seen = fault.prove_effect()

    assert shop.listeners.calls == [("disable", "edge_a"), ("disable", "callback_a")]
    assert shop.processes.calls == [("kill", "sweeper_a"), ("kill", "region_a")]
    assert seen.proven
    assert seen.saw == (
        "edge_a refuses connections; callback_a refuses connections; "
        "region_a is gone (exit code -9); sweeper_a is gone (exit code -9)"
    )


def test_the_region_is_the_plan_s(shop: Any, drill: Any) -> None:
    """A fault of region b leaves a alone."""
    drill(FaultKind.REGION_PARTITIONED, region="b").inject()

    struck = {name for _, name, *_ in shop.listeners.calls}

    assert {"edge_b", "callback_b", "sync_a", "sync_b"} == struck


def test_survivor_is_no_proof(shop: Any, drill: Any) -> None:
    """A process that lives on means that the region was not lost."""
    fault = drill(KILLED)
    fault.inject()
    shop.processes.codes["region_a"] = None

    assert "region_a is running" in fault.prove_effect().saw
    assert not fault.prove_effect().proven


def test_heal_order(shop: Any, drill: Any) -> None:
    """Processes start first; listeners open only after the region has answered past them."""
    shop.answer = network()
    fault = drill(KILLED)
    fault.inject()
    shop.processes.calls.clear()
    shop.requests.clear()

    fault.heal()

    assert shop.processes.calls == [("restart", "region_a"), ("restart", "sweeper_a")]
    assert shop.requests == ["GET http://region-a/health"]
    assert shop.listeners.calls[2:] == [("heal", "edge_a"), ("heal", "callback_a")]
    assert fault.prove_heal().proven
    assert fault.prove_heal().saw.endswith("the director calls a healthy")


def test_heal_of_a_region_that_lives(shop: Any, drill: Any) -> None:
    """Healing twice, or after an injection that failed half-way, kills nothing that runs."""
    shop.answer = network()

    drill(KILLED).heal()

    assert shop.processes.calls == []


def test_region_that_stays_down(shop: Any, drill: Any) -> None:
    """A region that does not answer is not healed; its listeners are opened all the same."""
    shop.answer = network(region=503)
    fault = drill(KILLED)
    fault.inject()

    with pytest.raises(RehearsalError, match="does not answer at http://region-a"):
        fault.heal()

    assert not fault.prove_heal().proven


@pytest.mark.parametrize(
    ("director", "saw"),
    [
        pytest.param("sick", "the director calls a down", id="not listed healthy yet"),
        pytest.param("silent", "does not answer (ReadTimeout)", id="director silent"),
    ],
)
@pytest.mark.parametrize("kind", [KILLED, FaultKind.REGION_SLOW, FaultKind.REGION_FLAPPING])
def test_unproven_heal(shop: Any, drill: Any, kind: FaultKind, director: str, saw: str) -> None:
    """A region that gets no shoppers from the director is not back."""
    shop.answer = network(director=director)

    seen = drill(kind).prove_heal()

    assert not seen.proven
    assert saw in seen.saw


@pytest.mark.parametrize(
    ("kind", "director", "proven"),
    [
        pytest.param(FaultKind.SURVIVOR_OVERLOADED, "sick", True, id="all are led to the survivor"),
        pytest.param(FaultKind.SURVIVOR_OVERLOADED, "healthy", False, id="the director has not noticed"),
        pytest.param(FaultKind.ROUTING_STALE, "sick", False, id="nobody keeps the dead address"),
    ],
)
def test_ways_are_proven_by_asking(
    shop: Any, drill: Any, kind: FaultKind, director: str, proven: bool
) -> None:
    """Where shoppers are led is what a canary asks for, forty times."""
    modes: dict[str, dict[str, Any]] = {"modes": {"stale": {}}, "hits": {}}
    ways = network(director=director)
    shop.answer = lambda request: (
        httpx.Response(200, json=modes) if "__fault" in request.url.path else ways(request)
    )
    fault = drill(kind)
    fault.inject()

    assert fault.prove_effect().proven is proven
