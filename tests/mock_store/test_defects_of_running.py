"""The shop's bugs of queues, health, routing and retries, each beside the correct shop."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_store.assembly import World, open_region
from mock_store.defects import Defect
from mock_store.front import Front
from mock_store.region import Region
from mock_store.service_time import ServiceTime
from tests.mock_store.directors import SHOPPERS, watching
from tests.mock_store.lab import Gate, Lab, Net, answering, open_lab, region_config

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("defects", "asked"), [([], 3), ([Defect.NO_CIRCUIT_BREAKER], 6)], ids=["breaker", "none"]
)
async def test_no_circuit_breaker_goes_on_asking(tmp_path: Path, defects: list[Defect], asked: int) -> None:
    """After three refusals a correct shop refuses payments without asking."""
    async with open_lab(tmp_path, defects=defects) as lab:
        orders = [await lab.bought(f"s{n}") for n in range(6)]
        lab.net.break_("refused", ["authorize"])
        answers = [
            (await lab.pay(order_id, shopper=f"s{n}")).json()["error"] for n, order_id in enumerate(orders)
        ]
        calls = lab.net.calls.count("authorize/authorize")

    assert answers == ["payment_unavailable"] * 6
    assert asked == calls


@pytest.mark.parametrize(("defects", "asked"), [([], 1), ([Defect.RETRY_STORM], 8)], ids=["once", "storm"])
async def test_retry_storm_asks_eight_times(tmp_path: Path, defects: list[Defect], asked: int) -> None:
    """A lost answer is asked about later by a correct shop, not asked for again at once."""
    async with open_lab(tmp_path, defects=defects) as lab:
        order_id = await lab.bought("ann")
        lab.net.break_("dropped", ["capture"])
        await lab.pay(order_id)
        calls = lab.net.calls.count("capture/capture")

    assert asked == calls


async def test_a_storm_does_not_wait_between_looks(tmp_path: Path) -> None:
    """A correct reconciler leaves a provider that does not answer alone for 300 ms."""
    looks = []
    for number, defects in enumerate(([], [Defect.RETRY_STORM])):
        folder = tmp_path / str(number)
        async with open_lab(folder, defects=defects) as lab:
            order_id = await lab.bought("ann")
            lab.net.break_("refused", ["capture", "status"])
            await lab.pay(order_id)
            await lab.tick()
            await lab.tick()
            looks.append(lab.net.calls.count("status/payments"))

    assert looks == [1, 2]


@pytest.mark.parametrize(("defects", "queue"), [([], 7), ([Defect.UNBOUNDED_QUEUE], 0)], ids=["7", "all"])
async def test_unbounded_queue_lets_everybody_wait(tmp_path: Path, defects: list[Defect], queue: int) -> None:
    """The bound of the plan is not kept."""
    config = msgspec.structs.replace(region_config(tmp_path, defects=defects), queue=7)
    async with open_region(config, World(sleep=Gate().sleep)) as region:
        assert queue == servers_of(region)._queue


def servers_of(region: Region) -> ServiceTime:
    """Return a region's station, which is of servers that work alone unless a plan says otherwise."""
    assert isinstance(region.station, ServiceTime)
    return region.station


async def lost_servers(lab: Lab) -> int:
    """Return how many servers are gone after a payment that was left pending."""
    station = servers_of(lab.regions["a"])
    before = len(station._free)
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    await lab.pay(order_id)
    return before - len(station._free)


@pytest.mark.parametrize(("defects", "lost"), [([], 0), ([Defect.CONNECTION_LEAK], 1)], ids=["none", "one"])
async def test_connection_leak_loses_a_server(tmp_path: Path, defects: list[Defect], lost: int) -> None:
    """A payment that is left pending keeps its server for ever, and the good ones before it do not."""
    async with open_lab(tmp_path, defects=defects) as lab:
        assert lost == await lost_servers(lab)


async def test_when_all_servers_have_leaked_the_station_is_stuck(tmp_path: Path) -> None:
    """Nobody is served any more; what is left to lose is nothing."""
    async with open_lab(tmp_path, defects=[Defect.CONNECTION_LEAK]) as lab:
        station = servers_of(lab.regions["a"])
        for _ in range(9):
            station.leak()

        assert (len(station._free), station.busy) == (0, True)


@pytest.mark.parametrize(("defects", "kept"), [([], None), ([Defect.MEMORY_LEAK], 2)], ids=["none", "two"])
async def test_memory_leak_keeps_something_of_every_request(
    tmp_path: Path, defects: list[Defect], kept: int | None
) -> None:
    """Two pages are two pieces, and health checks none."""
    async with open_lab(tmp_path, defects=defects) as lab:
        front: Any = lab.clients["a"]._transport
        for path in ("/products/mug", "/products/pen", "/health"):
            await lab.get(path)
        leaks = front.app._leaks

    assert isinstance(front.app, Front)
    assert kept == (None if leaks is None else len(leaks._kept))


@pytest.mark.parametrize(
    ("defects", "status"), [([], 503), ([Defect.HEALTH_ALWAYS_YES], 200)], ids=["the truth", "yes"]
)
async def test_health_always_yes(tmp_path: Path, defects: list[Defect], status: int) -> None:
    """A correct region whose database is down says so."""
    async with open_lab(tmp_path, defects=defects) as lab:
        lab.regions["a"].modes.put("database_down", b"")

        assert status == (await lab.clients["a"].get("/health")).status_code


@pytest.mark.parametrize(
    ("defects", "during"), [((), {"b"}), ((Defect.STALE_ROUTING,), {"a", "b"})], ids=["fresh", "stale"]
)
async def test_stale_routing_sends_shoppers_to_a_dead_region(
    defects: tuple[Defect, ...], during: set[str]
) -> None:
    """Two failed checks are enough for a correct director; the bug acts after 30 s."""
    net = Net(apps={f"edge_{name}": answering(200, b"{}") for name in "ab"})
    director = watching(net, Gate().sleep, defects)
    await director.check()
    net.break_("refused", ["edge_a"])
    for _ in range(3):
        await director.check()
    early = {director.route(shopper).name for shopper in SHOPPERS}
    for _ in range(120):
        await director.check()

    assert during == early
    assert {director.route(shopper).name for shopper in SHOPPERS} == {"b"}
