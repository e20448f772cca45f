from io import StringIO
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console

from rehearsal.cli.selftest_text import case_line, matrix, showing, summary_words
from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Standing
from rehearsal.pipeline.selftest.ledger import Ledger
from rehearsal.pipeline.selftest.summary import summary_of

CASE = Case(name="region_killed-3", kind=CaseKind.CLEAN, seed=3, text="plan", fault="region_killed")
RESULT = Result(
    name="region_killed-3",
    kind=CaseKind.CLEAN,
    fault="region_killed",
    seed=3,
    expected=(),
    found=(),
    standing=Standing.CLEAN,
    verdict="GO",
    seconds=18.0,
)
CAUGHT = Result(
    name="oversell_race",
    kind=CaseKind.DEFECT,
    fault="no_fault",
    seed=1,
    expected=("invariant.I1",),
    found=("invariant.A", "invariant.I1.no_oversell"),
    standing=Standing.CAUGHT,
    verdict="NO_GO",
    seconds=18.0,
)


def shown(*, terminal: bool, result: Result, again: bool, tmp_path: Path) -> str:
    """Return what is seen while one case runs."""
    sink = StringIO()
    console = Console(file=sink, force_terminal=terminal, width=100)
    with showing([CASE], Ledger(tmp_path, "v"), console) as board:
        board.began(CASE, 2)
        board.over(result, again=again)
    return sink.getvalue()


def test_without_a_terminal_each_end_is_a_line(tmp_path: Path) -> None:
    """For logs and pipes."""
    said = shown(terminal=False, result=RESULT, again=False, tmp_path=tmp_path)

    assert said == "  18.0 s  clean     region_killed-3  GO\n"


def test_a_drill_that_is_repeated_is_said_to_be(tmp_path: Path) -> None:
    """It is not counted as done."""
    starved = replace(RESULT, standing=Standing.STARVED, note="starved", run="/r")
    said = shown(terminal=False, result=starved, again=True, tmp_path=tmp_path)

    assert said == "  18.0 s  starved   region_killed-3  starved. /r; once more\n"


def test_a_terminal_shows_how_far_it_is(tmp_path: Path) -> None:
    """The bar, and which drill runs in which attempt."""
    said = shown(terminal=True, result=RESULT, again=False, tmp_path=tmp_path)

    assert "0 of 1" in said or "1 of 1" in said
    assert "region_killed-3" in said


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (CAUGHT, "caught    oversell_race  invariant.I1.no_oversell"),
        (RESULT, "clean     region_killed-3  GO"),
    ],
)
def test_a_line_tells_what_caught_it_or_the_verdict(result: Result, says: str) -> None:
    """What failed besides is in the matrix."""
    assert case_line(result).plain == f"  18.0 s  {says}"


def test_the_expected_check_stands_first_in_the_matrix() -> None:
    """What failed besides follows from it mostly."""
    console = Console(file=StringIO(), width=130)
    with console.capture() as captured:
        console.print(matrix(summary_of([CAUGHT, RESULT])))
    lines = [line.split() for line in captured.get().splitlines()]

    assert ["oversell_race", "no_fault", "invariant.I1", "caught", "invariant.I1.no_oversell"] in lines
    assert ["invariant.A"] in lines
    assert ["region_killed", "seed", "3", "clean"] in lines


def test_names_are_never_cut_however_narrow_the_terminal() -> None:
    """They are folded, so that they can be copied."""
    console = Console(file=StringIO(), width=50)
    with console.capture() as captured:
        console.print(matrix(summary_of([CAUGHT])))

    assert "…" not in captured.get()


@pytest.mark.parametrize(
    ("bug", "says"),
    [
        (CAUGHT, "oversell_race under no_fault: invariant.I1.no_oversell, invariant.A"),
        (
            replace(CAUGHT, standing=Standing.MISSED, found=()),
            "under no_fault: nothing; must fail: invariant.I1",
        ),
    ],
    ids=["caught", "missed"],
)
def test_a_narrow_terminal_has_a_paragraph_for_each_bug(bug: Result, says: str) -> None:
    """Names and checks beside each other would be folded in the middle of words."""
    console = Console(file=StringIO(), width=80)
    with console.capture() as captured:
        console.print(matrix(summary_of([bug])))

    assert says in captured.get()


def test_the_words_at_the_end_name_cases_that_proved_nothing() -> None:
    """Apart from the figures."""
    starved = replace(RESULT, standing=Standing.STARVED, note="starved", run="/r")
    words = summary_words(summary_of([CAUGHT, RESULT, starved])).plain

    assert words.startswith("1 of 1 planted bugs caught; 1 clean runs of the correct shop, 0 false alarms")
    assert "; 1 cases proved nothing" in words
    assert words.endswith("starved  region_killed-3: starved. /r")
