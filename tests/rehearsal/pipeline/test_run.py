import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.toxiproxy_binary import Found
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import EXIT_USAGE, BrokenOff, RehearsalError, Stopped, Unreachable
from rehearsal.model.plan import Plan
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.run import ended_by, run_drill
from rehearsal.pipeline.watcher import Nobody
from reports.keys import KeyRefused


def rehearse(plan: Plan, out: Path) -> None:
    """Rehearse a plan that does not get as far as starting anything."""
    run_drill(plan, out=out, clock=SystemClock(), halt=Halt(), watcher=Nobody())


@pytest.fixture(autouse=True)
def toxiproxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the machine have a Toxiproxy; none is started."""
    found = Found(path=Path("toxiproxy-server"), version="2.12.0", how="told")
    monkeypatch.setattr("rehearsal.pipeline.ground.require_toxiproxy", lambda _: found)


def test_a_key_that_cannot_sign_is_told_before_anything_starts(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path, homes: Path
) -> None:
    """A key open to others would otherwise be refused after the last phase, and the run stay unsigned."""
    key = homes / ".config" / "rehearsal" / "harness.key.pem"
    key.parent.mkdir(parents=True)
    key.write_text("junk")
    key.chmod(0o644)

    with pytest.raises(KeyRefused, match="open to other users"):
        rehearse(make_plan(plan_text), tmp_path / "runs")

    assert not (tmp_path / "runs").exists()


def test_a_port_in_use_is_told_before_a_folder_is_made(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path, homes: Path
) -> None:
    """A folder would hold a run that never was, and `latest` would point to it."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        plan = make_plan(plan_text.replace("[forecast]", f"[store]\nbase_port = {taken}\n[forecast]"))
        with pytest.raises(RehearsalError, match=r"Port \d+ is in use .*store\.base_port") as caught:
            rehearse(plan, tmp_path / "runs")

    assert caught.value.exit_code == EXIT_USAGE
    assert not (tmp_path / "runs").exists()


def test_a_secret_that_is_not_there_is_told_before_a_folder_is_made(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path, homes: Path
) -> None:
    """Nor is anything started; test data that cannot be given out is told as early."""
    plan = make_plan(f"{plan_text}\n[secrets]\nkey = {{ env = 'NOWHERE' }}\n")
    with pytest.raises(RehearsalError, match="NOWHERE, which is not set") as caught:
        rehearse(plan, tmp_path / "runs")

    assert (caught.value.exit_code, (tmp_path / "runs").exists()) == (EXIT_USAGE, False)


@pytest.mark.parametrize(
    ("error", "begun", "code"),
    [
        pytest.param(Unreachable("silent"), False, 2, id="before it began"),
        pytest.param(Unreachable("silent"), True, 4, id="in its midst"),
        pytest.param(RehearsalError("inject ended with exit code 1"), True, 4, id="a command that fails"),
        pytest.param(Stopped("Ctrl-C"), True, 5, id="stopped"),
        pytest.param(BrokenOff("died"), True, 4, id="broken off"),
    ],
)
def test_what_a_drill_ends_with(error: RehearsalError, begun: bool, code: int) -> None:
    """Wrong usage is what could not begin; what ends in its midst is INVALID. What was left is still told."""
    error.add_note("psp could not be healed: silent.")
    ended = ended_by(error, begun=begun)

    assert isinstance(ended, RehearsalError)
    assert (ended.exit_code, str(ended)) == (code, str(error))
    assert ended.__notes__ == ["psp could not be healed: silent."]


def test_a_bug_is_no_broken_run() -> None:
    """It keeps its traceback."""
    bug = ValueError("bug")

    assert ended_by(bug, begun=True) is bug
