"""A healing that nobody could prove: the shop's failure on a sound machine, nobody's on a starved one."""

from collections.abc import Callable

import pytest

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.pipeline.judge_faults import judge_faults
from rehearsal.rundir.history_file import frame_of

HEALING_S, GAVE_UP_S = 20.0, 25.0


def step(note: str, at_s: float, done_s: float, outcome: Outcome = Outcome.OK) -> Row:
    """Return a row of the nemesis."""
    return Row(
        kind=Kind.FAULT,
        f="payment_unreachable",
        sent_ns=nanoseconds(at_s),
        done_ns=nanoseconds(done_s),
        outcome=outcome,
        note=note,
    )


BROKEN = (step("inject: it breaks", 15, 15), step("effect: it is broken", 15, 15))
MENDED = (*BROKEN, step("heal: mended", HEALING_S, HEALING_S))
UNPROVEN = (*MENDED, step("healed: still refused", HEALING_S, GAVE_UP_S, Outcome.FAIL))
PROVEN = (*MENDED, step("healed: it answers", HEALING_S, HEALING_S))
WEDGED = (*BROKEN, step("heal: API is wedged", HEALING_S, GAVE_UP_S, Outcome.FAIL))


def stalled(*seconds: int) -> tuple[Row, ...]:
    """Return measurements of a machine that stood still in these seconds."""
    return tuple(
        Row(kind=Kind.HEALTH, f="stall_ms", sent_ns=nanoseconds(second), value=900.0) for second in seconds
    )


def judged(plan: Plan, *rows: Row, unhealed: tuple[str, ...] = ()) -> dict[str, Finding]:
    """Return the findings on a history by check."""
    timeline = timeline_of(plan)
    findings = judge_faults(frame_of(rows, timeline), timeline, plan.limits, unhealed)
    return {finding.check: finding for finding in findings}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(UNPROVEN, Status.FAIL, id="a sound machine"),
        pytest.param((*UNPROVEN, *stalled(5, 6)), Status.FAIL, id="starved long before"),
        pytest.param((*UNPROVEN, *stalled(20)), Status.FAIL, id="starved for the first of five seconds"),
        pytest.param((*UNPROVEN, *stalled(21, 23, 24)), Status.INVALID, id="starved nearly all along"),
        pytest.param((*WEDGED, *stalled(*range(19, 27))), Status.FAIL, id="the mending itself went wrong"),
        pytest.param((*PROVEN, *stalled(20)), Status.PASS, id="proven all the same"),
        pytest.param(stalled(20), Status.INCONCLUSIVE, id="no trace"),
    ],
)
def test_an_unproven_healing(make_plan: Callable[..., Plan], rows: tuple[Row, ...], expected: Status) -> None:
    """INVALID where too little of the proof fell into seconds of a sound machine; else FAIL."""
    finding = judged(make_plan(), *rows)["fault.payment_unreachable.healed"]

    assert expected is finding.status
    assert (finding.summary[-1], ".;" in finding.summary) == (".", False)


def test_an_excuse_names_its_seconds(make_plan: Callable[..., Plan]) -> None:
    """The reader can look what the machine did."""
    finding = judged(make_plan(), *UNPROVEN, *stalled(21, 23, 24))["fault.payment_unreachable.healed"]

    assert "still refused; but the machine starved in seconds 21, 23-24 (stalled 900 ms)" in finding.summary


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(UNPROVEN, Status.FAIL, id="a sound machine"),
        pytest.param((*UNPROVEN, *stalled(21, 23, 24)), Status.INVALID, id="a starved machine"),
        pytest.param((*WEDGED, *stalled(*range(19, 27))), Status.FAIL, id="the mending went wrong"),
        pytest.param((), Status.FAIL, id="no trace in the history"),
    ],
)
def test_the_nemesis_sentence_weighs_as_much_as_the_fault(
    make_plan: Callable[..., Plan], rows: tuple[Row, ...], expected: Status
) -> None:
    """What could not be healed is told, and is excused only together with the proof that failed."""
    finding = judged(make_plan(), *rows, unhealed=("It was mended, but refused.",))["fault.unhealed"]

    assert (finding.status, finding.summary) == (expected, "It was mended, but refused.")
