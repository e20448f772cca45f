from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.replay.steps import Steps, expand

Make = Callable[..., Steps]


def test_what_follows_from_the_times(steps_of: Make) -> None:
    """Starts, durations and think times, session by session."""
    steps = steps_of([(5, 0), (7, 1), (10, 2)], [(0, 1)], [(6, 0), (6.5, 0)])

    assert steps.sessions == 3
    assert (steps.start_ns / 1e9).tolist() == [0, 5, 6]
    assert steps.duration_s.tolist() == [0, 5, 0.5]
    assert steps.think_s.tolist() == [2, 3, 0.5]
    assert steps.session.tolist() == [0, 1, 1, 1, 2, 2]
    assert steps.is_first.tolist() == [True, True, False, False, True, False]
    assert steps.span_s == 10


def test_sessions_can_be_picked_and_repeated(steps_of: Make) -> None:
    """Each keeps its own steps."""
    steps = steps_of([(0, 1)], [(5, 0), (7, 2)]).pick(np.array([1, 1, 0]))

    assert steps.length.tolist() == [2, 2, 1]
    assert steps.template.tolist() == [0, 2, 0, 2, 1]
    assert steps.row.tolist() == [1, 2, 1, 2, 0]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), max_size=10))
def test_expanding_is_ranges_one_after_another(ranges: list[tuple[int, int]]) -> None:
    """Against the plain way."""
    first, length = (np.array([pair[side] for pair in ranges], dtype=np.int64) for side in (0, 1))

    assert expand(first, length).tolist() == [n for a, size in ranges for n in range(a, a + size)]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_one_step_sessions_have_no_think_time(steps_of: Make, count: int) -> None:
    """There is nothing between one step and itself."""
    steps = steps_of(*[[(at_s, 0)] for at_s in range(count)])

    assert steps.think_s.tolist() == []
    assert steps.duration_s.tolist() == [0] * count
