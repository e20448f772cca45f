from collections.abc import Callable

import pytest

from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from scenarios.varied import USUAL, Varied, stage_of, varied_of


@pytest.mark.parametrize(
    ("due_ns", "expected"),
    [
        (0, USUAL),  # before the first stage every order is as usual
        (9, USUAL),
        (10, (3, 1)),  # a stage counts from its first instant
        (19, (3, 1)),
        (20, (0, 5)),
        (10**12, (0, 5)),  # the last goes on
    ],
)
def test_a_visit_orders_as_the_stage_says_in_which_it_is_due(due_ns: int, expected: tuple[int, int]) -> None:
    """Half-open stretches, as phases are."""
    assert Varied([(10, 3, 1), (20, 0, 5)]).at(due_ns) == expected


def test_stages_are_added_while_a_run_goes_on() -> None:
    """One at the same instant replaces the last; one before it is a mistake, and nothing is forgotten."""
    varied = Varied()
    varied.extend([(5, 1, 2)])
    varied.extend([(5, 4, 4), (8, 0, 1)])
    with pytest.raises(ValueError, match="a stage of 7 ns comes after one of 8 ns"):
        varied.extend([(7, 9, 9)])

    assert (varied.at(5), varied.at(9)) == ((4, 4), (0, 1))


def test_a_plan_that_says_nothing_has_no_stages(make_plan: Callable[..., Plan]) -> None:
    """So a load process is told nothing of it."""
    assert varied_of(timeline_of(make_plan())) == ()


def test_what_a_phase_does_not_say_is_as_usual(make_plan: Callable[..., Plan]) -> None:
    """Of three phases the second stacks rules, the third fills carts: each has a stage."""
    plan = make_plan()
    one, two, three, *_ = plan.phases
    phases = (one, two.model_copy(update={"rules": 4}), three.model_copy(update={"cart_lines": 5}))
    plan = plan.model_copy(update={"phases": phases, "faults": ()})
    starts = [window.start_ns for window in timeline_of(plan).windows]

    assert varied_of(timeline_of(plan)) == ((starts[0], 0, 1), (starts[1], 4, 1), (starts[2], 0, 5))
    assert stage_of(7, one.model_copy(update={"rules": 0, "cart_lines": 1})) == (7, *USUAL)
