"""Faults on the links of somebody's own shop: struck by role, proven by each link's probe, healed."""

from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from chaos.catalogue import drill_of
from chaos.faults.by_role import MECHANISMS, definition_on, described_on_links
from chaos.faults.composed import Composed
from chaos.faults.site import Site
from chaos.link_use import LinkUse
from chaos.world import World
from rehearsal.model.errors import RehearsalError
from rehearsal.model.faults import FaultKind
from rehearsal.model.link_check import ROLE_OF
from rehearsal.model.plan import Command, Fault, ToxicWish
from rehearsal.model.plan_shop import Link, LinkRole, Probe

PLACE = {LinkRole.PAYMENT: "psp", LinkRole.DATABASE: "db", LinkRole.EDGE: "front", LinkRole.OTHER: "mail"}
LINKS = {
    name: Link(name=name, upstream="up:1", listen=f"{name}:80", role=role, probe=Probe.HTTP)
    for role, name in PLACE.items()
}


@dataclass
class Foreign:
    """A shop of somebody else's, with a link of each role."""

    shop: Any
    links: dict[str, Link] = field(default_factory=lambda: dict(LINKS))
    opened: int = 0

    @property
    def world(self) -> World:
        """Return its world: no regions, no processes of ours."""
        bare: World = self.shop.world
        return replace(
            bare,
            provider_url="",
            provider2_url="",
            director_url="",
            worker_url="",
            regions={},
            listeners={name: f"http://{link.listen}" for name, link in self.links.items()},
            links=self.links,
            use=LinkUse(self.links, lambda: {"psp": 0}, lambda _: self.opened),
        )


@pytest.fixture
def foreign(shop: Any) -> Foreign:
    """Return such a shop."""
    # A page long enough to be cut and slowed, and no 200: any status is an answer.
    shop.answer = lambda _: httpx.Response(404, text="not here " * 20)
    return Foreign(shop)


def fault(kind: FaultKind, **more: Any) -> Fault:
    """Return a fault."""
    return Fault(kind=kind, phase="p", hold_s=1.0, recover_within_s=1.0, **more)


@pytest.mark.parametrize("kind", list(MECHANISMS))
def test_each_strikes_its_role_is_met_and_healed(kind: FaultKind, foreign: Foreign) -> None:
    """Nothing but the links of its role is touched; the canary is hit, then served."""
    asked, name = fault(kind), PLACE[ROLE_OF[kind]]
    site = Site(foreign.world, asked, now_s=lambda: foreign.shop.now_s)
    drill = Composed(definition_on(asked, LINKS.values()), site)
    before = drill.prove_effect()
    drill.inject()
    during = drill.prove_effect()
    drill.heal()
    after = drill.prove_heal()

    assert (before.proven, during.proven, after.proven) == (False, True, True), (before, during, after)
    assert {call[1] for call in foreign.shop.listeners.calls} == {name}


def test_a_plan_can_name_just_what_is_made() -> None:
    """The plan's check and the making of faults know the same kinds."""
    assert set(MECHANISMS) == set(ROLE_OF)


def test_one_link_of_a_role(foreign: Foreign) -> None:
    """`listener` spares the others of its role."""
    foreign.links["capture"] = LINKS["psp"].model_copy(update={"name": "capture", "listen": "capture:80"})
    drill_of(fault(FaultKind.PAYMENT_UNREACHABLE, listener="capture"), foreign.world).inject()

    assert foreign.shop.listeners.closed == {"capture"}


def test_a_toxic_of_the_plan_s(foreign: Foreign) -> None:
    """It goes to the link that is named, whatever its role."""
    wish = ToxicWish(type="latency", attributes={"latency": 300, "jitter": 0})
    drill = drill_of(fault(FaultKind.TOXIC, listener="mail", toxic=wish), foreign.world)
    drill.inject()

    assert [toxic.kind for toxic in foreign.shop.listeners.toxics["mail"]] == ["latency"]


def test_a_command_is_no_matter_of_links(foreign: Foreign) -> None:
    """It is carried out as ever."""
    command = Command(inject="true", undo="true", prove="true", prove_healed="true")
    drill_of(fault(FaultKind.COMMAND, command=command), foreign.world).inject()

    assert list(foreign.shop.processes.owed) == ["command-p-1"]
    assert foreign.shop.listeners.calls == []


@pytest.mark.parametrize(
    ("opened", "says"), [(0, "nobody had used psp before: is the shop pointed"), (2, "psp was in use before")]
)
def test_nobody_but_shoppers_can_tell(foreign: Foreign, opened: int, says: str) -> None:
    """Another shop counts no calls for us: that it used the link is told, not that it was hit."""
    foreign.opened = opened
    drill: Any = drill_of(fault(FaultKind.PAYMENT_UNREACHABLE), foreign.world)
    drill.inject()
    felt = drill.felt()

    assert (felt.proven, says in felt.saw, "db" in felt.saw) == (False, True, False)


def test_a_link_that_is_stuck(foreign: Foreign) -> None:
    """A healing that fails is raised: the nemesis tries again and tells."""
    drill = drill_of(fault(FaultKind.DATABASE_DOWN), foreign.world)
    foreign.shop.listeners.fails.add("db")

    with pytest.raises(RehearsalError, match="db is stuck"):
        drill.heal()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.DATABASE_DOWN, "close every link of the role database"),
        (FaultKind.TOXIC, "the plan's `toxic` on the link that `listener` names"),
        (FaultKind.CALLBACK_LOST, ""),
    ],
)
def test_in_words(kind: FaultKind, words: str) -> None:
    """What links are not enough for has none."""
    assert described_on_links(kind) == words
