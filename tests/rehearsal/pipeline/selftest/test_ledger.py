from pathlib import Path

import pytest
from msgspec.structs import replace

from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Standing
from rehearsal.pipeline.selftest.ledger import LEDGER, Ledger, version_of_sources

CASE = Case(name="it", kind=CaseKind.CLEAN, seed=1, text="plan", fault="no_fault")
RESULT = Result(
    name="it",
    kind=CaseKind.CLEAN,
    fault="no_fault",
    seed=1,
    expected=(),
    found=(),
    standing=Standing.CLEAN,
    verdict="GO",
    seconds=17.0,
)


def test_a_second_call_finds_what_the_first_one_wrote(tmp_path: Path) -> None:
    """The last line about a case counts."""
    Ledger(tmp_path / "out", "v").write(CASE, replace(RESULT, standing=Standing.ALARM))
    Ledger(tmp_path / "out", "v").write(CASE, RESULT)

    assert Ledger(tmp_path / "out", "v").decided(CASE) == RESULT


@pytest.mark.parametrize(
    ("version", "case"),
    [
        pytest.param("w", CASE, id="another version of the harness"),
        pytest.param("v", replace(CASE, text="other"), id="another plan"),
        pytest.param("v", replace(CASE, expected=("x",)), id="something else is expected"),
        pytest.param("v", replace(CASE, defect="oversell_race"), id="a planted bug"),
    ],
)
def test_a_result_holds_only_for_what_was_run(tmp_path: Path, version: str, case: Case) -> None:
    """Whatever decides how a drill ends is part of the key."""
    Ledger(tmp_path, "v").write(CASE, RESULT)

    assert Ledger(tmp_path, version).last_of(case) is None


@pytest.mark.parametrize("standing", [Standing.STARVED, Standing.UNFELT, Standing.BROKEN])
def test_what_proved_nothing_is_told_but_not_done(tmp_path: Path, standing: Standing) -> None:
    """A second call runs it again."""
    Ledger(tmp_path, "v").write(CASE, replace(RESULT, standing=standing))
    again = Ledger(tmp_path, "v")

    assert again.decided(CASE) is None
    assert again.last_of(CASE) == replace(RESULT, standing=standing)


def test_a_line_cut_short_costs_itself_only(tmp_path: Path) -> None:
    """Its writer was killed in the middle; what comes after stands on a line of its own."""
    Ledger(tmp_path, "v").write(CASE, RESULT)
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes() + b'{"key": "half')
    other = replace(CASE, name="other")
    Ledger(tmp_path, "v").write(other, replace(RESULT, name="other"))

    assert Ledger(tmp_path, "v").decided(CASE) == RESULT
    assert Ledger(tmp_path, "v").decided(other) == replace(RESULT, name="other")


def test_the_version_follows_the_sources_of_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed file is another version; a file of the command line or of the selftest itself is not."""
    package = tmp_path / "rehearsal_like"
    (package / "inner").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "inner" / "a.py").write_text("A = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = version_of_sources(["rehearsal_like"])
    (package / "inner" / "a.py").write_text("A = 2\n")

    assert version_of_sources(["rehearsal_like"]) != before
    assert version_of_sources(["no_such_package"]) == version_of_sources([])
    assert version_of_sources() == version_of_sources()
