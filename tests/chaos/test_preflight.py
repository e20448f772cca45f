"""What must be so before a drill, seen good and seen bad."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import httpx
import pytest

from chaos.preflight import Looked, clocks_looked, recent, shop_looked, toxiproxy_looked
from chaos.toxics import Toxic, answers_lost
from chaos.toxiproxy import ListenerState, Toxiproxy
from rehearsal.model.errors import Unreachable
from rehearsal.model.plan_shop import Link, Probe

NOW = datetime(2026, 11, 11, 12, 0, tzinfo=UTC)


class Api:
    """A Toxiproxy with one listener."""

    url = "http://toxiproxy"

    def __init__(
        self, *, version: str = "2.12.0", toxics: tuple[Toxic, ...] = (), wedged: bool = False
    ) -> None:
        """Take what it says."""
        self._version, self._toxics, self._wedged = version, toxics, wedged

    def version(self) -> str:
        """Return the version."""
        return self._version

    def states(self) -> dict[str, ListenerState]:
        """Return the listener, unless wedged."""
        if self._wedged:
            raise Unreachable("it is wedged")
        state = ListenerState(
            name="edge_a", listen="edge-a:1", upstream="a:1", enabled=True, toxics=self._toxics
        )
        return {"edge_a": state}


def http(status: int = 200, **headers: str) -> httpx.Client:
    """Return a network in which everything answers alike."""
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status, headers=headers)))


def test_links_are_asked_as_the_plan_says() -> None:
    """Behind a link any status is an answer: another shop's provider may have no page for us."""
    link = Link(name="edge_a", upstream="a:1", listen="edge-a:1", probe=Probe.HTTP)
    toxiproxy: Toxiproxy = Api()  # type: ignore[assignment]
    looks = [*toxiproxy_looked(toxiproxy, http(404), ["edge_a"], {"edge_a": link})]

    assert {look.name: look.good for look in looks}["upstreams"]


def looked(api: Api, client: httpx.Client) -> dict[str, bool]:
    """Return what was looked at, and whether it was good."""
    toxiproxy: Toxiproxy = api  # type: ignore[assignment]
    return {look.name: look.good for look in toxiproxy_looked(toxiproxy, client)}


@pytest.mark.parametrize(
    ("api", "client", "expected"),
    [
        pytest.param(Api(), http(), {"api": True, "toxics": True, "upstreams": True}, id="all is well"),
        pytest.param(
            Api(version="2.5.0"), http(), {"api": False, "toxics": True, "upstreams": True}, id="too old"
        ),
        pytest.param(
            Api(toxics=(answers_lost(),)),
            http(),
            {"api": True, "toxics": False, "upstreams": True},
            id="a toxic was left",
        ),
        pytest.param(
            Api(), http(503), {"api": True, "toxics": True, "upstreams": False}, id="a server is unwell"
        ),
        pytest.param(Api(wedged=True), http(), {"api": False}, id="the control API hangs"),
    ],
)
def test_toxiproxy(api: Api, client: httpx.Client, expected: dict[str, bool]) -> None:
    """Each thing is told by itself."""
    assert looked(api, client) == expected


@pytest.mark.parametrize(
    ("names", "there"),
    [
        pytest.param(["edge_a"], True, id="it is there"),
        pytest.param(["edge_a", "edge_x"], False, id="one is not"),
    ],
)
def test_somebody_s_own_toxiproxy(names: list[str], there: bool) -> None:
    """Only the plan's listeners are looked at, and each must be there."""
    toxiproxy: Toxiproxy = Api()  # type: ignore[assignment]
    looks = {look.name: look.good for look in toxiproxy_looked(toxiproxy, http(), names)}

    assert looks == {"api": True, "listeners": there, "toxics": True, "upstreams": True}


@pytest.mark.parametrize(
    ("version", "expected"), [("2.5.9", False), ("2.6.0", True), ("10.1.0", True), ("git", True)]
)
def test_versions(version: str, expected: bool) -> None:
    """2.6 brought PATCH; what was built from source does not know its number."""
    assert recent(version) == expected


@pytest.mark.parametrize(
    ("real", "good"),
    [
        pytest.param([0, 100_000_000], True, id="alike"),
        pytest.param([0, 3_700_000_000], False, id="the time of day was set"),
    ],
)
def test_own_clocks(real: list[int], good: bool) -> None:
    """A time of day that jumps would put two times on one event."""
    monotonic, hands = iter([5, 100_000_005]), iter(real)

    assert clocks_looked(lambda: next(monotonic), lambda: next(hands), lambda: None).good == good


def _dead(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused", request=request)


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        pytest.param(lambda: http(200), [("shop", True)], id="it does not tell the time"),
        pytest.param(
            lambda: http(200, date="Wed, 11 Nov 2026 12:00:02 GMT"),
            [("shop", True), ("clocks", True)],
            id="its clock is ours",
        ),
        pytest.param(
            lambda: http(500, date="Wed, 11 Nov 2026 13:00:00 GMT"),
            [("shop", True), ("clocks", False)],
            id="its clock is an hour ahead",
        ),
        pytest.param(lambda: http(200, date="soon"), [("shop", True)], id="its date is none"),
        pytest.param(
            lambda: httpx.Client(transport=httpx.MockTransport(_dead)),
            [("shop", False)],
            id="nobody is there",
        ),
    ],
)
def test_another_shop(client: Callable[[], httpx.Client], expected: list[tuple[str, bool]]) -> None:
    """A shop of somebody's own is asked once, from here."""
    looks: list[Looked] = list(shop_looked(client(), "http://shop", NOW))

    assert [(look.name, look.good) for look in looks] == expected


def test_of_a_shop_s_page_its_head_is_enough() -> None:
    """A body that drips would keep the drill from beginning, and nobody is to read it."""

    def dripping() -> Iterator[bytes]:
        raise AssertionError("the body is read")
        yield b""

    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=dripping())))

    assert [look.saw for look in shop_looked(client, "http://shop/")] == ["http://shop/ answers 200"]
