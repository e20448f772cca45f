"""How drills find the server of `rehearse links up`, and what a new one needs."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos import toxiproxy_binary
from chaos.foreign_toxiproxy import ForeignToxiproxy
from chaos.lease_file import this_process
from chaos.process_table import ProcessTable
from rehearsal.model.errors import PrerequisiteMissing, RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Link, LinkRole, Target
from rehearsal.pipeline import link_server as subject
from rehearsal.pipeline.ground import ground_for, require_shop
from rehearsal.pipeline.link_server import LinkGround, Running, announced, as_served, links_dir, running_for
from rehearsal.pipeline.standing import stand_before

PSP = Link(name="psp", upstream="127.0.0.1:2", listen="127.0.0.1:19443", role=LinkRole.PAYMENT)
DB = Link(name="db", upstream="127.0.0.1:3", listen="127.0.0.1:19444", role=LinkRole.DATABASE)


def running(*links: Link, created: float | None = None) -> Running:
    """Return a server that lives as long as this test's process, or one that is dead."""
    server = this_process("toxiproxy")
    if created is not None:
        server = type(server)(label="toxiproxy", pid=server.pid, created=created, argv=())
    return Running(
        plan="sale", version="2.12.0", server=server, url="http://127.0.0.1:1", links=as_served(links)
    )


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return an environment with a state folder of its own."""
    return {"XDG_STATE_HOME": str(tmp_path), "HOME": str(tmp_path)}


@pytest.fixture
def plan(make_plan: Callable[..., Plan]) -> Plan:
    """Return a plan for another shop with one link."""
    target = Target(shop="url", url="http://127.0.0.1:1")
    return make_plan().model_copy(update={"target": target, "links": (PSP,)})


def test_a_server_is_found_while_it_is_announced(env: dict[str, str]) -> None:
    """By any plan that has some of its links; afterwards it is gone without a trace."""
    with announced(running(PSP, DB), env):
        found = [running_for(links, env) for links in ([PSP, DB], [DB])]
        strange = running_for([DB.model_copy(update={"listen": "127.0.0.1:19445"})], env)
    after = running_for([PSP], env)

    assert found == [running(PSP, DB)] * 2
    assert (strange, after, list(links_dir(env).iterdir())) == (None, None, [])


@pytest.mark.parametrize(
    "links",
    [
        pytest.param([PSP.model_copy(update={"upstream": "127.0.0.1:9"})], id="another upstream"),
        pytest.param([PSP.model_copy(update={"name": "bank"})], id="another name"),
        pytest.param([PSP, DB], id="not all of them"),
    ],
)
def test_a_server_that_listens_otherwise(links: list[Link], env: dict[str, str]) -> None:
    """Nothing is broken that leads elsewhere than the plan says."""
    with announced(running(PSP), env), pytest.raises(RehearsalError, match="but not as this plan's links"):
        running_for(links, env)


def test_what_a_dead_server_left_is_swept(env: dict[str, str]) -> None:
    """A reused pid is not taken for it; a file that is none of ours is left alone."""
    folder = links_dir(env)
    folder.mkdir(parents=True)
    (folder / "x.links.json").write_text("{")
    with announced(running(PSP, created=1.0), env):
        assert running_for([PSP], env) is None

    assert [path.name for path in folder.iterdir()] == ["x.links.json"]


def test_a_drill_stands_on_a_server_that_runs(env: dict[str, str], plan: Plan, tmp_path: Path) -> None:
    """It starts none, may not replace it, and the lease knows when nothing is owed any more."""
    with (
        announced(running(PSP), env),
        ground_for(plan, env) as ground,
        ProcessTable(tmp_path / "leases", run_id="r1", run_dir=tmp_path) as table,
    ):
        assert isinstance(ground, LinkGround)
        assert ground.toxiproxy is not None
        standing = stand_before(table, tmp_path, plan, ground)
        version, lease = ground.toxiproxy.version, table.lease

    assert (standing.own, lease.children, lease.toxiproxy_url) == (False, (), "")
    assert (version, standing.server) == ("2.12.0", running(PSP).server)
    assert lease.servers == {"http://127.0.0.1:1": running(PSP).server}
    assert isinstance(standing.world.toxiproxy, ForeignToxiproxy)
    assert standing.world.listeners == {"psp": "http://127.0.0.1:19443"}
    assert standing.world.links == {"psp": PSP}


def test_a_new_server_needs_a_toxiproxy(
    env: dict[str, str], plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mend is said before a folder is made."""
    monkeypatch.setattr(toxiproxy_binary, "locate", lambda _: None)

    with pytest.raises(PrerequisiteMissing, match=r"Toxiproxy 2\.12\.0 is not on this machine"):
        ground_for(plan, env).__enter__()


def test_a_new_server_needs_free_ports(
    env: dict[str, str], plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link whose port is taken is named; with all free there is a port for the control API too."""
    found = toxiproxy_binary.Found(path=Path("toxiproxy"), how="by a test", version="2.12.0")
    monkeypatch.setattr(toxiproxy_binary, "locate", lambda _: found)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = PSP.model_copy(update={"listen": f"127.0.0.1:{taken.getsockname()[1]}"})
        busy_plan = plan.model_copy(update={"links": (busy,)})
        with pytest.raises(RehearsalError, match=f"The link psp is to listen at {busy.listen}, which cannot"):
            ground_for(busy_plan, env).__enter__()
    with ground_for(busy_plan, env) as ground:
        assert isinstance(ground, LinkGround)
        assert (ground.toxiproxy, ground.running, ground.port > 0) == (found, None, True)


def test_a_name_that_is_no_host_of_ours(env: dict[str, str]) -> None:
    """What cannot be looked up is a sentence, not a traceback."""
    del env
    with pytest.raises(RehearsalError, match="which cannot be"):
        subject.require_free(PSP.model_copy(update={"listen": "[::ffff]:1"}))


def test_without_a_toxiproxy_nothing_is_started(plan: Plan, tmp_path: Path) -> None:
    """A ground that has none is refused."""
    with (
        ProcessTable(tmp_path, run_id="r1", run_dir=tmp_path) as table,
        pytest.raises(PrerequisiteMissing),
    ):
        stand_before(table, tmp_path, plan, LinkGround())


def test_the_shop_behind_an_edge_link_is_asked_past_it(plan: Plan) -> None:
    """The link may not listen before the drill begins."""
    edge = Link(name="edge", upstream="127.0.0.1:1", listen="127.0.0.1:19446", role=LinkRole.EDGE)
    target = Target(shop="url", url="http://127.0.0.1:19446")

    with pytest.raises(RehearsalError, match=r"The shop at http://127.0.0.1:1 does not answer"):
        require_shop(plan.model_copy(update={"target": target, "links": (edge,)}))


def test_a_drill_s_own_links_in_a_sentence() -> None:
    """Where the shop must be pointed, and how that lasts."""
    words = subject.own_words([PSP, DB])

    assert "psp at 127.0.0.1:19443, db at 127.0.0.1:19444" in words
    assert words.endswith("rehearse links up PLAN")
    assert os.sep not in words
