from collections.abc import Callable

import pytest

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Drop, Kind, Row
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Status
from rehearsal.pipeline.cut import frame_until, plan_until, schedule_until, stop_finding
from rehearsal.pipeline.judge_course import judge_course
from rehearsal.rundir.history_file import frame_of
from rehearsal.rundir.record import StopRecord
from scenarios.schedule import build


@pytest.fixture
def plan(make_plan: Callable[..., Plan], plan_text: str) -> Plan:
    """Return the plan that tests cut short."""
    return make_plan(plan_text)


def starts(plan: Plan) -> dict[str, float]:
    """Return when each phase begins, in seconds."""
    timeline = timeline_of(plan)
    return {phase.name: timeline.window_of(phase.name).start_ns / 1e9 for phase in plan.phases}


def tripped(at_s: float) -> StopRecord:
    """Return a condition that was met so long into the run."""
    return StopRecord(
        condition="error_share", at_s=at_s, summary="20 % were bad", measured=0.2, limit=0.1, unit="share"
    )


def test_a_run_that_was_cut_in_its_fault(plan: Plan) -> None:
    """The phase is as long as it was, the fault held no longer, what never began is left out."""
    begun_s = starts(plan)["down"]
    cut = plan_until(plan, begun_s + 2.5)

    assert [phase.name for phase in cut.phases][-1] == "down"
    assert cut.phases[-1].duration_s == pytest.approx(2.5)
    assert cut.faults[0].hold_s == pytest.approx(2.5 - plan.faults[0].after_s)
    assert "back" not in {phase.name for phase in cut.phases}


@pytest.mark.parametrize(
    ("into_s", "last", "faults"),
    [
        pytest.param(0.5, "burst", 0, id="half a second says nothing of a phase"),
        pytest.param(1.0, "down", 0, id="a fault that begins at the stop never began"),
    ],
)
def test_the_last_phase(plan: Plan, into_s: float, last: str, faults: int) -> None:
    """What was too short to be judged is not."""
    cut = plan_until(plan, starts(plan)["down"] + into_s)

    assert (cut.phases[-1].name, len(cut.faults)) == (last, faults)


def test_a_run_that_was_cut_before_the_sale(plan: Plan) -> None:
    """Nothing was on sale; and the first phase is kept however short it was."""
    cut = plan_until(plan, 0.1)

    assert (cut.has_sale, cut.waiting_room, len(cut.phases)) == (False, None, 1)


def test_the_schedule_as_far_as_it_went(plan: Plan) -> None:
    """Planned are the visits due by then, in the phases that are left; of a whole run, all of them."""
    schedule = build(plan)
    stop_s = starts(plan)["down"] + 2.5
    cut = plan_until(plan, stop_s)
    until = schedule_until(schedule, timeline_of(cut), stop_s)

    assert sum(until.planned.values()) == len(until.due_ns) < len(schedule.due_ns)
    assert max(until.due_ns) < nanoseconds(stop_s)
    assert until.planned["burst"] == schedule.planned["burst"]
    assert schedule_until(schedule, timeline_of(plan), plan.duration_s) == schedule


def test_visits_that_came_too_late_do_not_count(plan: Plan) -> None:
    """Called off, or begun before the load knew; what they ordered stays for the audit."""
    late_ns = nanoseconds(9.0)
    rows = [
        Row(kind=Kind.VISIT, f="cart", visit=1, due_ns=nanoseconds(7.0)),
        Row(kind=Kind.VISIT, f="cart", visit=2, due_ns=late_ns),
        Row(kind=Kind.OP, f="pay", visit=2, due_ns=late_ns),
        Row(kind=Kind.DROP, f=Drop.ABORTED, visit=3, due_ns=late_ns),
    ]
    frame = frame_until(frame_of(rows, timeline_of(plan)), 8.0)

    assert frame.select("kind", "visit").rows() == [("visit", 1), ("op", 2)]


def test_what_the_condition_is_called(plan: Plan) -> None:
    """The finding fails, says when and where, and has the figures."""
    finding = stop_finding(tripped(starts(plan)["down"] + 1.0), plan)

    assert (finding.check, finding.status, finding.subject) == ("stop.error_share", Status.FAIL, "down")
    assert (finding.measured, finding.limit, finding.unit) == (0.2, 0.1, "share")
    assert "20 % were bad" in finding.summary


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        (None, [("run.completed", "PASS")]),
        (tripped(3.0), [("run.completed", "INCONCLUSIVE"), ("stop.error_share", "FAIL")]),
    ],
)
def test_how_a_run_went(plan: Plan, stop: StopRecord | None, expected: list[tuple[str, str]]) -> None:
    """A run that its plan stopped is not a run that went through."""
    found = judge_course(frame_of([], timeline_of(plan)), plan, stop)

    assert [(finding.check, finding.status) for finding in found] == expected


def test_a_replaced_toxiproxy_makes_its_phase_invalid(plan: Plan) -> None:
    """A new server cut every connection: that was not the shop."""
    at_ns = nanoseconds(starts(plan)["down"] + 1.0)
    row = Row(
        kind=Kind.PROTOCOL,
        f=ProtocolStep.REPLACED,
        sent_ns=at_ns,
        done_ns=at_ns + nanoseconds(0.4),
        note="Toxiproxy is wedged; it was killed and replaced",
    )
    [_, finding] = judge_course(frame_of([row], timeline_of(plan)), plan, None)

    assert (finding.check, finding.status, finding.subject) == ("run.toxiproxy", Status.INVALID, "down")
    assert finding.evidence["end_s"] - finding.evidence["start_s"] == pytest.approx(0.4)
