"""Contingency plans: carried out in time, too late, in vain, not at all."""

from typing import Any

import pytest

from capacity.contingencies import judge_contingency
from capacity.fault_windows import placed_drills
from capacity.samples import requests_of
from rehearsal.model.clock import nanoseconds
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Contingency, Fault
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import plan_of, told
from tests.capacity.drilled import NO_ANSWER, PHASES, REFUSED, cards, fault_of, steps

OUTAGE = fault_of(FaultKind.PAYMENT_UNREACHABLE)


def plan_b(at_s: float, note: str, outcome: str = "ok") -> Row:
    """Return a step of the contingency plan."""
    at_ns = nanoseconds(at_s)
    return Row(kind=Kind.PLAN_B, f="second way", sent_ns=at_ns, done_ns=at_ns, outcome=outcome, note=note)


BEGUN, DONE = plan_b(14, "begin: the second channel"), plan_b(14.5, "done: paid by the second")


def paid(back_s: int, *, before: dict[str, Any] | None = None) -> list[Row]:
    """Return payments that fail from 12 s until some second."""
    return [
        *cards(range(12), **(before or {})),
        *cards(range(12, back_s), **REFUSED),
        *cards(range(back_s, 40)),
    ]


def judged(rows: list[Row], *, within_s: float = 6.0, fault: Fault | None = OUTAGE) -> Finding:
    """Return the finding on a plan begun at 14 s, two seconds after its fault."""
    contingency = Contingency(name="second way", action="second_channel", phase="down", within_s=within_s)
    plan = plan_of(*PHASES, faults=(fault,) if fault else (), contingencies=(contingency,))
    frame, timeline = told(plan, *(steps(fault) if fault else ()), *rows)
    drills = [drill for _, drill in placed_drills(frame, timeline) if drill]
    return judge_contingency(
        requests_of(frame),
        contingency=contingency,
        steps=frame.filter(frame["kind"] == Kind.PLAN_B),
        drills=drills,
        timeline=timeline,
    )


@pytest.mark.parametrize(
    ("rows", "within_s", "status", "measured"),
    [
        pytest.param(
            [BEGUN, DONE, *paid(15)], 6.0, Status.PASS, 3.0, id="back three seconds after the fault"
        ),
        pytest.param([BEGUN, DONE, *paid(18)], 6.0, Status.PASS, 6.0, id="just in time"),
        pytest.param([BEGUN, DONE, *paid(18)], 5.0, Status.FAIL, 6.0, id="a second too late"),
        pytest.param(
            [BEGUN, DONE, *paid(12)], 6.0, Status.PASS, 2.0, id="never away: counted from its begin"
        ),
        pytest.param([BEGUN, DONE, *paid(20)], 6.0, Status.FAIL, None, id="only the healing brought it back"),
        pytest.param(
            [BEGUN, DONE, *paid(20)], 900.0, Status.INCONCLUSIVE, None, id="healed before its time was up"
        ),
        pytest.param(
            [BEGUN, DONE, *paid(15, before=NO_ANSWER)], 6.0, Status.INCONCLUSIVE, None, id="broken before"
        ),
        pytest.param(paid(15), 6.0, Status.INCONCLUSIVE, None, id="never begun"),
        pytest.param([BEGUN, *paid(15)], 6.0, Status.INCONCLUSIVE, None, id="begun, never done"),
        pytest.param(
            [BEGUN, plan_b(15, "done: exit code 1", "fail"), *paid(15)], 6.0, Status.FAIL, None, id="it broke"
        ),
    ],
)
def test_contingency(rows: list[Row], within_s: float, status: Status, measured: float | None) -> None:
    """The time counts from the fault's injection until goodput is back while the fault still holds."""
    finding = judged(rows, within_s=within_s)

    assert (status, measured) == (finding.status, finding.measured)


def test_the_minutes_stand_beside_the_target() -> None:
    """A plan is told in minutes of the quarter of an hour that the response may take."""
    finding = judged([BEGUN, DONE, *paid(15)])

    assert (finding.evidence["minutes"], finding.evidence["target_minutes"]) == (0.05, 15)
    assert "of 15 minutes" in finding.summary


def test_without_a_fault_it_counts_from_its_own_begin() -> None:
    """A switch rehearsed in calm must not be felt."""
    finding = judged([BEGUN, DONE, *paid(12)], fault=None)

    assert (finding.status, finding.measured) == (Status.PASS, 0.0)
