from collections.abc import Callable

import pytest

from mock_store.gauges import FAMILIES
from rehearsal.model.clock import SystemClock
from rehearsal.model.plan import Plan
from rehearsal.model.plan_capacity import Capacity, Resource
from rehearsal.model.plan_shop import Target
from rehearsal.pipeline import mock_resources
from rehearsal.pipeline.mock_resources import gauges_of, resources_of, units_of
from rehearsal.pipeline.shop_links import Links, lay_links

LINKS = lay_links(tuple(range(20000, 20025)))
OWN = Resource(name="heap", series="jvm_bytes", limit=4e9)


@pytest.fixture
def mock(make_plan: Callable[..., Plan]) -> Plan:
    """Return a plan of the mock shop with five servers a region."""
    plan = make_plan()
    return plan.model_copy(update={"store": plan.store.model_copy(update={"servers": 5})})


@pytest.fixture
def foreign(mock: Plan) -> Plan:
    """Return a plan of somebody else's shop."""
    return mock.model_copy(update={"target": Target(shop="url", url="http://127.0.0.1:1")})


def test_of_the_mock_shop_what_it_says_is_read(mock: Plan) -> None:
    """Each series is one of the shop's, a counter if its growth is read; servers are those of two regions."""
    kinds = {name: kind for name, kind, _ in FAMILIES}
    found = resources_of(mock)

    assert {resource.name: resource.limit for resource in found if resource.name != "cpu"} == {
        "servers": 10,
        "db_connections": 2,
        "bandwidth_sent": 250e6,
        "bandwidth_received": 250e6,
    }
    assert all((kinds[resource.series] == "counter") == resource.rate for resource in found)


def test_each_is_counted_in_a_unit(mock: Plan, foreign: Plan) -> None:
    """Of the mock shop all; of another those of which its plan says it."""
    own = Capacity(resources=(OWN, OWN.model_copy(update={"name": "heap 2", "unit": "GiB"})))

    assert units_of(mock) == {
        "cpu": "cores",
        "servers": "servers",
        "db_connections": "connections",
        "bandwidth_sent": "bytes/s",
        "bandwidth_received": "bytes/s",
    }
    assert units_of(foreign.model_copy(update={"capacity": own})) == {"heap": "", "heap 2": "GiB"}


def test_what_a_plan_names_comes_instead(mock: Plan, foreign: Plan) -> None:
    """Of whichever shop; of another that names nothing nothing is known."""
    named = {"capacity": Capacity(resources=(OWN,))}

    assert resources_of(mock.model_copy(update=named)) == (OWN,)
    assert resources_of(foreign.model_copy(update=named)) == (OWN,)
    assert resources_of(foreign) == ()


@pytest.mark.parametrize(
    ("metrics", "links", "expected"),
    [
        ("", LINKS, f"{LINKS.director}/metrics"),  # the mock shop's own
        ("http://127.0.0.1:9/m", LINKS, "http://127.0.0.1:9/m"),  # what the plan names comes first
        ("http://127.0.0.1:9/m", None, "http://127.0.0.1:9/m"),
        ("", None, ""),
    ],
)
def test_where_it_is_read(
    mock: Plan, monkeypatch: pytest.MonkeyPatch, metrics: str, links: Links | None, expected: str
) -> None:
    """One endpoint for the whole shop; without any nothing is read."""
    asked: list[str] = []
    monkeypatch.setattr(mock_resources, "endpoint", lambda url, **_: asked.append(url))
    plan = mock.model_copy(update={"capacity": Capacity(metrics=metrics)})
    found = gauges_of(
        plan, links, clock=SystemClock(), origin_ns=0, record=lambda _: None, headers={"X": "y"}
    )

    assert (asked, bool(found.limits)) == ([expected], bool(expected))
