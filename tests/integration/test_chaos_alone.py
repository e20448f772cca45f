"""The drills that run by themselves, against a shop that is nobody's and its own Toxiproxy."""

import io
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.alone.order import parse
from chaos.alone.run import main
from chaos.heal import heal_leases
from chaos.lease_file import state_dir
from chaos.toxiproxy import Toxiproxy
from rehearsal import process
from tests.integration.till import Till

pytestmark = pytest.mark.integration


@pytest.fixture
def shop(toxiproxy: Toxiproxy) -> Iterator[str]:
    """Return the URL of a shop behind the listener `psp`."""
    with Till() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield toxiproxy.create("psp", listen="127.0.0.1:0", upstream=server.address).url
        server.shutdown()
        thread.join()


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Return an environment whose leases are this test's own."""
    return {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}


def drill(env: dict[str, str], *argv: str, codes: str = "P") -> tuple[int, str]:
    """Carry a drill out here; return its exit code and what it printed."""
    out = io.StringIO()
    # As long as a slow machine may need; who wants less says so.
    code = main(parse(["--recover-within", "60", *argv], prog="p", codes=codes, about=""), out, env)
    return code, out.getvalue()


def at(toxiproxy: Toxiproxy) -> list[str]:
    """Return the options that name the listener."""
    return ["--toxiproxy", toxiproxy.url, "--listener", "psp"]


def test_proven_and_recovered(toxiproxy: Toxiproxy, shop: str, env: dict[str, str]) -> None:
    """Every step is printed, the steady state is asked for throughout, and nothing is left behind."""
    code, told = drill(env, "payment_unreachable", *at(toxiproxy), "--hold", "1", "--check", f"{shop}/")

    steps = list(dict.fromkeys(line.split()[2] for line in told.splitlines()))
    assert code == 0, told
    assert steps == [
        "preflight",
        "lease",
        "inject",
        "effect",
        "steady",
        "heal",
        "healed",
        "held",
        "recovery",
    ]
    assert f"{shop}/ is not good" in told
    assert toxiproxy.state("psp").clean
    assert list(state_dir(env).glob("*.json")) == []


@pytest.mark.parametrize(
    ("argv", "code", "words"),
    [
        pytest.param(["--toxic", "latency latency=300"], 0, "healed", id="a toxic of one's own"),
        pytest.param(["--toxic", "limit_data bytes=99999"], 3, "NOT PROVEN", id="a toxic without effect"),
        pytest.param(["payment_slow", "--path", "/gone"], 2, "nothing could be proven", id="no canary"),
        pytest.param(
            ["payment_slow", "--check", "http://127.0.0.1:1/"], 2, "is not well before", id="ill before"
        ),
        pytest.param(
            ["payment_slow", "--listener", "nowhere"], 2, "has no listener nowhere; it has psp", id="no such"
        ),
    ],
)
def test_how_it_ends(
    toxiproxy: Toxiproxy, shop: str, env: dict[str, str], argv: list[str], code: int, words: str
) -> None:
    """The exit code tells what was proven; whatever was broken is healed."""
    ended, told = drill(env, *argv, *at(toxiproxy), "--hold", "0.1")

    assert ended == code, told
    assert words in told
    assert toxiproxy.state("psp").clean


def test_broken_ground(toxiproxy: Toxiproxy, shop: str, env: dict[str, str]) -> None:
    """Somebody else's fault is left alone, and nothing is added to it."""
    toxiproxy.disable("psp")
    code, told = drill(env, "payment_slow", *at(toxiproxy))

    assert code == 2
    assert "Already closed or with a toxic: psp" in told
    assert not toxiproxy.state("psp").enabled


def test_commands(env: dict[str, str], tmp_path: Path, shop: str) -> None:
    """A team's own commands break and mend; what they cannot mend is left to `rehearse heal`."""
    ill = tmp_path / "ill"
    commands = [
        "--inject",
        f"touch {ill}",
        "--prove",
        f"test -e {ill}",
        "--prove-healed",
        "true",
        "--hold",
        "0.1",
    ]
    well = drill(env, *commands, "--undo", "true", "--check", shop)
    unhealed = drill(env, *commands, "--undo", "false", codes="R")
    (left,) = heal_leases(state_dir(env)).refused

    assert [well[0], unhealed[0]] == [0, 1]
    assert "Then run: rehearse heal" in unhealed[1]
    assert "is still going" in left


def test_a_shop_that_stays_ill(toxiproxy: Toxiproxy, shop: str, env: dict[str, str], tmp_path: Path) -> None:
    """A shop that is not well in time after the healing has not recovered, whatever was proven."""
    ill = tmp_path / "ill"
    argv = ["--inject", f"touch {ill}", "--undo", "true", "--prove", "true", "--prove-healed", "true"]
    argv += ["--hold", "0.1", "--recover-within", "1"]
    with Till() as server:
        server.ill = ill
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        code, told = drill(env, *argv, "--check", f"http://{server.address}/")
        server.shutdown()
        thread.join()

    assert code == 1
    assert "is not well 1 s after the healing" in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["asked to stop", "killed"])
def test_a_drill_that_is_ended(
    toxiproxy: Toxiproxy, shop: str, env: dict[str, str], number: signal.Signals
) -> None:
    """Asked to stop it heals and says so; killed, its lease lets `rehearse heal` undo what it broke."""
    argv = [sys.executable, "-u", "-m", "chaos.payment_outage", "payment_unreachable", *at(toxiproxy)]
    running = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True)
    broken = process.wait_until(lambda: not toxiproxy.state("psp").enabled, timeout_s=60)
    running.send_signal(number)
    told, _ = running.communicate(timeout=60)

    assert broken
    assert toxiproxy.state("psp").clean is (number is signal.SIGTERM)
    assert running.returncode == (5 if number is signal.SIGTERM else -number), told
    healed = [name for each in heal_leases(state_dir(env)).healed for name in each.listeners]
    assert healed == ([] if number is signal.SIGTERM else ["psp"])
    assert toxiproxy.state("psp").clean
