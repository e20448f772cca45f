"""Links that do not listen yet: the shop is looked at past them, and that is said."""

import socket
from collections.abc import Callable, Iterator

import pytest

from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Link, LinkRole, Target
from rehearsal.pipeline.tryout.links import links_seen, past_silent_edge, silent_links
from rehearsal.pipeline.tryout.sight import State

Make = Callable[..., Plan]


@pytest.fixture
def listening() -> Iterator[str]:
    """Return a place where somebody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """Return a place where nobody does."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def plan_with(make_plan: Make, url: str, *listens: str) -> Plan:
    """Return a plan with a link of role edge at each place."""
    links = tuple(
        Link(name=f"l{number}", listen=listen, upstream="127.0.0.1:9", role=LinkRole.EDGE)
        for number, listen in enumerate(listens)
    )
    return make_plan().model_copy(update={"target": Target(shop="url", url=url), "links": links})


def test_links_that_listen_are_well(make_plan: Make, listening: str) -> None:
    """Shoppers go through them."""
    plan = plan_with(make_plan, f"http://{listening}", listening)
    quiet = silent_links(plan)

    assert quiet == ()
    assert [sight.state for sight in links_seen(plan, quiet)] == [State.OK]
    assert past_silent_edge(plan, quiet) is plan


def test_links_that_do_not_listen_are_named(make_plan: Make, listening: str, silent: str) -> None:
    """With the command that keeps them up; shoppers go past the one before the shop."""
    plan = plan_with(make_plan, f"http://{silent}/shop", listening, silent)
    quiet = silent_links(plan)
    (sight,) = links_seen(plan, quiet)

    assert sight.state is State.WARN
    assert f"nobody listens on l1 ({silent})" in sight.sentence
    assert "rehearse links up PLAN" in sight.sentence
    assert past_silent_edge(plan, quiet).target.url == "http://127.0.0.1:9/shop"


def test_a_silent_link_elsewhere_changes_no_address(make_plan: Make, listening: str, silent: str) -> None:
    """Only the one that shoppers go through is passed by."""
    plan = plan_with(make_plan, f"http://{listening}", listening, silent)

    assert past_silent_edge(plan, silent_links(plan)) is plan


def test_an_edge_that_shoppers_go_past_is_a_warning(make_plan: Make, listening: str) -> None:
    """A fault on it would strike nobody."""
    plan = plan_with(make_plan, "http://127.0.0.1:9", listening)
    past, listens = links_seen(plan, silent_links(plan))

    assert (past.state, listens.state) == (State.WARN, State.OK)
    assert f"Write target.url = http://{listening}" in past.sentence


def test_a_plan_without_links(make_plan: Make) -> None:
    """Nothing is said of what is not there."""
    plan = plan_with(make_plan, "http://127.0.0.1:9")

    assert links_seen(plan, silent_links(plan)) == ()
