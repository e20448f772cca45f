import json
from pathlib import Path
from typing import Any, ClassVar

import pytest

from rehearsal.cli import selftest
from rehearsal.cli.app import app, run
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.pipeline.selftest.case import Case, Seen
from rehearsal.pipeline.selftest.defects import TRAPS
from rehearsal.pipeline.selftest.runner import Runner

GO = Seen(verdict="GO", statuses={"invariant.I1.no_oversell": "PASS"})


class Fake:
    """A drill that is over at once: the bug is caught, and the correct shop is silent."""

    alarms: frozenset[str] = frozenset()
    started: ClassVar[list[str]] = []

    def __init__(self, case: Case, room: Path) -> None:
        """Note the case."""
        self.started.append(case.name)
        checks = case.expected[:1] or (("invariant.I9",) if case.name in self.alarms else ())
        self._seen = Seen(verdict="NO_GO", statuses=dict.fromkeys(checks, "FAIL")) if checks else GO

    def ended(self) -> bool:
        """Tell that it is over."""
        return True

    def seen(self) -> Seen:
        """Return what it left."""
        return self._seen

    def stop(self) -> None:
        """Do nothing."""

    def wait(self) -> bool:
        """Wait for nothing."""
        return True

    def clear(self) -> None:
        """Remove nothing."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> type[Fake]:
    """Let every drill be a fake; the shop has two bugs."""
    kind = type("Own", (Fake,), {"started": [], "alarms": frozenset()})
    monkeypatch.setattr(selftest, "Trial", kind)
    monkeypatch.setattr(
        selftest, "known_defects", lambda: {"oversell_race": "It …", "ack_before_commit": "It …"}
    )
    return kind


def call(*arguments: str) -> int:
    """Run `rehearse selftest defects` and return its exit code."""
    return run(lambda: app(["selftest", "defects", *arguments], standalone_mode=False))


def test_json_prints_the_figures_and_nothing_else(
    fake: type[Fake], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All bugs caught and no alarm: exit code 0."""
    code = call("--out", str(tmp_path), "--only", "defect", "--only", "region_killed", "--json")
    printed = capsys.readouterr()
    answer = json.loads(printed.out)

    assert (code, printed.err) == (0, "")
    assert {key: answer[key] for key in list(answer)[:4]} == {
        "planted": 2,
        "caught": 2,
        "clean_runs": 2,
        "false_alarms": 0,
    }
    assert [case["name"] for case in answer["cases"][:2]] == ["oversell_race", "ack_before_commit"]


def test_the_matrix_names_bugs_and_faults(
    fake: type[Fake], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each bug with what caught it, each fault with its runs; a false alarm is told: exit code 1."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setattr(fake, "alarms", frozenset({"payment_unreachable-3"}))
    only = ["--only", "oversell_race", "--only", "payment_unreachable", "--seeds", "3-4"]
    code = call("--out", str(tmp_path), *only)
    printed = capsys.readouterr()

    assert code == 1
    assert ["oversell_race", "no_fault", "invariant.I1", "caught", "invariant.I1"] in [
        line.split() for line in printed.out.splitlines()
    ]
    assert "seed 3 alarm, seed 4 clean" in printed.out
    assert "1 of 1 planted bugs caught; 1 clean runs of the correct shop, 1 false alarms" in printed.out
    assert "payment_unreachable-3: invariant.I9 failed on the correct shop" in printed.out
    assert "alarm     payment_unreachable-3" in printed.err


def test_a_second_call_runs_nothing_again(
    fake: type[Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what was good nor what was bad."""
    monkeypatch.setattr(fake, "alarms", frozenset({"region_killed-1"}))
    options = ("--out", str(tmp_path), "--only", "region_killed", "--seeds", "1,2", "--json")
    assert call(*options) == 1
    started = list(fake.started)
    assert call(*options) == 1

    assert fake.started == started == ["ack_before_commit", "region_killed-1", "region_killed-2"]


def test_a_stopped_selftest_says_how_to_go_on(
    fake: type[Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 5, and the same command goes on."""

    def stopped(*_: Any, **__: Any) -> None:
        raise Stopped("Stopped by Ctrl-C.")

    monkeypatch.setattr(Runner, "run", stopped)
    code = call("--out", str(tmp_path), "--only", "oversell_race")
    said = capsys.readouterr().err

    assert code == 5
    assert f"Go on with the same command: what is done stays done in {tmp_path}." in said


@pytest.mark.parametrize("text", ["x", "1-", "-3", "5-2", "", "1,,2"])
def test_seeds_that_are_none_are_refused(text: str) -> None:
    """With the forms that are understood."""
    with pytest.raises(RehearsalError, match="1-10"):
        selftest.seeds_of(text)


@pytest.mark.parametrize(
    ("text", "seeds"), [("3", (3,)), ("1-4", (1, 2, 3, 4)), ("7,2,7", (7, 2)), ("0-0", (0,))]
)
def test_seeds_are_a_range_or_a_list(text: str, seeds: tuple[int, ...]) -> None:
    """Each once, in their order."""
    assert selftest.seeds_of(text) == seeds


def test_a_bug_without_a_trap_is_said(
    fake: type[Fake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It counts as planted and not caught."""
    monkeypatch.setattr(selftest, "known_defects", lambda: {"oversell_race": "It …", "new_bug": "It …"})
    code = call("--out", str(tmp_path), "--only", "defect")

    assert code == 1
    assert "new_bug" not in TRAPS
    assert "1 of 2 planted bugs caught" in (said := capsys.readouterr().out)
    assert "untrapped  new_bug: no drill exposes it yet" in said
