from pathlib import Path

import pytest

from rehearsal.pipeline.selftest.case import Case, CaseKind, Result, Standing
from rehearsal.pipeline.selftest.ledger import Ledger
from rehearsal.pipeline.selftest.summary import results_of, summary_of, told


def result(standing: str) -> Result:
    """Return a result; its kind follows from its standing."""
    kind = CaseKind.CLEAN if standing in {"clean", "alarm", "starved"} else CaseKind.DEFECT
    return Result(
        name="it",
        kind=kind,
        fault="no_fault",
        seed=1,
        expected=(),
        found=(),
        standing=Standing(standing),
        verdict="",
        seconds=1.0,
    )


@pytest.mark.parametrize(
    ("standings", "figures", "holds"),
    [
        (("caught", "caught", "clean"), (2, 2, 1, 0), True),
        (("caught", "missed", "clean"), (2, 1, 1, 0), False),
        (("caught", "clean", "alarm"), (1, 1, 1, 1), False),
        (("caught", "clean", "starved"), (1, 1, 1, 0), True),
        (("caught", "starved"), (1, 1, 0, 0), False),
        (("caught", "untrapped", "clean"), (2, 1, 1, 0), False),
        (("broken",), (1, 0, 0, 0), False),
        (("clean",), (0, 0, 1, 0), True),
        (("caught",), (1, 1, 0, 0), True),
        (("starved",), (0, 0, 0, 0), False),
        ((), (0, 0, 0, 0), False),
    ],
)
def test_the_figures(standings: tuple[str, ...], figures: tuple[int, ...], holds: bool) -> None:
    """A run that proves nothing is neither clean nor an alarm; nothing at all is never enough."""
    summary = summary_of([result(standing) for standing in standings])

    assert (summary.planted, summary.caught, summary.clean_runs, summary.false_alarms) == figures
    assert summary.holds is holds


def test_json_has_exactly_these_keys() -> None:
    """Programs read them: five at the top, and each case tells what was expected, found and kept."""
    answer = told(summary_of([result("caught")]))

    assert list(answer) == ["planted", "caught", "clean_runs", "false_alarms", "cases"]
    assert {"name", "kind", "fault", "seed", "expected", "found", "verdict", "seconds", "run"} <= set(
        answer["cases"][0]
    )


def test_what_proved_nothing_is_listed_apart() -> None:
    """Starved and broken cases, not those that were decided."""
    found = summary_of([result(standing) for standing in ("clean", "starved", "missed", "broken")])

    assert [one.standing for one in found.proven_nothing] == ["starved", "broken"]


def test_results_come_in_the_order_of_the_cases(tmp_path: Path) -> None:
    """A bug without a trap has a result without a run; a case that was not run has none."""
    ledger = Ledger(tmp_path, "v")
    cases = [
        Case(name=name, kind=CaseKind.DEFECT, seed=1, text=text)
        for name, text in (("a", "x"), ("b", ""), ("c", "x"))
    ]
    ledger.write(cases[2], result("caught"))

    assert [one.standing for one in results_of(cases, ledger)] == ["untrapped", "caught"]
