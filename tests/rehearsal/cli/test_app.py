import errno
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from typer.testing import CliRunner

from rehearsal import __version__
from rehearsal.cli.app import app, main, run
from rehearsal.model.errors import PlanError, RehearsalError, Stopped


def raising(error: BaseException) -> Callable[[], Any]:
    """Return a command that ends with an error."""

    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        pytest.param(
            RehearsalError("Port 1 is in use."), 2, "rehearse: Port 1 is in use.", id="a mendable error"
        ),
        pytest.param(PlanError("p", ()), 2, "rehearse: p has 0", id="a wrong plan"),
        pytest.param(Stopped("Stopped by Ctrl-C."), 5, "rehearse: Stopped by Ctrl-C.", id="a stopped drill"),
        pytest.param(click.UsageError("No such option"), 2, "No such option", id="a wrong option"),
        pytest.param(click.Abort(), 5, "rehearse: stopped.", id="an abort"),
        pytest.param(KeyboardInterrupt(), 5, "rehearse: stopped.", id="Ctrl-C outside a drill"),
        pytest.param(
            OSError(errno.ENOSPC, "No space left on device"),
            2,
            "No space left on device. Free",
            id="a full disk",
        ),
    ],
)
def test_errors_are_one_sentence_and_a_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, says: str
) -> None:
    """No error ends in a traceback."""
    assert run(raising(error)) == code
    assert says in capsys.readouterr().err


def test_what_could_not_be_healed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    """A drill that was stopped with something left broken does not end as one that was healed."""
    stopped = Stopped("Stopped by Ctrl-C.")
    stopped.add_note("region_killed could not be healed: it does not answer.")

    assert run(raising(stopped)) == 1
    assert "But region_killed could not be healed" in capsys.readouterr().err


def test_a_closed_terminal_does_not_hide_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a hangup standard error cannot be written; the code still says that the drill was stopped."""

    class Gone(io.StringIO):
        """A terminal that is no more."""

        def write(self, _: str) -> int:
            """Fail as the kernel does."""
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("sys.stderr", Gone())

    assert run(raising(Stopped("Stopped by SIGHUP."))) == 5


@pytest.mark.parametrize(("result", "code"), [(3, 3), (None, 0), ("text", 0)])
def test_a_command_gives_its_own_code(result: object, code: int) -> None:
    """What a verb returns is the exit code; nothing is success."""
    assert run(lambda: result) == code


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--version"], 0, __version__),
        (["--help"], 0, "Exit codes"),
        (["drill", "--help"], 0, "Examples"),
        (["verify", "--help"], 0, "Examples"),
        (["report", "--help"], 0, "Examples"),
        (["heal", "--help"], 0, "Examples"),
        (["doctor", "--help"], 0, "Examples"),
        (["store", "up", "--help"], 0, "Examples"),
        (["dril"], 2, "No such command"),
        (["drill"], 2, "Missing argument"),
        (["drill", "p.toml", "--seed", "x"], 2, "Invalid value"),
        (["selftest", "kill", "--help"], 0, "Examples"),
    ],
)
def test_help_and_usage(arguments: list[str], code: int, says: str) -> None:
    """Every verb explains itself with examples; wrong usage is code 2."""
    result = CliRunner().invoke(app, arguments)

    assert result.exit_code == code
    assert says in result.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["dril"], "No such command"),
        (["drill"], "Missing argument"),
        (["drill", "p.toml", "--seed", "-1"], "Invalid value"),
        (["drill", "p.toml", "--seed", str(2**63)], "Invalid value"),
        (["store", "up", "--port", "70000"], "Invalid value"),
        ([], "Usage"),
    ],
)
def test_wrong_usage_as_the_script_meets_it(
    capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """Typer's own runner shows usage errors by itself; the installed script must do so too."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    said = capsys.readouterr()
    assert caught.value.code == 2
    assert says in said.out + said.err


@pytest.mark.parametrize("verb", ["verify", "report"])
@pytest.mark.parametrize("name", ["nowhere", "empty", "file"])
def test_a_folder_that_is_no_run_is_wrong_usage(
    tmp_path: Path, homes: Path, capsys: pytest.CaptureFixture[str], verb: str, name: str
) -> None:
    """Code 1 would say that a run's evidence does not hold; here there is no run to speak of."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("no folder")
    path = tmp_path / name
    code = run(lambda: app([verb, str(path)], standalone_mode=False))

    assert code == 2
    assert f"rehearse: {path} is not a run's folder. Try runs/latest." in capsys.readouterr().err


def test_a_run_whose_evidence_is_gone_is_not_wrong_usage(tmp_path: Path, homes: Path) -> None:
    """What is left of a run is a run: its evidence does not hold."""
    (tmp_path / "plan.json").write_text("{}")
    code = run(lambda: app(["verify", str(tmp_path)], standalone_mode=False))

    assert code == 1


def test_main_exits_with_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    """A plan that is not there is code 2 and a sentence."""
    with pytest.raises(SystemExit) as caught:
        main(["drill", "no-such-plan.toml"])

    assert caught.value.code == 2
    assert "There is no plan no-such-plan.toml" in capsys.readouterr().err


@pytest.mark.parametrize("beside", [["p.toml"], ["--seed", "3"], ["--defect", "oversell_race"]])
def test_a_former_run_brings_its_own_plan(beside: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """What is given besides would be another drill."""
    code = run(lambda: app(["drill", "--replay", "runs/latest", *beside], standalone_mode=False))

    assert code == 2
    assert "--replay runs a run's own plan" in capsys.readouterr().err
