"""Recovery seen in time, seen too late, never seen, and not judgeable."""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from capacity.recovery import judge_recoveries
from capacity.starvation import Starved
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.plan import Fault, PhaseKind, Plan
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import fault_step, op, phase, plan_of, told

CALM = Starved({})
#: Injected at 12 s, healed at 20 s; 20 s of recovery follow.
PHASES = (
    phase("calm"),
    phase("down", kind=PhaseKind.FAULT),
    phase("back", kind=PhaseKind.RECOVERY, duration_s=20.0),
)
OUTAGE = Fault(
    kind=FaultKind.PAYMENT_UNREACHABLE, phase="down", after_s=2.0, hold_s=8.0, recover_within_s=5.0
)
KILLED = Fault(kind=FaultKind.REGION_KILLED, phase="down", after_s=2.0, hold_s=8.0, recover_within_s=5.0)


def steps(fault: Fault) -> list[Row]:
    """Return what the nemesis says of a fault, two repeated words of healing included."""
    notes = ((12, "inject"), (13, "effect"), (20, "heal"), (21, "healed"))
    return [fault_step(at_s, fault.kind, note) for at_s, note in notes]


STEPS = steps(OUTAGE)


def cards(seconds: Iterable[int], *, bad: Iterable[int] = (), per_s: int = 10, **rest: Any) -> list[Row]:
    """Return card payments, `per_s` a second, refused in the seconds of `bad`."""
    down = {"outcome": "fail", "error": "payment_unavailable"}
    return [
        op(
            second + i / per_s,
            f="pay",
            channel="card",
            intent=f"{second}/{i}",
            **{**rest, **(down if second in bad else {})},
        )
        for second in seconds
        for i in range(per_s)
    ]


def judged(
    fault: Fault, rows: Iterable[Row], *, starved: Starved = CALM, plan: Plan | None = None
) -> Finding:
    """Return the finding of the plan's first fault."""
    frame, timeline = told(plan or plan_of(*PHASES, faults=(fault,)), *rows)
    return judge_recoveries(frame, timeline, starved)[0]


@pytest.mark.parametrize(
    ("bad", "status", "measured"),
    [
        pytest.param(range(12, 20), Status.PASS, 0.0, id="at once"),
        pytest.param(range(12, 23), Status.PASS, 3.0, id="after three seconds"),
        pytest.param(range(12, 25), Status.PASS, 5.0, id="just in time"),
        pytest.param(range(12, 26), Status.FAIL, 6.0, id="a second too late"),
        pytest.param([*range(12, 20), 21, 23], Status.PASS, 4.0, id="a good second alone is no recovery"),
        pytest.param(range(12, 40), Status.FAIL, None, id="never"),
    ],
)
def test_payment_outage(bad: list[int], status: Status, measured: float | None) -> None:
    """Recovered is the first second from which two seconds together are as good as before."""
    finding = judged(OUTAGE, [*steps(OUTAGE), *cards(range(40), bad=bad)])

    assert (status, measured) == (finding.status, finding.measured)


def test_only_the_card_channel_tells_of_the_card_channel() -> None:
    """Payments by the fallback channel do not make an outage of the first one recovered."""
    fallback = [op(20 + i / 10, f="pay", channel="pay_later", intent=f"later{i}") for i in range(200)]
    finding = judged(OUTAGE, [*steps(OUTAGE), *cards(range(40), bad=range(12, 40)), *fallback])

    assert Status.FAIL is finding.status


def test_sparse_seconds_are_pooled() -> None:
    """With two payments a second a share is taken over five seconds."""
    finding = judged(OUTAGE, [*steps(OUTAGE), *cards(range(40), bad=range(12, 22), per_s=2)])

    assert (finding.status, finding.measured) == (Status.PASS, 2.0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param(cards(range(40)), "no row of the history", id="never injected"),
        pytest.param(
            [fault_step(12, OUTAGE.kind, "inject"), *cards(range(40))],
            "no row of the history",
            id="never healed",
        ),
        pytest.param(
            [replace(step, outcome="fail") if step.note == "heal" else step for step in STEPS[:3]]
            + cards(range(40)),
            "no row of the history",
            id="healing failed",
        ),
        pytest.param([*steps(OUTAGE), *cards(range(12, 40))], "too few requests", id="no payments before"),
        pytest.param([*steps(OUTAGE), *cards(range(40), bad=range(12))], "only 0 %", id="broken before"),
        pytest.param([*steps(OUTAGE), *cards(range(20))], "too little was seen", id="no payments after"),
    ],
)
def test_not_judgeable(rows: list[Row], words: str) -> None:
    """Without the fault's rows, or requests before and after it, nothing is known of the recovery."""
    finding = judged(OUTAGE, rows)

    assert Status.INCONCLUSIVE is finding.status
    assert words in finding.summary


def test_a_run_that_ends_too_soon_is_not_a_failure() -> None:
    """A shop that had no time to recover in has not failed to."""
    plan = plan_of(
        PHASES[0], PHASES[1], phase("back", kind=PhaseKind.RECOVERY, duration_s=3.0), faults=(OUTAGE,)
    )
    finding = judged(OUTAGE, [*steps(OUTAGE), *cards(range(23), bad=range(12, 23))], plan=plan)

    assert Status.INCONCLUSIVE is finding.status


def region(second: int, name: str, **rest: Any) -> list[Row]:
    """Return ten requests of a second that a region answered."""
    return [op(second + i / 10, region=name, **rest) for i in range(10)]


@pytest.mark.parametrize(
    ("after", "status", "measured"),
    [
        pytest.param([*region(22, "a")], Status.PASS, 2.02, id="the region answers again after two seconds"),
        pytest.param([*region(30, "a")], Status.FAIL, 10.02, id="the region answers too late"),
        pytest.param([], Status.FAIL, None, id="the region never answers again"),
        pytest.param([*region(22, "a", f="route")], Status.FAIL, None, id="the director in its name"),
        pytest.param([*region(22, "a", outcome="info")], Status.FAIL, None, id="it answers, but not well"),
        pytest.param(
            [*region(20, "b", outcome="info"), *region(21, "a")],
            Status.PASS,
            1.02,
            id="shoppers suffer a second",
        ),
    ],
)
def test_region(after: list[Row], status: Status, measured: float | None) -> None:
    """A region has recovered when shoppers are served as before and it answers again itself."""
    before = [row for second in range(12) for row in region(second, "a")]
    other = [row for second in range(20, 40) for row in region(second, "b")]
    finding = judged(KILLED, [*steps(KILLED), *before, *other, *after])

    assert status is finding.status
    assert finding.measured == pytest.approx(measured, abs=1e-6)


def test_faults_of_one_kind_are_told_apart_by_time() -> None:
    """Each of two outages is judged by its own healing, in the order in which they are held."""
    late = Fault(kind=OUTAGE.kind, phase="back", after_s=5.0, hold_s=5.0, recover_within_s=5.0)
    plan = plan_of(*PHASES, faults=(late, OUTAGE))
    rows = [
        *steps(OUTAGE),
        fault_step(25, late.kind, "inject"),
        fault_step(30, late.kind, "heal"),
        *cards(range(40), bad=[*range(12, 21), *range(25, 33)]),
    ]
    frame, timeline = told(plan, *rows)
    findings = judge_recoveries(frame, timeline, CALM)

    assert [(finding.subject, finding.measured) for finding in findings] == [("down", 1.0), ("back", 3.0)]


def test_a_late_recovery_beside_a_stall_is_invalid() -> None:
    """Where the starved seconds alone kept the shop from recovering, the machine is to blame."""
    rows = [*steps(OUTAGE), *cards(range(40), bad=range(12, 27))]
    finding = judged(OUTAGE, rows, starved=Starved(dict.fromkeys(range(20, 27), "stalled 900 ms")))

    assert Status.INVALID is finding.status
    assert "seconds 20-25" in finding.summary


def test_no_recovery_beside_a_stall_is_still_a_fail() -> None:
    """A shop that never recovers has failed, whatever the machine did for a second."""
    rows = [*steps(OUTAGE), *cards(range(40), bad=range(12, 40))]
    finding = judged(OUTAGE, rows, starved=Starved({21: "stalled 900 ms"}))

    assert Status.FAIL is finding.status


def test_a_plan_without_faults_has_nothing_to_recover_from() -> None:
    """No fault, no finding."""
    frame, timeline = told(plan_of(), op(1))

    assert judge_recoveries(frame, timeline, CALM) == ()
