"""The pace of a closed load: what it can ask for at most, and what its users' waiting hid."""

from typing import Any

import pytest

from capacity.closed_pace import judge_pace, pace_of
from capacity.closed_queue import closed
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Store, Target
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from tests.capacity.test_closed import FULL, NORMAL, generator, op, plan_of

MOCK = {"target": Target(shop="mock"), "store": Store(servers=2, service_ms=20.0)}
#: Ten users, each of whom asks in every second of ten, and waits for 20 ms.
CALM = [*FULL, *(op(second + user / 20) for second in range(10) for user in range(10))]
#: The same, but each stands still for the six seconds from 2 to 8: one request of each took so long.
STALLED = [
    *FULL,
    *(op(second + user / 20) for second in (0, 1, 8, 9) for user in range(10)),
    *(op(2 + user / 20, took_ms=6000.0) for user in range(10)),
]


def told(rows: list[Row], **changes: Any) -> list[Finding]:
    """Return what is said of the pace under a plan of ten users."""
    plan: Plan = plan_of(**changes)
    timeline = timeline_of(plan)
    return list(judge_pace(frame_of(rows, timeline), plan, timeline))


def test_users_who_wait_for_themselves_ask_for_no_more_however_fast_the_shop() -> None:
    """Ten users with 0.98 s of their own in a cycle of 1 s ask ten times a second at most."""
    (pace,) = told(CALM)

    assert (pace.check, pace.subject, pace.status) == ("generator.pace", "normal", Status.PASS)
    assert pace.measured == pytest.approx(10.0, rel=1e-3)
    assert pace.evidence["own_s"] == pytest.approx(0.98)
    assert pace.evidence["kept_p99_ms"] == pytest.approx(20.0, rel=1e-3)
    assert "10 users each asked once in 1 s, of which 0.98 s were their own" in pace.summary


def test_a_stall_of_all_does_not_change_their_pace() -> None:
    """The pace is that of the seconds in which users asked; a p99 that the stall is in anyway stays."""
    timeline = timeline_of(plan_of())
    pace = pace_of(frame_of(STALLED, timeline), NORMAL)

    assert pace is not None
    assert pace.cycle_s == pytest.approx(1.0)
    assert pace.p99_ms == pytest.approx(6000, rel=1e-3)
    assert pace.kept_p99_ms == pytest.approx(6000, rel=1e-3)


def test_a_rare_stall_is_below_the_p99_that_was_measured_and_above_it_on_a_schedule() -> None:
    """One of two hundred requests took ten cycles: the p99 as measured is calm, on a schedule it is not."""
    rows = [*FULL, *(op(second + n / 25) for second in range(10) for n in range(20)), op(0.9, took_ms=9000.0)]
    (pace,) = told(rows)

    assert "their p99 is 20 ms, and would be about" in pace.summary
    assert pace.evidence["kept_p99_ms"] > 7000


def test_of_the_mock_shop_theory_tells_what_such_users_get() -> None:
    """Five users in each region on two servers of 20 ms, exponential; of another shop or law nothing."""
    (mock,) = told(CALM, **MOCK)
    (other,) = told(CALM, target=Target(shop="url", url="http://localhost:1"))
    (fixed,) = told(CALM, **{**MOCK, "store": Store(servers=2, service_ms=20.0, law="deterministic")})
    law = closed(5, 2, service_s=0.02, think_s=mock.evidence["own_s"])

    assert f"by theory (M/M/2//5 in each region) they get {2 * law.throughput_per_s:.4g} a" in mock.summary
    assert "more than 200 users would wait for each other" in mock.summary
    assert "by theory" not in other.summary + fixed.summary


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="nothing at all"),
        pytest.param(FULL, id="users who asked for nothing"),
        pytest.param([row for row in CALM if row.kind is not Kind.USERS], id="users nobody counted"),
        pytest.param([op(60.0)], id="another phase"),
    ],
)
def test_without_users_or_answers_there_is_no_pace(rows: list[Row]) -> None:
    """What nobody measured is not told."""
    assert told(rows) == []


def test_it_stands_among_what_is_said_of_the_generator() -> None:
    """Of users at no rate of their own; not where classes of the file have a schedule."""
    planned = Row(kind=Kind.PLANNED, f="Buyer", due_ns=1, qty=3)

    assert "generator.pace" in generator(CALM, plan_of())
    assert "generator.pace" not in generator([*CALM, planned], plan_of())
