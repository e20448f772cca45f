import asyncio
from collections import Counter

import httpx
import msgspec
import pytest

from mock_store.director import Director, Health, director_app
from tests.mock_store.directors import SHOPPERS, watching
from tests.mock_store.lab import Gate, Net, answering, at_once

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("checks", "healthy"),
    [
        ("+", True),
        ("-", False),
        ("--+", True),
        ("+-", True),
        ("+--", False),
        ("+-+-", True),
        ("+--++", False),
        ("+--+++", True),
        ("+--++-+", False),
    ],
    ids=[
        "the first good check is enough",
        "a bad one before it decides nothing",
        "however many looks it took",
        "one failure is bad luck",
        "two in a row are down",
        "two apart are not",
        "two good ones are not enough",
        "three in a row are up",
        "three with a failure between are not",
    ],
)
def test_health_changes_with_hysteresis(checks: str, *, healthy: bool) -> None:
    """Down after two failures in a row, up after three good checks in a row."""
    health = Health(down_after=2, up_after=3)
    for check in checks:
        health.note(good=check == "+")

    assert healthy == health.healthy


async def director_of(net: Net) -> Director:
    """Return a director that has checked once."""
    director = watching(net, at_once)
    await director.check()
    return director


@pytest.fixture
def net() -> Net:
    """Return two healthy edges."""
    return Net(apps={f"edge_{name}": answering(200, b"{}") for name in "ab"})


async def test_shoppers_stick_to_a_region(net: Net) -> None:
    """Each shopper always gets the same region, and both get their share."""
    director = await director_of(net)
    routes = [director.route(shopper).name for shopper in SHOPPERS]

    assert routes == [director.route(shopper).name for shopper in SHOPPERS]
    assert min(Counter(routes).values()) > 60


@pytest.mark.parametrize("fault", ["refused", "lost", "error"])
async def test_only_the_shoppers_of_a_dead_region_move(net: Net, fault: str) -> None:
    """When a fails twice its shoppers go to b; when it is back for three checks they return."""
    director = await director_of(net)
    before = [director.route(shopper).name for shopper in SHOPPERS]
    net.break_(fault, ["edge_a"])
    await director.check()
    await director.check()
    during = {director.route(shopper).name for shopper in SHOPPERS}
    net.heal()
    for _ in range(3):
        await director.check()

    assert {"b"} == during
    assert before == [director.route(shopper).name for shopper in SHOPPERS]


async def test_its_paths(net: Net) -> None:
    """Health, the route of a shopper, and what it thinks of the regions."""
    net.break_("refused", ["edge_a"])
    app = director_app(await director_of(net))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d") as client:
        health = (await client.get("/health")).json()
        route = (await client.get("/route", params={"shopper": "ann"})).json()
        regions = (await client.get("/admin/regions")).json()

    assert health == {"status": "ok"}
    assert route == {"region": "b", "url": "http://edge_b"}
    expected = [("a", "http://edge_a", False), ("b", "http://edge_b", True)]
    assert expected == [(r["name"], r["url"], r["healthy"]) for r in regions["regions"]]


async def test_without_a_healthy_region_there_is_no_route(net: Net) -> None:
    """503 no_region, not a guess."""
    net.break_("refused", ["edge_a", "edge_b"])
    app = director_app(await director_of(net))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d") as client:
        response = await client.get("/route", params={"shopper": "ann"})

    assert (response.status_code, response.json()) == (503, {"error": "no_region"})


async def test_it_watches_until_it_is_stopped(net: Net) -> None:
    """Check, wait for the interval, check again."""
    gate = Gate()
    director = watching(net, gate.sleep)
    watch = asyncio.ensure_future(director.watch_for_ever())
    await gate.reached_by(1)
    checks = len(net.calls)
    gate.open()
    await gate.reached_by(2)
    watch.cancel()

    assert (checks, len(net.calls)) == (2, 4)
    assert gate.asked_s[:2] == [0.25, 0.25]


async def test_a_drained_region_gets_nobody_until_it_is_given_back(net: Net) -> None:
    """POST takes a region out of service, DELETE brings it back; an unknown one is refused."""
    app = director_app(await director_of(net))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d") as client:

        async def routes() -> set[str]:
            answers = [await client.get("/route", params={"shopper": shopper}) for shopper in SHOPPERS[:50]]
            return {answer.json()["region"] for answer in answers}

        drained = (await client.post("/admin/drain", json={"region": "a"})).json()["regions"]
        during = await routes()
        unknown = await client.post("/admin/drain", json={"region": "z"})
        await client.delete("/admin/drain")

        assert [(entry["name"], entry["drained"]) for entry in drained] == [("a", True), ("b", False)]
        assert (during, await routes()) == ({"b"}, {"a", "b"})
        assert (unknown.status_code, unknown.json()["error"]) == (404, "unknown_region")


async def test_a_drained_region_is_better_than_none(net: Net) -> None:
    """When the other one fails, shoppers are sent to the drained one."""
    director = await director_of(net)
    director.drain("a")
    net.break_("refused", ["edge_b"])
    await director.check()
    await director.check()

    assert director.route("ann").name == "a"


@pytest.mark.parametrize(
    ("mode", "least", "most"),
    [({"share": 0.3, "region": "a"}, 30, 90), ({"share": 1, "region": "z"}, 0, 0)],
    ids=["three in ten keep going there", "a region that is not"],
)
async def test_stale_routes_lead_to_a_dead_region(
    net: Net, mode: dict[str, object], least: int, most: int
) -> None:
    """That share of shoppers, always the same ones, is sent there though it is down; each is a hit."""
    net.break_("refused", ["edge_a"])
    director = await director_of(net)
    director.modes.put("stale", msgspec.json.encode(mode))
    lost = [shopper for shopper in SHOPPERS if director.route(shopper).name == "a"]

    assert least <= len(lost) <= most
    assert lost == [shopper for shopper in SHOPPERS if director.route(shopper).name == "a"]
    assert director.modes.report()["hits"]["stale"] == 2 * len(lost)


async def test_health_checks_are_counted_as_calls(net: Net) -> None:
    """Each edge is a link of the director's."""
    net.break_("refused", ["edge_a"])
    director = await director_of(net)

    expected = {"edge_a": {"ok": 0, "refused": 1, "lost": 0, "slow": 0}}
    expected["edge_b"] = {"ok": 1, "refused": 0, "lost": 0, "slow": 0}
    assert expected == director.links.report()
