"""`rehearse selftest capacity --live`, its searches told beforehand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal.cli import selftest_capacity_live
from rehearsal.cli.selftest_capacity import capacity
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.model.verdict import Status, Verdict
from rehearsal.pipeline.selftest.capacity_live import LiveCase, LiveTried
from rehearsal.pipeline.selftest.capacity_simulated import Law
from tests.trials import plain_trial

TRIAL = plain_trial()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[LiveCase]]:
    """Return a way to say what each search finds: a share of the truth, and the verdict by its factor."""

    def tell(
        share: float = 0.96, verdicts: dict[float, Verdict] | None = None, headroom: Status | None = None
    ) -> list[LiveCase]:
        cases: list[LiveCase] = []

        def try_live(case: LiveCase, _room: Path, **parts: Any) -> LiveTried:
            cases.append(case)
            parts["watcher"].stage("The load runs.")
            parts["watcher"].trial(TRIAL)
            return LiveTried(
                case=case,
                truth_per_s=case.truth_per_s,
                low_per_s=share * case.truth_per_s,
                value_per_s=share * case.truth_per_s,
                high_per_s=None,
                requests=1000,
                trials=1,
                headroom=headroom,
                verdict=(verdicts or {}).get(case.factor or 0.0, Verdict.GO),
            )

        monkeypatch.setattr(selftest_capacity_live, "try_live", try_live)
        return cases

    return tell


@pytest.mark.parametrize(("share", "code"), [(0.96, EXIT_OK), (0.8, EXIT_FAILED)], ids=["near", "far"])
def test_two_laws_are_measured(
    told: Callable[..., list[LiveCase]], capsys: pytest.CaptureFixture[str], share: float, code: int
) -> None:
    """Four and eight servers, each against its closed form, shown as a table."""
    cases = told(share)
    ended = capacity(live=True)
    said = capsys.readouterr()

    assert (ended, [case.law for case in cases]) == (code, [Law.MM4, Law.MM8])
    assert "mm4" in said.out
    assert "doubling" in said.err


RIGHT = {1.25: Verdict.NO_GO, 1.30: Verdict.INCONCLUSIVE, 1.45: Verdict.GO}


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        pytest.param(RIGHT, EXIT_OK, id="as it should be"),
        pytest.param({**RIGHT, 1.30: Verdict.NO_GO}, EXIT_OK, id="1.30 may miss"),
        pytest.param({**RIGHT, 1.30: Verdict.GO}, EXIT_FAILED, id="GO by luck"),
        pytest.param({**RIGHT, 1.25: Verdict.GO}, EXIT_FAILED, id="too little passes"),
        pytest.param({**RIGHT, 1.25: Verdict.INCONCLUSIVE}, EXIT_FAILED, id="too little stays open"),
        pytest.param({**RIGHT, 1.45: Verdict.NO_GO}, EXIT_FAILED, id="enough fails"),
        pytest.param(dict.fromkeys(RIGHT, Verdict.INVALID), EXIT_OK, id="the machine spoilt it"),
    ],
)
def test_verdicts_on_three_shops(
    told: Callable[..., list[LiveCase]],
    capsys: pytest.CaptureFixture[str],
    verdicts: dict[float, Verdict],
    code: int,
) -> None:
    """1.25, 1.30 and 1.45 times the forecast, so often as is asked, each with a seed of its own; counted."""
    cases = told(verdicts=verdicts)
    ended = capacity(live=True, headroom=True, runs=2, json=True)
    counts = json.loads(capsys.readouterr().out)

    assert ended == code
    assert [(case.factor, case.seed) for case in cases] == [
        *((factor, 1) for factor in RIGHT),
        *((factor, 2) for factor in RIGHT),
    ]
    assert {name: each[verdicts[float(name)]] for name, each in counts.items()} == {
        "1.25": 2,
        "1.30": 2,
        "1.45": 2,
    }


def test_each_verdict_is_shown_with_what_was_held(
    told: Callable[..., list[LiveCase]], capsys: pytest.CaptureFixture[str]
) -> None:
    """A row a shop, and below them the counts."""
    told(verdicts=RIGHT, headroom=Status.FAIL)
    capacity(live=True, headroom=True)
    shown = capsys.readouterr().out

    assert "1.25 x" in shown
    assert "1.45 times the forecast" in shown
    assert "FAIL" in shown
