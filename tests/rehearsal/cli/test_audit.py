"""`rehearse audit` and `rehearse selftest audit`."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.cli.app import main
from rehearsal.cli.selftest_audit import words_of
from rehearsal.model.verdict import Finding
from rehearsal.pipeline.audit import audit_run
from rehearsal.pipeline.selftest.vast import Audited, Vast, write_run
from rehearsal.rundir import folder


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Return the exit code of a command and what it printed."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0), capsys.readouterr().out


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run in which one order was captured twice."""
    run = tmp_path_factory.mktemp("run")
    write_run(run, 2000, "I4")
    folder.write_json(run / folder.RUN, {})
    return run


def test_the_audit_says_what_is_broken_and_proves_it(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1; a line for each invariant, and under a broken one the steps of its proof."""
    code, said = called(capsys, "audit", str(run))

    assert code == 1
    assert "FAIL          I4.no_double_charge  1 orders charged more than once" in said
    assert "PASS          I1.no_oversell" in said
    assert " afterwards  the provider's ledger: capture of 1500 cents" in said


def test_the_audit_is_json_on_request(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The findings as findings.json has them."""
    _, said = called(capsys, "audit", str(run), "--json")

    checks = {finding.check for finding in msgspec.json.decode(said, type=list[Finding])}
    assert {"invariant.I4.no_double_charge", "invariant.I1.no_oversell"} <= checks


def test_no_run_is_no_audit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is no run is bad usage."""
    code, _ = called(capsys, "audit", str(tmp_path))

    assert code == 2


def test_the_selftest_ends_with_0_if_the_violation_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found, in time, in memory: the words give all three."""

    def here(run: Path) -> Audited:
        return Audited(findings=audit_run(run), seconds=1.5, peak_mib=300.0)

    monkeypatch.setattr("rehearsal.pipeline.selftest.vast.audited_in_child", here)
    code, said = called(capsys, "selftest", "audit", "--ops", "2000", "--plant", "I22")

    assert code == 0
    assert "a shopper gets two confirmations" in said
    assert "It was found; invariants called broken: invariant.I22.confirmed_once." in said
    assert "The audit took 1.5 s (60 allowed) and at most 300 MiB (2,048 allowed)." in said


def test_the_words_say_when_it_was_not_found() -> None:
    """In capitals, for that is what must not be overlooked."""
    told: dict[str, Any] = {"ops": 10, "planted": "I4", "order_id": "o-1", "broken": (), "named": ()}

    assert "It was NOT found; invariants called broken: none." in words_of(
        Vast(**told, found=False, seconds=1.0, peak_mib=1.0)
    )
