"""Judging users who come at no rate of their own."""

from typing import Any

import pytest

from capacity.closed import judge_closed_generator, judge_closed_ledger
from capacity.headroom import judge_headroom
from capacity.judge import judge_numbers
from rehearsal.model.clock import nanoseconds
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Crowd, Kind, Outcome, Row
from rehearsal.model.plan import Fault, Forecast, Phase, PhaseKind, Plan, Traffic
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of

SLO = Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9)
NORMAL = Phase(name="normal", kind=PhaseKind.NORMAL, duration_s=10.0, rate=1.0)
TROUBLE = Phase(name="down", kind=PhaseKind.FAULT, duration_s=10.0, rate=1.0)
BACK = Phase(name="back", kind=PhaseKind.RECOVERY, duration_s=10.0, rate=1.0)
LOST = Fault(kind=FaultKind.PAYMENT_UNREACHABLE, phase="down", hold_s=5.0, recover_within_s=4.0)


def plan_of(*phases: Phase, **changes: Any) -> Plan:
    """Return a plan of ten users of a stranger's locustfile."""
    basis: dict[str, Any] = {
        "name": "theirs",
        "traffic": Traffic(locustfile="theirs.py", users=10, multiplier=5.0),
        "phases": phases or (NORMAL,),
        "slo": {PhaseKind.NORMAL: SLO, PhaseKind.FAULT: SLO},
    }
    return Plan(**{**basis, **changes})


def users(at_s: float, there: int, wanted: int = 10) -> Row:
    """Return a reading of the users."""
    at_ns = nanoseconds(at_s)
    return Row(kind=Kind.USERS, f=Crowd.RUNNING, sent_ns=at_ns, qty=there, value=float(wanted))


def beat(at_s: float, name: str = "cpu", value: float = 0.1) -> Row:
    """Return a measurement of the machine."""
    return Row(kind=Kind.HEALTH, f=name, sent_ns=nanoseconds(at_s), value=value)


def op(at_s: float, *, f: str = "POST /pay", took_ms: float = 20.0, **rest: Any) -> Row:
    """Return a request as a stranger's file makes it, good unless told."""
    at_ns = nanoseconds(at_s)
    done_ns = at_ns + nanoseconds(took_ms / 1000)
    given = {"outcome": Outcome.OK, **rest}
    return Row(kind=Kind.OP, f=f, due_ns=at_ns, sent_ns=at_ns, done_ns=done_ns, **given)


def generator(rows: list[Row], plan: Plan) -> dict[str, Finding]:
    """Return what is said of the generator, by check."""
    timeline = timeline_of(plan)
    return {found.check: found for found in judge_closed_generator(frame_of(rows, timeline), plan, timeline)}


FULL = [row for second in range(10) for row in (users(second + 0.5, 10), beat(second))]
THIN = [row for second in range(10) for row in (users(second + 0.5, 8), beat(second))]
SHARED = [
    row for second in range(10) for row in (users(second + 0.5, 5), users(second + 0.6, 5), beat(second))
]
WIDOWED = [row for second in range(10) for row in (users(second + 0.5, 5), beat(second))]
BROKEN = Row(kind=Kind.USERS, f=Crowd.ERROR, sent_ns=nanoseconds(3), qty=1, note="KeyError: 'url'")
CUT = Row(kind=Kind.USERS, f=Crowd.UNFINISHED, sent_ns=nanoseconds(11), qty=3)
HELD = op(1.0, f="GET http://cdn.example/", outcome=Outcome.FAIL, error="not_allowed")
STARVED = op(1.0, outcome=Outcome.FAIL, error="no_socket")
BUSY = [beat(second, "load_cpu", 0.99) for second in range(5)]
CASES = [
    ("all users there", FULL, "generator.users", Status.PASS, "in 0 of 10 seconds"),
    ("all users there, in two processes", SHARED, "generator.users", Status.PASS, "in 0 of 10 seconds"),
    ("users who left", THIN, "generator.users", Status.INCONCLUSIVE, "users of the file left"),
    (
        "a dead process's users missing",
        WIDOWED,
        "generator.users",
        Status.INCONCLUSIVE,
        "in 10 of 10",
    ),
    ("nobody counted", [beat(1.0)], "generator.users", Status.INCONCLUSIVE, "nobody counted"),
    ("nobody cut off", FULL, "generator.unfinished", Status.PASS, "end of its last task"),
    ("users cut off", [*FULL, CUT], "generator.unfinished", Status.INCONCLUSIVE, "3 users were cut off"),
    ("no exception", FULL, "generator.locustfile", Status.PASS, "no task of the locustfile broke off"),
    ("an exception", [*FULL, BROKEN], "generator.locustfile", Status.INCONCLUSIVE, "KeyError: 'url'"),
    ("no foreign host", FULL, "generator.hosts", Status.PASS, "every request went to this machine"),
    ("a foreign host", [*FULL, HELD], "generator.hosts", Status.INCONCLUSIVE, "GET http://cdn.example/"),
    ("no socket left", [*FULL, STARVED], "generator.sockets", Status.INVALID, "no free port"),
    ("a sound machine", FULL, "generator.machine", Status.PASS, "0 of 10 seconds"),
    ("a busy load process", [*FULL, *BUSY], "generator.machine", Status.INVALID, "5 of 10 seconds"),
]


@pytest.mark.parametrize(("what", "rows", "check", "status", "told"), CASES, ids=[row[0] for row in CASES])
def test_the_generator_of_a_closed_model(
    what: str, rows: list[Row], check: str, status: Status, told: str
) -> None:
    """How many users there were, whether they came to an end, and whether their process had room."""
    found = generator(rows, plan_of())[check]

    assert (status, True) == (found.status, told in found.summary), (what, found)


def test_exceptions_beside_a_fault_are_put_up_with() -> None:
    """A file that did not think of a failing shop is no worse than a shopper who did not."""
    found = generator([*FULL, BROKEN], plan_of(TROUBLE, faults=(LOST,)))["generator.locustfile"]

    assert (found.status, found.evidence["all"]) == (Status.PASS, 1)


def test_nothing_planned_by_arrival_is_said_and_not_held_against_it() -> None:
    """The ledger of a closed model has no entry, and hides the waiting of those who did not come."""
    finding = judge_closed_ledger(frame_of(FULL, timeline_of(plan_of())))

    assert (finding.status, "nothing was planned by arrival" in finding.summary) == (Status.PASS, True)


SERVED = Row(kind=Kind.VISIT, f="Buyer", visit=0, due_ns=nanoseconds(1), sent_ns=nanoseconds(1.01))
DROPPED = Row(kind=Kind.DROP, f="pool_exhausted", visit=1, due_ns=nanoseconds(2))


@pytest.mark.parametrize(("planned", "status"), [(2, Status.PASS), (3, Status.INVALID)], ids=["even", "off"])
def test_a_class_with_a_schedule_of_its_own_has_a_ledger(planned: int, status: Status) -> None:
    """Planned = started + dropped, in each phase, or the harness is at fault."""
    plan = Row(kind=Kind.PLANNED, f="Buyer", due_ns=nanoseconds(1), qty=planned)
    timeline = timeline_of(plan_of())

    assert status is judge_closed_ledger(frame_of([plan, SERVED, DROPPED], timeline)).status


def test_own_schedules_are_judged_for_punctuality_too() -> None:
    """By their arrivals alone: requests that are due when they are sent would thin out the late ones."""
    planned = Row(kind=Kind.PLANNED, f="Buyer", due_ns=nanoseconds(1), qty=2)
    rows = [*FULL, planned, SERVED, DROPPED, *(op(second + 0.1) for second in range(10))]
    found = generator(rows, plan_of())

    assert (found["generator.send_lag"].evidence["samples"], found["generator.send_lag"].measured) == (
        1,
        10.0,
    )
    assert found["generator.dropped"].status is Status.INVALID


def test_what_we_held_back_is_not_the_shops_failure() -> None:
    """A file that asks a forbidden host for pictures must not make the shop break its promises."""
    timeline = timeline_of(plan_of())
    rows = [*FULL, *(op(at / 10) for at in range(90)), *(HELD for _ in range(90))]
    found = judge_numbers(frame_of(rows, timeline), plan_of(), timeline, {})
    goodput = next(finding for finding in found if finding.check == "slo.goodput")

    assert (goodput.status, goodput.evidence["samples"]) == (Status.PASS, 90)


def test_no_rate_is_proven() -> None:
    """With a forecast the headroom is unknown, and says why; without one nobody asks."""
    plan = plan_of(forecast=Forecast(peak_per_s=10.0))
    timeline = timeline_of(plan)
    (finding,) = judge_headroom(frame_of([], timeline), plan, timeline, ())

    assert finding.status is Status.INCONCLUSIVE
    assert "slows down with the shop and proves no arrival rate" in finding.summary
    assert judge_headroom(frame_of([], timeline), plan_of(), timeline, ()) == ()


def test_promises_and_recovery_are_judged_on_all_requests_alike() -> None:
    """No step is known by its name: a fault is measured on whatever the file asked for, payments are not."""
    plan = plan_of(NORMAL, TROUBLE, BACK, faults=(LOST,))
    timeline = timeline_of(plan)
    steps = [(11.0, "inject"), (11.0, "effect"), (16.0, "heal"), (16.1, "healed")]
    nemesis = [
        Row(
            kind=Kind.FAULT,
            f=LOST.kind,
            sent_ns=nanoseconds(at_s),
            done_ns=nanoseconds(at_s),
            outcome=Outcome.OK,
            note=f"{step}: x",
        )
        for at_s, step in steps
    ]
    failed: dict[str, Any] = {"outcome": Outcome.INFO, "status": 503}
    load = [op(at / 10, **(failed if 110 <= at < 175 else {})) for at in range(300)]
    found = judge_numbers(frame_of([*nemesis, *load], timeline), plan, timeline, {})
    by_check = {(finding.check, finding.subject): finding for finding in found}

    assert (
        by_check["slo.goodput", "normal"].status,
        by_check["slo.goodput", "normal"].measured,
    ) == (Status.PASS, 1.0)
    assert by_check["slo.goodput", "down"].status is Status.FAIL
    assert by_check["slo.coverage", "normal"].status is Status.PASS
    assert ("slo.payment_success", "normal") not in by_check
    assert by_check["recovery.payment_unreachable", "down"].measured == 2.0
    assert not any(check.startswith("headroom") for check, _ in by_check)
