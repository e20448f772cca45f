from pathlib import Path

import pytest

from rehearsal.cli.app import app, run


def called(*arguments: str) -> int:
    """Run `rehearse init` and return its exit code."""
    return run(lambda: app(["init", *arguments], standalone_mode=False))


def test_it_says_what_to_type_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each command can be copied as it stands, also with a blank in the folder's name."""
    out = tmp_path / "my rehearsals"

    assert called("autumn", "--out", str(out)) == 0
    said = capsys.readouterr().out
    assert f"  cd '{out / 'autumn'}'\n" in said
    assert "  rehearse drill plan.toml " in said
    assert (out / "autumn" / "plan.toml").is_file()


def test_a_second_time_it_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, one sentence, and what was changed meanwhile stays."""
    called("autumn", "--out", str(tmp_path))
    plan = tmp_path / "autumn" / "plan.toml"
    plan.write_text("mine")

    assert called("autumn", "--out", str(tmp_path)) == 2
    assert "nothing was written" in capsys.readouterr().err
    assert plan.read_text() == "mine"
