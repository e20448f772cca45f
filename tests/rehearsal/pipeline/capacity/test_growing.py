"""A plan that goes on while it is rehearsed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Mix, PhaseKind, Plan
from rehearsal.pipeline.capacity.growing import Change, Growing, resting
from rehearsal.pipeline.judge import read_plan
from rehearsal.rundir import folder
from scenarios.fleet.link import growth_of
from scenarios.schedule import Schedule, build, extended
from scenarios.test_data import Table

Make = Callable[[], Plan]


@pytest.fixture
def growing(make_plan: Make, tmp_path: Path) -> Growing:
    """Return the small plan, about to grow."""
    plan = resting(make_plan())
    return Growing(tmp_path, plan, build(plan))


def end_s(growing: Growing) -> float:
    """Return when the last rest begins."""
    return growing.timeline.windows[-1].start_ns / NS_PER_S


def test_a_trial_begins_after_a_rest(growing: Growing) -> None:
    """Not before it was announced; until then nobody comes, and after it there is a rest again."""
    begins_s = end_s(growing) + 2.5
    name, window = growing.trial(40.0, 5.0, not_before_s=begins_s)

    rest, trial, after = growing.plan.phases[-3:]
    assert (rest.name, rest.kind, rest.duration_s) == ("rest 01", PhaseKind.REST, 2.5)
    assert (trial.kind, trial.name, trial.duration_s) == (PhaseKind.TRIAL, name, 5.0)
    assert (after.name, after.kind) == ("rest 02", PhaseKind.REST)
    assert (window.start_ns, window.duration_s) == (round(begins_s * NS_PER_S), 5.0)
    assert growing.schedule.planned[name] == 200
    assert growing.schedule.planned[rest.name] == 0
    assert all(window.start_ns <= due < window.end_ns for due in growing.schedule.due_ns[-200:])


def test_a_trial_at_once_rests_a_moment(growing: Growing) -> None:
    """A phase has a length, so the rest before it lasts a millisecond."""
    growing.trial(40.0, 5.0, not_before_s=0.0)

    assert growing.plan.phases[-3].duration_s == 0.001


def test_what_is_due_after_a_trial_is_due_in_the_rest(growing: Growing) -> None:
    """The load processes are told of it with the trial, before anything can be due in it."""
    name, window = growing.trial(40.0, 5.0, not_before_s=end_s(growing) + 1)
    (growth,) = growth_of(growing._run, 0)

    assert growth.phases == ((name, window.start_ns), ("rest 02", window.end_ns))
    assert growing.timeline.phase_at(window.end_ns + NS_PER_S).name == "rest 02"


def test_the_last_rest_ends_with_the_run(growing: Growing) -> None:
    """A timeline that ends too early would have cut what came last."""
    growing.trial(40.0, 5.0, not_before_s=end_s(growing) + 1)
    ended_s = end_s(growing) + 7.25
    growing.close(ended_s)

    assert growing.timeline.end_ns == round(ended_s * NS_PER_S)
    assert read_plan(growing._run) == growing.plan


def test_what_was_known_before_never_changes(growing: Growing) -> None:
    """A load process adds what is appended to what it has, and has the schedule that the folder has."""
    known = growing.schedule
    run = growing._run
    for rate in (10.0, 20.0, 33.3):
        growing.trial(rate, 3.0, not_before_s=end_s(growing) + 1)
    for growth in growth_of(run, 0):
        assert growth.first == len(known.due_ns)
        known = extended(known, growth.due_ns, growth.kind)

    assert (known.due_ns, known.kind) == (growing.schedule.due_ns, growing.schedule.kind)
    assert build(read_plan(run)) == growing.schedule
    assert folder.read_json(run / folder.SCHEDULE, Schedule) == growing.schedule


def test_a_change_is_a_trial_s_own(growing: Growing) -> None:
    """A mix, rules or lines of one trial are nobody else's."""
    change = Change(mix=Mix(browse=0.0, cart=1.0, flash_sale=0.0), cart_lines=5, rules=2)
    before = len(growing.schedule.kind)
    name, _ = growing.trial(10.0, 3.0, not_before_s=0.0, change=change)
    growing.trial(10.0, 3.0, not_before_s=0.0)
    changed, _, plain = growing.plan.phases[-4:-1]

    assert (changed.mix, changed.cart_lines, changed.rules) == (change.mix, 5, 2)
    assert (plain.mix, plain.cart_lines, plain.rules) == (None, None, None)
    assert set(growing.schedule.kind[before:][: growing.schedule.planned[name]]) == {1}
    first, second = growth_of(growing._run, 0)
    assert [order for _, *order in (*first.varied, *second.varied)] == [[2, 5], [0, 1], [0, 1], [0, 1]]


def test_test_data_that_run_out_end_the_search(make_plan: Make, tmp_path: Path) -> None:
    """No row is used twice, so a trial without rows is not begun, and nothing is written of it."""
    plan = resting(make_plan())
    schedule = build(plan)
    users = Table(name="users", file="users.csv", rows=len(schedule.due_ns) + 10)
    growing = Growing(tmp_path, plan, schedule, (users,))

    with pytest.raises(RehearsalError, match=r"users\.csv has .* rows, and .* visits .* take one each"):
        growing.trial(40.0, 5.0, not_before_s=0.0)

    assert growing.plan == plan
    assert growth_of(tmp_path, 0) == []
