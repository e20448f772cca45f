"""Metastability: goodput that stays away under the same load, and the cut of load that brings it back."""

from collections.abc import Iterable
from typing import Any

import polars as pl
import pytest

from capacity.metastable import judge_metastability
from rehearsal.model.clock import nanoseconds
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import PhaseKind
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import phase, plan_of
from tests.capacity.drilled import END_S, NO_ANSWER, PHASES, cards, drilled, fault_of

STORM = fault_of(FaultKind.PAYMENT_SLOW)


def visits(per_s: dict[range, float]) -> pl.Series:
    """Return when visits were due, at such a rate in such seconds."""
    due_s = [
        second + i / rate for seconds, rate in per_s.items() for second in seconds for i in range(round(rate))
    ]
    return pl.Series([nanoseconds(at_s) for at_s in due_s])


def judged(
    bad: Iterable[int], per_s: dict[range, float], *, until_s: int = END_S, **rest: Any
) -> Finding | None:
    """Return the finding when payments went unanswered in the seconds of `bad`."""
    rows = [
        row for second in range(until_s) for row in cards([second], **(NO_ANSWER if second in bad else {}))
    ]
    requests, drill = drilled(STORM, rows, **rest)
    return judge_metastability(requests, drill=drill, due_ns=visits(per_s))


SAME = {range(END_S): 20.0}


@pytest.mark.parametrize(
    ("bad", "per_s", "status", "measured"),
    [
        pytest.param(range(12, 22), SAME, Status.PASS, 2.0, id="back under the same load"),
        pytest.param(range(12, 26), SAME, Status.FAIL, 6.0, id="back too late, without a cut"),
        pytest.param(range(12, 40), SAME, Status.FAIL, None, id="never back"),
        pytest.param(
            range(12, 40), {range(20): 20.0, range(20, 40): 10.0}, Status.FAIL, None, id="not even under half"
        ),
    ],
)
def test_metastability(bad: range, per_s: dict[range, float], status: Status, measured: float | None) -> None:
    """What does not come back within five seconds of the healing stays down by itself."""
    finding = judged(bad, per_s)

    assert finding is not None
    assert (status, measured) == (finding.status, finding.measured)
    assert ("METASTABLE" in finding.summary) is (status is Status.FAIL)
    assert "load_cut" not in finding.evidence


def test_the_cut_that_recovers_is_named() -> None:
    """Goodput that comes back with the load cut says which cut it took."""
    finding = judged(range(12, 30), {range(30): 20.0, range(30, 40): 8.0})

    assert finding is not None
    assert finding.evidence["load_cut"] == {"at_s": 30.0, "from_per_s": 20.0, "to_per_s": 8.0}
    assert "cut from 20.0 to 8.0" in finding.summary


@pytest.mark.parametrize(
    ("bad", "per_s"),
    [
        pytest.param(
            range(12, 20), {range(20): 20.0, range(20, 40): 10.0}, id="back, but under half the load"
        ),
        pytest.param(range(40), SAME, id="broken before the fault"),
        pytest.param(range(12), SAME, id="worse before than after"),
    ],
)
def test_nothing_to_tell(bad: range, per_s: dict[range, float]) -> None:
    """Metastability that was not put to the test is not judged."""
    assert judged(bad, per_s) is None


def test_a_run_that_ends_too_soon_tells_nothing() -> None:
    """Three seconds are too few where five are allowed."""
    plan = plan_of(*PHASES[:2], phase("back", kind=PhaseKind.RECOVERY, duration_s=3.0), faults=(STORM,))

    assert judged(range(12, 23), SAME, until_s=23, plan=plan) is None
