"""Deaths at the top: of a conductor, of its supervisor; and a drill that its own plan stops."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.lease_file import path_of, read_lease
from rehearsal import process
from rehearsal.model.errors import EXIT_STOPPED
from rehearsal.model.protocol import ProtocolStep
from rehearsal.pipeline.guard import Guard
from rehearsal.pipeline.selftest.kill_cases import KILLS, plan_of
from rehearsal.process import wait_until
from rehearsal.rundir.protocol_log import ProtocolLog, read_protocol

pytestmark = [pytest.mark.integration, pytest.mark.calm]

ROOT = Path(__file__).parents[2]
#: A small machine that does much else meanwhile must not decide what a verdict is.
FREELY = """
[limits]
send_lag_p99_ms = 2000.0
stall_ms = 5000.0
starved_share = 1.0
"""


@pytest.fixture
def environment(tmp_path: Path, toxiproxy_server: Path) -> dict[str, str]:
    """Return an environment with a home of its own, in which only Toxiproxy is known."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return {**kept, "HOME": str(tmp_path / "home"), "TOXIPROXY_SERVER": str(toxiproxy_server)}


def rehearse(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Run `rehearse` to its end; return exit code, output and errors."""
    argv = [sys.executable, "-m", "rehearsal.cli", *arguments]
    done = subprocess.run(
        argv, env=environment, cwd=ROOT, text=True, capture_output=True, timeout=600, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_killed_conductors_leave_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    """The quick form of `rehearse selftest kill`: all healed within 10 s, the runs readable and INVALID."""
    code, said, errors = rehearse(
        environment, "selftest", "kill", "--quick", "--json", "--out", str(tmp_path / "runs")
    )
    figures = json.loads(said)

    assert (code, figures["killed"], figures["healed"]) == (0, 2, 2), (figures, errors)
    assert figures["slowest_s"] <= 10.0
    assert not list(Path(environment["HOME"]).glob(".local/state/rehearsal/leases/*.json"))


def test_a_drill_its_own_plan_stops(environment: dict[str, str], tmp_path: Path) -> None:
    """Healed at once, judged as far as it went, signed, exit code 5; and no visit began after it."""
    plan = tmp_path / "plan.toml"
    plan.write_text(plan_of(KILLS[0]) + "\n[stop]\nerror_share = 0.001\nwindow_s = 2.0\n" + FREELY)
    code, said, errors = rehearse(environment, "drill", str(plan), "--out", str(tmp_path / "runs"), "--json")
    assert code == EXIT_STOPPED, errors
    run = (tmp_path / "runs" / "latest").resolve()
    steps = [line.step for line in read_protocol(run)]
    findings = {finding["check"]: finding for finding in json.loads((run / "findings.json").read_text())}

    assert json.loads(said)["verdict"] == "NO_GO"
    assert "stopped and healed" in errors
    assert steps[steps.index(ProtocolStep.STOP) + 1 :][:2] == ["heal", "healed"]
    assert findings["stop.error_share"]["status"] == "FAIL"
    assert findings["fault.answer_lost_after_capture.healed"]["status"] == "PASS"
    assert json.loads((run / "run.json").read_text())["tripped"]["at_s"] < 5.0
    assert rehearse(environment, "verify", str(run))[0] == 0


def test_a_supervisor_that_dies_is_replaced(tmp_path: Path) -> None:
    """The lease names the new one, the protocol says so; the fourth death stops the drill."""
    halted: list[str] = []
    run, leases = tmp_path / "run", tmp_path / "leases"
    run.mkdir()
    with Guard(run, leases, ProtocolLog(run), halt=halted.append) as guard:
        first = guard.supervisor
        lease = read_lease(path_of(leases, run.name))
        os.kill(first.pid, signal.SIGKILL)
        assert wait_until(lambda: guard.supervisor != first, timeout_s=100)
        second = guard.supervisor
        assert process.find(second) is not None
    told = [(line.step, line.outcome) for line in read_protocol(run)]

    assert lease.supervisor == first
    assert told == [("supervisor", "ok")]
    assert (process.find(second), halted, list(leases.glob("*.json"))) == (None, [], [])
