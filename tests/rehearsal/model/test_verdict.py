from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.verdict import EXIT_CODES, Finding, Status, Verdict, verdict_of


def found(*statuses: Status) -> list[Finding]:
    """Return a finding of each status."""
    return [Finding(check=f"c{n}", status=status, summary="s") for n, status in enumerate(statuses)]


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        pytest.param((), Verdict.INCONCLUSIVE, id="nothing was checked: never a pass"),
        pytest.param((Status.PASS,), Verdict.GO, id="all passed"),
        pytest.param((Status.PASS, Status.INCONCLUSIVE), Verdict.INCONCLUSIVE, id="one is not known"),
        pytest.param((Status.INCONCLUSIVE, Status.INVALID), Verdict.INVALID, id="the harness was at fault"),
        pytest.param((Status.INVALID, Status.FAIL), Verdict.NO_GO, id="a failure outweighs all"),
    ],
)
def test_the_worst_finding_decides(statuses: tuple[Status, ...], verdict: Verdict) -> None:
    """FAIL beats INVALID beats INCONCLUSIVE beats PASS, in any order."""
    assert {verdict_of(order) for order in permutations(found(*statuses))} == {verdict}


@given(st.lists(st.sampled_from(Status), min_size=1), st.sampled_from(Status))
def test_another_finding_never_makes_a_verdict_better(statuses: list[Status], more: Status) -> None:
    """Adding evidence is monotonic: a GO can be lost by it, never won."""
    rank = [Verdict.GO, Verdict.INCONCLUSIVE, Verdict.INVALID, Verdict.NO_GO]
    before = rank.index(verdict_of(found(*statuses)))
    after = rank.index(verdict_of(found(*statuses, more)))

    assert after >= before


def test_every_verdict_has_an_exit_code_of_its_own() -> None:
    """Scripts can tell the four verdicts apart."""
    assert set(EXIT_CODES) == set(Verdict)
    assert sorted(EXIT_CODES.values()) == [0, 1, 3, 4]
