"""What a plan's links may say, and which faults they are enough for."""

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.faults import FaultKind
from rehearsal.model.link_check import ROLE_OF, edge_missed, fault_mistake, past_edge, place_of, struck
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.plan_check import check_plan, warnings_of
from rehearsal.model.plan_shop import Link, LinkRole

TARGET = '[target]\nshop = "url"\nurl = "http://127.0.0.1:8000"\nallow = ["psp.example"]\n'
PSP = '[[links]]\nname = "psp"\nupstream = "psp.example:443"\nlisten = "127.0.0.1:9443"\nrole = "payment"\n'
DB = '[[links]]\nname = "db"\nupstream = "127.0.0.1:5432"\nlisten = "localhost:15432"\nrole = "database"\n'


def link(name: str, role: LinkRole, listen: str = "127.0.0.1:1") -> Link:
    """Return a link."""
    return Link(name=name, upstream="127.0.0.1:2", listen=listen, role=role)


LINKS = (
    link("authorize", LinkRole.PAYMENT),
    link("capture", LinkRole.PAYMENT),
    link("db", LinkRole.DATABASE),
)


def fault(kind: FaultKind, **more: object) -> Fault:
    """Return a fault."""
    return Fault.model_validate({"kind": kind, "phase": "p", "hold_s": 1.0, "recover_within_s": 1.0, **more})


def checked(plan_text: str, tables: str = TARGET + PSP + DB) -> Plan:
    """Check the small plan for another shop."""
    text = plan_text.replace("[traffic]", f"{tables}[traffic]")
    return check_plan(text, source="p.toml", curves=("c.csv",))


def test_links_as_they_should_be(plan_text: str) -> None:
    """Another host is allowed by name; payment_unreachable has the link it needs."""
    assert [each.name for each in checked(plan_text).links] == ["psp", "db"]


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        pytest.param(PSP, "links: have no use: the mock shop's links are", id="the mock shop"),
        pytest.param(
            TARGET + 'toxiproxy = "http://127.0.0.1:8474"\n' + PSP, "target.toxiproxy: has no use", id="two"
        ),
        pytest.param(TARGET + PSP + PSP, "links[1].name: is used twice: 'psp'", id="a name twice"),
        pytest.param(TARGET + PSP + PSP, "links[1].listen: is used twice", id="an address twice"),
        pytest.param(
            TARGET + PSP.replace("9443", "0"), "links[0].listen: has no port between 1", id="no port"
        ),
        pytest.param(
            TARGET + PSP.replace(":443", ":65536"), "upstream: has no port between 1", id="no such port"
        ),
        pytest.param(
            TARGET + PSP.replace("127.0.0.1", "10.0.0.1"), "listen: is not on this machine", id="a far listen"
        ),
        pytest.param(
            TARGET + PSP.replace("psp.", "bank."),
            "leads to bank.example, which is not this machine",
            id="far",
        ),
        pytest.param(
            TARGET + PSP.replace("psp.example:443", "127.0.0.1:9443"), "would lead to itself", id="a circle"
        ),
        pytest.param(TARGET + PSP.replace("9443", "x"), "listen: must match", id="no address"),
        pytest.param(
            TARGET + DB, "strikes links of the role payment; of these there are db (database)", id="no role"
        ),
    ],
)
def test_contradictions(plan_text: str, tables: str, says: str) -> None:
    """Each is named with its place."""
    with pytest.raises(PlanError) as caught:
        checked(plan_text, tables)

    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        pytest.param(fault(FaultKind.PAYMENT_SLOW), "", id="by role"),
        pytest.param(fault(FaultKind.PAYMENT_SLOW, listener="capture"), "", id="one of a role"),
        pytest.param(fault(FaultKind.TOXIC, listener="db"), "", id="a toxic"),
        pytest.param(fault(FaultKind.TOXIC), "needs a listener: authorize (payment), capture", id="nowhere"),
        pytest.param(fault(FaultKind.TOXIC, listener="x"), "'x', which is no link of the plan", id="no link"),
        pytest.param(
            fault(FaultKind.DATABASE_DOWN, listener="x"), "'x', which is no link of the plan", id="no such"
        ),
        pytest.param(
            fault(FaultKind.DATABASE_DOWN, listener="capture"), "links of the role database", id="other role"
        ),
        pytest.param(fault(FaultKind.REGION_SLOW), "strikes links of the role edge", id="no edge"),
        pytest.param(
            fault(FaultKind.CALLBACK_LOST), "of the kind callback_lost needs more than a broken", id="more"
        ),
        pytest.param(fault(FaultKind.PAYMENT_SLOW, region="b"), "links know of none", id="a region"),
        pytest.param(
            fault(FaultKind.PAYMENT_SLOW, toxic={"type": "noop"}), "has a toxic or a command", id="a stranger"
        ),
    ],
)
def test_faults_on_links(asked: Fault, says: str) -> None:
    """What links are not enough for is refused with the reason, never done by halves."""
    found = fault_mistake(asked, LINKS)

    assert (says in found, bool(found)) == (True, bool(says))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        pytest.param(fault(FaultKind.PAYMENT_SLOW), ["authorize", "capture"], id="all of the role"),
        pytest.param(fault(FaultKind.PAYMENT_SLOW, listener="capture"), ["capture"], id="one of them"),
        pytest.param(fault(FaultKind.TOXIC, listener="db"), ["db"], id="a toxic's own"),
        pytest.param(fault(FaultKind.REGION_SLOW), [], id="none"),
    ],
)
def test_what_a_fault_strikes(asked: Fault, names: list[str]) -> None:
    """All links of its role, or the one that is named."""
    assert [each.name for each in struck(asked, LINKS)] == names


def test_no_fault_on_links_needs_a_role_that_nothing_has() -> None:
    """A link that leads to anything else is for the plan's own toxics."""
    assert LinkRole.OTHER not in ROLE_OF.values()


@pytest.mark.parametrize(
    ("url", "front", "warns"),
    [
        pytest.param("http://127.0.0.1:8000", "http://127.0.0.1:8000", True, id="past the edge"),
        pytest.param("http://127.0.0.1:9000/de", "http://127.0.0.1:2/de", False, id="through the edge"),
        pytest.param("http://localhost:9000", "http://127.0.0.1:2", False, id="by another name"),
        pytest.param("http://psp.example", "http://psp.example", True, id="far away"),
        pytest.param("http://x:y", "http://x:y", True, id="no address"),
    ],
)
def test_shoppers_who_go_past_the_edge(plan_text: str, url: str, front: str, warns: bool) -> None:
    """A fault on a link that nobody takes strikes nobody: said before the drill."""
    plan = checked(plan_text)
    edge = link("edge", LinkRole.EDGE, "127.0.0.1:9000")
    target = plan.target.model_copy(update={"url": url})
    plan = plan.model_copy(update={"links": (*plan.links, edge), "target": target})

    assert warns == ("Write target.url = http://127.0.0.1:9000" in edge_missed(plan))
    assert warns == (edge_missed(plan) in warnings_of(plan))
    assert past_edge(plan) == front


def test_a_plan_without_an_edge_warns_of_none(plan_text: str) -> None:
    """Nothing is missed, and a usual plan has no warnings at all."""
    assert warnings_of(checked(plan_text)) == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:80", ("::1", 80)),
        ("db.example:5432", ("db.example", 5432)),
    ],
)
def test_places(text: str, place: tuple[str, int]) -> None:
    """An IPv6 address loses its brackets: sockets know none."""
    assert place_of(text) == place
