from pathlib import Path

import pytest

from rehearsal.pipeline.shop_links import LISTENERS, Links, held_links, lay_links, pool_names

PORTS = tuple(range(20000, 20025))


@pytest.fixture
def links() -> Links:
    """Return the links of a drill."""
    return lay_links(PORTS)


def test_every_link_has_a_listener() -> None:
    """Each arrow and class of request; where money is taken the first provider has three ways in."""
    first = "pay_authorize pay_authorize_2 pay_authorize_3 pay_capture pay_capture_2 pay_capture_3"
    second = "pay2_authorize pay2_capture pay2_status pay2_refund sync_a sync_b"

    assert (
        "edge_a",
        "edge_b",
        "callback_a",
        "callback_b",
        *first.split(),
        "pay_status",
        "pay_refund",
        *second.split(),
    ) == LISTENERS


def test_each_has_a_port_of_its_own(links: Links) -> None:
    """The director's is the first, Toxiproxy's the last."""
    servers = [links.director, links.provider, *links.regions.values(), links.provider2, links.worker]
    used = [*servers, *links.listeners.values(), links.toxiproxy]

    assert used == [f"http://127.0.0.1:{port}" for port in PORTS]


@pytest.mark.parametrize(
    ("listener", "server"),
    [
        ("edge_a", "region_a"),
        ("callback_b", "region_b"),
        ("sync_b", "region_b"),
        ("pay_authorize", "provider"),
        ("pay_capture_3", "provider"),
        ("pay2_status", "provider2"),
    ],
)
def test_what_is_behind_a_listener(links: Links, listener: str, server: str) -> None:
    """The process that the link calls."""
    servers = {f"region_{name}": url for name, url in links.regions.items()}
    servers |= {"provider": links.provider, "provider2": links.provider2}

    assert servers[server] == links.upstream_of(listener)


def test_a_shop_by_itself_calls_its_processes_directly(tmp_path: Path) -> None:
    """Without listeners a link's address is that of the process behind it."""
    with held_links(0, tmp_path, direct=True) as links:
        assert links.listeners == {name: links.upstream_of(name) for name in LISTENERS}
        assert links.endpoints.ledger_url == (links.provider, links.provider2)


def test_only_what_takes_money_has_a_pool() -> None:
    """A status is asked for in one way."""
    assert pool_names("status") == ("pay_status",)
