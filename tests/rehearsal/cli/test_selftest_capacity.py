"""The verb: JSON is exact, tables show every law or shop, and a broken promise is an exit code."""

import json
from collections.abc import Callable

import msgspec
import pytest

from rehearsal.cli import selftest_capacity as subject
from rehearsal.model.errors import RehearsalError
from rehearsal.model.verdict import Verdict
from rehearsal.pipeline.selftest.capacity_simulated import Decided, Law, Searched
from tests.rehearsal.pipeline.selftest.test_capacity_simulated import GOOD

ASKED = list[tuple[object, int, int]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> ASKED:
    """Return what is tried; all is well, but with seed 9 nothing is."""
    calls: ASKED = []

    def searched(law: Law, runs: int, seed: int, done: Callable[[], None]) -> Searched:
        calls.append((law, runs, seed))
        done()
        return msgspec.structs.replace(GOOD, law=law, over_5_percent=0.5 if seed == 9 else 0.0)

    def decided(factor: float, repeats: int, seed: int, done: Callable[[], None]) -> Decided:
        calls.append((factor, repeats, seed))
        done()
        go = repeats if factor > 1.3 or seed == 9 else 0
        no_go = repeats - go if factor < 1.3 else 0
        counts = dict.fromkeys(Verdict, 0) | {Verdict.GO: go, Verdict.NO_GO: no_go}
        counts[Verdict.INCONCLUSIVE] = repeats - go - no_go
        return Decided(factor=factor, verdicts=counts)

    monkeypatch.setattr(subject, "try_search", searched)
    monkeypatch.setattr(subject, "try_headroom", decided)
    return calls


def test_the_figures_are_exact(asked: ASKED, capsys: pytest.CaptureFixture[str]) -> None:
    """Five figures of mm8, 200 runs, and nothing else on either output."""
    code = subject.capacity(simulated=True, json=True)
    said = capsys.readouterr()

    assert (code, asked) == (0, [(Law.MM8, 200, 1)])
    assert json.loads(said.out) == {
        "runs": 200,
        "over_5_percent": 0.0,
        "median_ratio": 0.955,
        "below_truth": 0.95,
        "requests_median": 44000,
    }
    assert said.err == ""


def test_the_table_has_every_law(asked: ASKED, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --law; with it that one alone."""
    assert subject.capacity(runs=5) == 0
    said = capsys.readouterr().out

    assert [call[0] for call in asked] == list(Law)
    assert all(law in said for law in Law)
    assert "…" not in said  # eighty columns, and no word is cut
    assert subject.capacity(law=Law.PS, runs=5) == 0
    assert asked[-1] == (Law.PS, 5, 1)


def test_shares_are_told_with_what_so_many_searches_leave_open(
    asked: ASKED, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 200 searches 95 % held: of many more 91 to 97 % would (Wilson); none was too high: up to 2 %."""
    assert subject.capacity(law=Law.MM8) == 0
    said = capsys.readouterr().out

    assert "95.0 %" in said
    assert "91–97" in said
    assert "0–2" in said


def test_verdicts_are_told_with_what_so_few_repeats_leave_open(
    asked: ASKED, capsys: pytest.CaptureFixture[str]
) -> None:
    """Twenty of twenty: 83 % or more of many (Clopper and Pearson); none of twenty: 17 % or less."""
    assert subject.capacity(headroom=True) == 0
    said = capsys.readouterr().out

    assert "83–100" in said
    assert "0–17" in said


def test_verdicts_are_counted(asked: ASKED, capsys: pytest.CaptureFixture[str]) -> None:
    """Three shops, twenty repeats each, as a table and as JSON."""
    assert subject.capacity(headroom=True) == 0
    assert "1.45 times the forecast" in capsys.readouterr().out
    assert subject.capacity(headroom=True, json=True) == 0

    assert json.loads(capsys.readouterr().out)["1.45"]["GO"] == 20
    assert asked[:3] == [(1.25, 20, 1), (1.30, 20, 1), (1.45, 20, 1)]


@pytest.mark.parametrize("headroom", [False, True])
def test_a_broken_promise_is_an_exit_code(
    asked: ASKED, capsys: pytest.CaptureFixture[str], headroom: bool
) -> None:
    """And the table says NO."""
    assert subject.capacity(headroom=headroom, seed=9) == 1
    assert "NO" in capsys.readouterr().out


def test_searches_or_verdicts() -> None:
    """Not both at once."""
    with pytest.raises(RehearsalError, match="choose one"):
        subject.capacity(simulated=True, headroom=True)
