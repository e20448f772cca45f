import sys
from pathlib import Path

import pytest

from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.pipeline.selftest.case import Case, CaseKind, Seen
from rehearsal.pipeline.selftest.trial import drill_command, seen_in, statuses_of
from rehearsal.rundir import folder
from rehearsal.rundir.record import verdict_record

FINDINGS = (
    Finding(check="invariant.I1.no_oversell", status=Status.FAIL, summary="Two too many."),
    Finding(check="slo.goodput", status=Status.PASS, summary="Good.", subject="before"),
)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Return a room in which a drill left a run."""
    run = tmp_path / "20260101T000000000Z-it-1"
    folder.write_json(run / folder.FINDINGS, FINDINGS)
    folder.write_json(run / folder.VERDICT, verdict_record(run.name, Verdict.NO_GO, FINDINGS, folder.SCHEMA))
    folder.point_latest(run)
    return tmp_path


def test_a_run_is_read_as_its_verdict_and_checks(room: Path) -> None:
    """The folder is named as it is, not as `latest`."""
    assert seen_in(room, 1, "NO_GO") == Seen(
        verdict="NO_GO",
        statuses={"invariant.I1.no_oversell": "FAIL", "slo.goodput": "PASS"},
        run=str(room / "20260101T000000000Z-it-1"),
    )


@pytest.mark.parametrize(
    ("code", "said", "broken"),
    [
        (2, "rehearse: it has 1 mistake:\n  line 3\n\n", "exit code 2: line 3"),
        (-9, "", "exit code -9: it said nothing"),
        (5, "rehearse: stopped.", "exit code 5: rehearse: stopped."),
    ],
)
def test_a_drill_that_did_not_come_to_a_verdict_is_broken(
    room: Path, code: int, said: str, broken: str
) -> None:
    """Its last words say why, and its folder is named."""
    assert seen_in(room, code, said) == Seen(broken=broken, run=str(room / "20260101T000000000Z-it-1"))


def test_a_drill_without_a_run_is_broken(tmp_path: Path) -> None:
    """Then the room is named, where its log lies."""
    assert seen_in(tmp_path, 0, "GO") == Seen(broken="exit code 0: GO", run=str(tmp_path))


def test_a_run_without_findings_is_broken(room: Path) -> None:
    """A verdict without findings is no evidence."""
    run = (room / "latest").resolve()
    (run / folder.FINDINGS).unlink()
    seen = seen_in(room, 0, "GO")

    assert (seen.verdict, seen.statuses, seen.run) == ("", {}, str(run))
    assert f"{folder.FINDINGS} is missing" in seen.broken


def test_a_run_that_was_cut_short_is_broken_in_its_own_words(room: Path) -> None:
    """Its verdict is INVALID, and not because the machine starved it."""
    run = (room / "latest").resolve()
    words = "The run did not reach its end: Toxiproxy died."
    folder.write_json(
        run / folder.FINDINGS, [Finding(check="run.completed", status=Status.INVALID, summary=words)]
    )

    assert seen_in(room, 4, "INVALID").broken == words


def test_of_a_check_with_several_findings_the_worst_counts() -> None:
    """A goodput that failed in one phase failed."""
    findings = [
        Finding(check="slo.goodput", status=status, summary="s")
        for status in (Status.PASS, Status.FAIL, Status.INVALID, Status.INCONCLUSIVE)
    ]

    assert statuses_of(findings) == {"slo.goodput": "FAIL"}


@pytest.mark.parametrize(
    ("defect", "more"), [("", []), ("oversell_race", ["--defect", "oversell_race"])], ids=["none", "one"]
)
def test_the_command_is_the_one_a_person_would_type(tmp_path: Path, defect: str, more: list[str]) -> None:
    """So that a bad case can be rehearsed again by hand."""
    case = Case(name="it", kind=CaseKind.CLEAN, seed=1, text="", defect=defect)
    command = drill_command(case, tmp_path / "plan.toml", tmp_path)
    plan = [sys.executable, "-m", "rehearsal.cli", "drill", str(tmp_path / "plan.toml")]

    assert command == [*plan, "--out", str(tmp_path), *more, "--quiet"]
