"""What a region says of its resources, and the director of all regions, read by Prometheus' own reader."""

import asyncio
from pathlib import Path

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mock_store.assembly import World, open_region
from mock_store.director import director_app
from mock_store.front import Front
from mock_store.gauges import CONTENT_TYPE, FAMILIES, readings
from mock_store.storage import Storage
from tests.mock_store.directors import CONFIG, watching
from tests.mock_store.lab import Gate, Lab, Net, StillClock, answering, at_once, region_config

pytestmark = pytest.mark.anyio

TWO = msgspec.structs.replace(CONFIG, gauges={"a": "http://a", "b": "http://b"})


def read(text: str) -> dict[tuple[str, str], float]:
    """Return the value of each series by name and region."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, sample.labels["region"]): sample.value for sample in samples}


async def test_a_region_says_what_it_uses(lab: Lab) -> None:
    """Every series once, with its type, in the format that is asked for everywhere."""
    await lab.bought("ann")
    response = await lab.clients["a"].get("/metrics")
    families = {family.name: family.type for family in text_string_to_metric_families(response.text)}
    used = read(response.text)

    assert response.headers["content-type"] == CONTENT_TYPE
    assert families == {name.removesuffix("_total"): kind for name, kind, _ in FAMILIES}
    assert used.keys() == {(name, "a") for name, *_ in FAMILIES}
    assert all(used[name, "a"] > 0 for name in ("shop_cpu_seconds_total", "shop_db_busy_seconds_total"))


async def test_bytes_are_those_on_the_wire(lab: Lab) -> None:
    """Heads and bodies of a request and its answer, as HTTP/1.1 writes them, and of nobody who only looks."""
    client = lab.clients["a"]
    await client.get("/admin/stock")
    request = client.build_request("POST", "/carts/ann/items?x=1", json={"sku": "mug", "qty": 1})
    response = await client.send(request)
    await client.get("/health")
    used = (await client.get("/admin/gauges")).json()
    asked = b"POST /carts/ann/items?x=1 HTTP/1.1\r\n" + _head(request.headers) + request.content
    answered = f"HTTP/1.1 {response.status_code} \r\n".encode() + _head(response.headers) + response.content

    assert (response.status_code, used["shop_in_flight"]) == (400, 0)
    assert (used["shop_received_bytes_total"], used["shop_sent_bytes_total"]) == (len(asked), len(answered))


async def test_who_is_served_and_who_waits_is_seen_while_it_is_so(tmp_path: Path) -> None:
    """One server, three requests, half a second later: one is worked at, two wait."""
    gate, clock = Gate(), StillClock()
    config = msgspec.structs.replace(region_config(tmp_path), servers=1, service_ms=1000, law="deterministic")
    async with open_region(config, World(now_ns=clock.now_ns, sleep=gate.sleep)) as region:
        transport = httpx.ASGITransport(Front(region))
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            visits = [asyncio.ensure_future(client.get("/products/mug")) for _ in range(3)]
            await gate.reached_by(1)
            clock.advance(0.5)
            used = readings(region)
            gate.open()
            await asyncio.gather(*visits)

    assert (used["shop_in_flight"], used["shop_station_waiting"]) == (3, 2)
    assert used["shop_station_busy_seconds_total"] == 0.5


async def test_a_connection_is_in_use_while_it_writes(tmp_path: Path) -> None:
    """From the beginning of a transaction to its end, by the clock: a unit of work that takes 250 ms."""
    clock = StillClock()
    storage = Storage(tmp_path / "t.sqlite", schema=(), now_ns=clock.now_ns)
    during: list[int] = []

    def work(_: object) -> None:
        clock.advance(0.25)
        during.append(storage.in_use)

    await storage.write(work)
    # The writer has counted the first when it begins with the next.
    await storage.write(lambda _: during.append(storage.busy_ns))
    storage.close()

    assert (during, storage.in_use) == ([1, 250_000_000], 0)


async def test_the_director_speaks_for_all_regions() -> None:
    """A series a region; past the edges, over which shoppers come."""
    net = Net()
    net.apps.update({name: answering(200, b'{"shop_in_flight": %d}' % at) for at, name in enumerate("ab", 4)})
    text = await metrics_of(net)

    assert read(text) == {("shop_in_flight", "a"): 4, ("shop_in_flight", "b"): 5}
    assert net.calls == ["a/admin/gauges", "b/admin/gauges"]


@pytest.mark.parametrize("fault", ["refused", "dropped", "error", "garbled"])
async def test_a_region_that_is_gone_is_left_out(fault: str) -> None:
    """What the other says is no less true, and no link is counted for it."""
    net = Net()
    net.apps.update(dict.fromkeys("ab", answering(200, b'{"shop_in_flight": 4}')))
    net.break_(fault, "b")

    assert read(await metrics_of(net)) == {("shop_in_flight", "a"): 4}


async def metrics_of(net: Net) -> str:
    """Return what a director of the regions a and b says."""
    director = watching(net, at_once)
    director._config = TWO
    transport = httpx.ASGITransport(director_app(director))
    async with httpx.AsyncClient(transport=transport, base_url="http://director") as client:
        response = await client.get("/metrics")
    assert director.links.report() == {}
    return response.text


def _head(headers: httpx.Headers) -> bytes:
    return b"".join(name + b": " + value + b"\r\n" for name, value in headers.raw) + b"\r\n"
