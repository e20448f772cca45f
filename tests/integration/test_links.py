"""The links of somebody's own shop: `rehearse links up` passes on, drills break and heal, healing is owed."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from chaos.catalogue import drill_of
from chaos.heal import heal_leases
from chaos.lease_file import write_lease
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy
from chaos.world import World
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault
from rehearsal.pipeline.ground import ground_for
from rehearsal.pipeline.link_server import LinkGround, running_for
from rehearsal.pipeline.plans import load_plan
from rehearsal.pipeline.standing import stand_before
from rehearsal.process import Child

pytestmark = pytest.mark.integration

KINDS = (FaultKind.PAYMENT_UNREACHABLE, FaultKind.RESET_AFTER_CAPTURE, FaultKind.DATABASE_DOWN)
DEAD = Child(label="conductor", pid=2**22, created=1.0, argv=())
LINKS = """[target]
shop = "url"
url = "http://127.0.0.1:{up}"
[[links]]
name = "psp"
upstream = "127.0.0.1:{up}"
listen = "127.0.0.1:{psp}"
role = "payment"
probe = "http"
setting = "PROVIDER=http://127.0.0.1:{psp}"
[[links]]
name = "db"
upstream = "127.0.0.1:{up}"
listen = "127.0.0.1:{db}"
role = "database"
[traffic]"""


class Provider(BaseHTTPRequestHandler):
    """Answers 404 to whatever is asked."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def provider() -> Iterator[int]:
    """Serve on a port until the block is left."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def plan_file(tmp_path: Path, plan_text: str, free_port: Callable[[], int]) -> Iterator[Path]:
    """Return a plan whose links lead to a provider that runs."""
    with provider() as up:
        path = tmp_path / "sale.toml"
        text = LINKS.format(up=up, psp=free_port(), db=free_port())
        path.write_text(plan_text.replace("[traffic]", text))
        yield path


@contextmanager
def links_up(plan: Path, home: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Keep links up; give the process and what it has said by the time they are."""
    argv = [sys.executable, "-m", "rehearsal.cli", "links", "up", str(plan), "--out", str(home / "runs")]
    env = {**os.environ, "XDG_STATE_HOME": str(home)}
    with subprocess.Popen(
        argv, env=env, cwd=Path(__file__).parents[2], text=True, stdout=-1, stderr=-1
    ) as process:
        said: list[str] = []
        assert process.stdout is not None
        while not said or "Ctrl-C" not in said[-1]:
            line = process.stdout.readline()
            assert line, said
            said.append(line.strip())
        try:
            yield process, said
        finally:
            process.send_signal(signal.SIGINT)


def broken(kind: FaultKind, world: World) -> list[bool]:
    """Inject a fault and heal it; tell what was proven before, meanwhile and afterwards."""
    drill = drill_of(Fault(kind=kind, phase="p", hold_s=1.0, recover_within_s=1.0), world)
    seen = [drill.prove_effect().proven]
    drill.inject()
    seen.append(drill.prove_effect().proven)
    drill.heal()
    return [*seen, drill.prove_heal().proven]


def test_links_from_up_to_down(plan_file: Path, tmp_path: Path, table: ProcessTable) -> None:
    """They say where to point the shop, pass on, break by role, are healed for the dead; Ctrl-C ends them."""
    plan, leases = load_plan(plan_file), tmp_path / "dead"
    with links_up(plan_file, tmp_path) as (process, said):
        running = running_for(plan.links, {"XDG_STATE_HOME": str(tmp_path)})
        assert running is not None
        theirs = Toxiproxy(running.url)
        world = stand_before(table, tmp_path, plan, LinkGround(running=running)).world
        tried = [broken(kind, world) for kind in KINDS]
        counted = theirs.received()
        # What a drill leaves that is killed while a fault holds.
        world.toxiproxy.disable("db")
        left = msgspec.structs.replace(table.lease, conductor=DEAD, run_id="dead")
        write_lease(leases, left)
        closed = theirs.state("db").enabled
        healed = heal_leases(leases).healed
        opened = theirs.state("db").clean
    write_lease(leases, left)
    afterwards = heal_leases(leases).healed

    assert f"point there: {plan.links[0].setting}" in said
    assert "ok: the http probe of psp was answered 404" in said[2]
    assert tried == [[False, True, True]] * 3
    assert counted["psp"] > 0
    assert (closed, opened, [each.listeners for each in healed]) == (False, True, [("db",)])
    assert [(each.owes, each.problems) for each in afterwards] == [(False, ())]
    assert process.returncode == 0


def test_a_drill_brings_up_links_that_nobody_keeps(
    plan_file: Path, tmp_path: Path, table: ProcessTable
) -> None:
    """On a server of its own, which its lease names, and which ends with it."""
    plan, env = load_plan(plan_file), {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    with ground_for(plan, env) as ground:
        assert isinstance(ground, LinkGround)
        standing = stand_before(table, tmp_path, plan, ground)
        tried = [broken(kind, standing.world) for kind in KINDS]
        own = (standing.own, table.lease.toxiproxy_url, table.lease.foreign)
        table.stop_all()
        with ground_for(plan, env) as again:
            pass

    assert tried == [[False, True, True]] * 3
    assert own == (True, f"http://127.0.0.1:{ground.port}", {})
    assert isinstance(again, LinkGround)


def test_a_server_that_dies_is_told(plan_file: Path, tmp_path: Path) -> None:
    """Whoever keeps links up hears of it at once, by words and an exit code."""
    plan = load_plan(plan_file)
    with links_up(plan_file, tmp_path) as (process, _):
        running = running_for(plan.links, {"XDG_STATE_HOME": str(tmp_path)})
        assert running is not None
        os.kill(running.server.pid, signal.SIGKILL)
        _, errors = process.communicate(timeout=120)

    assert (process.returncode, "Toxiproxy has died, and the links with it" in errors) == (1, True)
