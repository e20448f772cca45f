import json
from pathlib import Path

import pytest

from rehearsal.cli import selftest_kill as subject
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_check import check_plan
from rehearsal.pipeline.selftest.kill import Killed
from rehearsal.pipeline.selftest.kill_cases import KILLS, QUICK, Kill, plan_of

GOOD = Killed(name="hold", died_in="hold", healed_s=1.5, complete_s=2.5, verdict="INVALID")


def outcome(**changes: object) -> Killed:
    """Return what became of a run, as it should be but for the changes."""
    facts = {name: getattr(GOOD, name) for name in Killed.__struct_fields__}
    return Killed(**{**facts, **changes})


@pytest.mark.parametrize(
    ("killed", "holds"),
    [
        pytest.param(GOOD, True, id="all is well"),
        pytest.param(outcome(healed_s=10.1), False, id="healed too late"),
        pytest.param(outcome(left=("region_a",)), False, id="a process is left"),
        pytest.param(outcome(verdict="GO"), False, id="the run says GO"),
        pytest.param(outcome(verdict="GO", signed=True), True, id="the run was whole and signed before"),
        pytest.param(outcome(verdict=""), False, id="the run has no verdict"),
        pytest.param(outcome(wrong="run.json is missing"), False, id="a file is missing"),
    ],
)
def test_what_counts_as_healed(killed: Killed, holds: bool) -> None:
    """In time, nothing left, and a run that says that it is none, unless it was over by then."""
    assert killed.holds == holds


@pytest.mark.parametrize("kill", KILLS, ids=[kill.name for kill in KILLS])
def test_every_case_has_a_plan(kill: Kill) -> None:
    """A case whose plan is refused would kill nobody."""
    plan = check_plan(plan_of(kill), source=kill.name, curves=())

    assert [fault.kind for fault in plan.faults] == [kill.fault]


def test_every_step_of_the_protocol_is_killed_in() -> None:
    """And the quick form's steps are among them."""
    from rehearsal.model.protocol import ProtocolStep  # noqa: PLC0415 - only this test needs it

    events = {ProtocolStep.STOP, ProtocolStep.REPLACED, ProtocolStep.SUPERVISOR}
    assert {kill.step for kill in KILLS} == set(ProtocolStep) - events
    assert set(QUICK) <= {kill.name for kill in KILLS}


def rehearsed(monkeypatch: pytest.MonkeyPatch, outcomes: dict[str, Killed]) -> None:
    """Let cases end as told, well if nothing is told."""

    def killed(kill: Kill, room: Path) -> Killed:
        room.mkdir(parents=True)
        if kill.name == "judging" and not outcomes:
            raise RehearsalError("the drill did not come to judge")
        return outcomes.get(kill.name, outcome(name=kill.name))

    monkeypatch.setattr(subject, "killed", killed)


def test_the_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line each; one that left something fails the whole, and only its folder is kept."""
    rehearsed(monkeypatch, {"hold": outcome(left=("region_a", "locust"))})
    code = subject.kill(out=tmp_path, quick=False, json=False)
    said = capsys.readouterr().out

    assert code == 1
    assert "region_a, locust" in said
    assert f"{len(KILLS) - 1} of {len(KILLS)} killed conductors" in said
    assert len(list(tmp_path.iterdir())) == 1


def test_the_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON, and nothing else; a drill that does not come so far is not healed."""
    rehearsed(monkeypatch, {})
    code = subject.kill(out=tmp_path, quick=True, json=True)
    figures = json.loads(capsys.readouterr().out)

    assert (code, figures["killed"], figures["healed"], figures["slowest_s"]) == (1, 2, 1, 1.5)
    assert figures["cases"][1]["wrong"] == "the drill did not come to judge"
