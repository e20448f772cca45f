"""How long a conductor may be silent; the rest of it is seen at work in tests/integration."""

from collections.abc import Callable

import pytest

from rehearsal.model.plan import Plan
from rehearsal.pipeline.conduct import longest_s

FAULT = """
[[faults]]
kind = "command"
phase = "down"
after_s = 5.5
hold_s = 0.5
recover_within_s = 5.0
command = { inject = "a", undo = "b", prove = "c", prove_healed = "d", timeout_s = 100.0 }
"""
PLAN_B = """
[[contingencies]]
name = "own"
action = "command"
phase = "down"
run = "true"
within_s = 900.0
"""
HOOK = """
[hooks]
after = "true"
timeout_s = 70.0
"""


@pytest.mark.parametrize(
    ("more", "expected_s"),
    [
        pytest.param("", 0.0, id="no command"),
        pytest.param(FAULT, 400.0, id="a fault's, tried and proven twice"),
        pytest.param(PLAN_B, 1800.0, id="a contingency plan's, carried out and undone"),
        pytest.param(FAULT + PLAN_B, 1800.0, id="the longer of both"),
        pytest.param(HOOK, 70.0, id="a hook's"),
        pytest.param(
            PLAN_B.replace('"command"', '"second_channel"').replace('run = "true"', ""), 0.0, id="own"
        ),
    ],
)
def test_a_step_may_last_as_long_as_a_team_s_commands(
    make_plan: Callable[..., Plan], plan_text: str, more: str, expected_s: float
) -> None:
    """A supervisor must not end a drill for a command that the plan gives its time."""
    assert longest_s(make_plan(plan_text + more)) == expected_s
