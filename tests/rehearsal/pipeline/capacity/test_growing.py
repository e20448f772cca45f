"""A plan that goes on while it is rehearsed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Mix, PhaseKind, Plan
from rehearsal.pipeline.capacity.growing import Change, Growing
from rehearsal.pipeline.judge import read_plan
from rehearsal.rundir import folder
from scenarios.fleet.link import growth_of
from scenarios.schedule import Schedule, build, extended
from scenarios.test_data import Table

Make = Callable[[], Plan]


@pytest.fixture
def growing(make_plan: Make, tmp_path: Path) -> Growing:
    """Return the small plan, about to grow."""
    plan = make_plan()
    return Growing(tmp_path, plan, build(plan))


def test_a_trial_begins_after_a_rest(growing: Growing) -> None:
    """Not before it was announced; until then nobody comes."""
    end_s = growing.timeline.end_ns / NS_PER_S
    name, window = growing.trial(40.0, 5.0, not_before_s=end_s + 2.5)

    rest, trial = growing.plan.phases[-2:]
    assert (rest.kind, rest.duration_s) == (PhaseKind.REST, 2.5)
    assert (trial.kind, trial.name, trial.duration_s) == (PhaseKind.TRIAL, name, 5.0)
    assert (window.start_ns, window.duration_s) == (round((end_s + 2.5) * NS_PER_S), 5.0)
    assert growing.schedule.planned[name] == 200
    assert growing.schedule.planned[rest.name] == 0
    assert all(window.start_ns <= due < window.end_ns for due in growing.schedule.due_ns[-200:])


def test_a_trial_at_once_needs_no_rest(growing: Growing) -> None:
    """The last phase's end is late enough."""
    before = len(growing.plan.phases)
    growing.trial(40.0, 5.0, not_before_s=0.0)

    assert len(growing.plan.phases) == before + 1


def test_what_was_known_before_never_changes(growing: Growing) -> None:
    """A load process adds what is appended to what it has, and has the schedule that the folder has."""
    known = growing.schedule
    run = growing._run
    for rate in (10.0, 20.0, 33.3):
        growing.trial(rate, 3.0, not_before_s=growing.timeline.end_ns / NS_PER_S + 1)
    for growth in growth_of(run, 0):
        assert growth.first == len(known.due_ns)
        known = extended(known, growth.due_ns, growth.kind)

    assert (known.due_ns, known.kind) == (growing.schedule.due_ns, growing.schedule.kind)
    assert build(read_plan(run)) == growing.schedule
    assert folder.read_json(run / folder.SCHEDULE, Schedule) == growing.schedule


def test_a_change_is_a_trial_s_own(growing: Growing) -> None:
    """A mix, rules or lines of one trial are nobody else's."""
    change = Change(mix=Mix(browse=0.0, cart=1.0, flash_sale=0.0), cart_lines=5, rules=2)
    growing.trial(10.0, 3.0, not_before_s=0.0, change=change)
    growing.trial(10.0, 3.0, not_before_s=0.0)
    changed, plain = growing.plan.phases[-2:]

    assert (changed.mix, changed.cart_lines, changed.rules) == (change.mix, 5, 2)
    assert (plain.mix, plain.cart_lines, plain.rules) == (None, None, None)
    assert set(growing.schedule.kind[-60:-30]) == {1}
    first, second = growth_of(growing._run, 0)
    assert [order for _, *order in (*first.varied, *second.varied)] == [[2, 5], [0, 1]]


def test_test_data_that_run_out_end_the_search(make_plan: Make, tmp_path: Path) -> None:
    """No row is used twice, so a trial without rows is not begun, and nothing is written of it."""
    plan = make_plan()
    schedule = build(plan)
    users = Table(name="users", file="users.csv", rows=len(schedule.due_ns) + 10)
    growing = Growing(tmp_path, plan, schedule, (users,))

    with pytest.raises(RehearsalError, match=r"users\.csv has .* rows, and .* visits .* take one each"):
        growing.trial(40.0, 5.0, not_before_s=0.0)

    assert growing.plan == plan
    assert growth_of(tmp_path, 0) == []
