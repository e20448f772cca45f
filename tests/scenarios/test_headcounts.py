"""Schedules of users instead of visits."""

from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.plan import Phase, PhaseKind, Plan, Traffic
from scenarios.schedule import build


def phase(name: str, duration_s: float, **shape: float) -> Phase:
    """Return a phase of a shape."""
    return Phase.model_validate({"name": name, "kind": PhaseKind.WARMUP, "duration_s": duration_s, **shape})


def plan_of(*phases: Phase, users: int = 10) -> Plan:
    """Return a plan of a stranger's users."""
    traffic = Traffic(locustfile="theirs.py", users=users, multiplier=5.0)
    return Plan(name="theirs", traffic=traffic, phases=phases, slo={})


def test_users_follow_the_phases_second_by_second() -> None:
    """Each second has as many users as its middle asks for, and at the end there is nobody."""
    plan = plan_of(phase("flat", 2.0, rate=1.0), phase("ramp", 4.0, start=1.0, end=5.0))
    expected = [(0, 10), (1, 10), (2, 15), (3, 25), (4, 35), (5, 45), (6, 0)]

    assert expected == [(at_ns // NS_PER_S, count) for at_ns, count in build(plan).users]


def test_a_phase_may_begin_within_a_second() -> None:
    """Users step with the phases, not with the clock: a fault must meet the crowd it was planned for."""
    plan = plan_of(phase("short", 1.5, rate=1.0), phase("high", 1.0, rate=3.0))

    assert [(at / NS_PER_S, n) for at, n in build(plan).users] == [(0.0, 10), (1.0, 10), (1.5, 30), (2.5, 0)]


def test_no_visit_is_planned() -> None:
    """Users of a closed model arrive at no time of their own."""
    schedule = build(plan_of(phase("flat", 2.0, rate=1.0)))

    assert (schedule.planned, schedule.due_ns, schedule.kind) == ({}, (), ())


def test_the_hash_names_the_crowd() -> None:
    """Other users are another load."""
    one, other = plan_of(phase("flat", 2.0, rate=1.0)), plan_of(phase("flat", 2.0, rate=1.0), users=11)

    assert build(one).sha256 == build(one).sha256
    assert build(one).sha256 != build(other).sha256


SHAPES = st.tuples(st.floats(0.1, 9.0), st.floats(0.1, 9.0), st.floats(0.1, 9.0))


@given(st.lists(SHAPES, min_size=1, max_size=5))
def test_steps_are_in_order_and_within_the_plan(shapes: list[tuple[float, float, float]]) -> None:
    """Whatever the phases are, steps go forward, end with the plan, and never exceed its highest rate."""
    phases = [phase(f"p{i}", d, start=a, end=b) for i, (d, a, b) in enumerate(shapes)]
    plan = plan_of(*phases)
    steps = build(plan).users
    instants = [at_ns for at_ns, _ in steps]
    highest = 10 * max(rate for _, *rates in shapes for rate in rates)

    assert instants == sorted(instants)
    assert abs(instants[-1] - plan.duration_s * NS_PER_S) < len(shapes)
    assert all(0 <= count <= highest + 0.5 for _, count in steps)
    assert steps[-1][1] == 0
