"""Plans whose waiting room or behaviour contradict the rest are refused, each mistake at its place."""

from collections.abc import Callable

import pytest

from rehearsal.model.errors import PlanError
from rehearsal.model.plan import Behaviour, Plan
from rehearsal.model.plan_check import check_plan

ROOM = "[waiting_room]\nshoppers = 10\ngather_s = 5.0\n"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        pytest.param(
            ROOM.replace("5.0", "9.0"),
            "waiting_room.gather_s: begins before the run: gather_s + hold_s is more than the 10 s before",
            id="gathering before the run",
        ),
        pytest.param(
            ROOM.replace("10", "301"),
            "waiting_room.shoppers: do not fit into traffic.pool, which is 300",
            id="more than the pool",
        ),
        pytest.param(
            ROOM + "release_s = 17.0\n", "waiting_room.release_s: ends after the last phase", id="late"
        ),
        pytest.param(
            ROOM + 'release = "burst"\n', "waiting_room.release: must be one of", id="no such curve"
        ),
        pytest.param("[waiting_room]\nshoppers = 3\n", "waiting_room.gather_s: is missing", id="no window"),
        pytest.param(
            "[behaviour]\nattempts = 0\n", "behaviour.attempts: must be at least 1", id="no attempt"
        ),
        pytest.param(
            "[behaviour]\nbackoff_s = 20.0\n", "behaviour.max_backoff_s: is below backoff_s", id="backoffs"
        ),
        pytest.param(
            "[behaviour]\nrefreshes = 2\n", "behaviour.refreshes: and refresh_after_s go together", id="when"
        ),
        pytest.param(
            "[behaviour]\nrefresh_after_s = 2.0\n",
            "behaviour.refreshes: and refresh_after_s go together",
            id="how often",
        ),
        pytest.param(
            "[behaviour]\ndouble_click = 2.0\n", "behaviour.double_click: must be at most 1", id="share"
        ),
    ],
)
def test_contradictions(plan_text: str, table: str, says: str) -> None:
    """The sentence names the key and what is wrong with it."""
    with pytest.raises(PlanError) as caught:
        check_plan(plan_text + table, source="p", curves=())

    assert says in str(caught.value)


def test_a_plan_may_say_nothing_of_either(make_plan: Callable[..., Plan]) -> None:
    """Nobody waits, and shoppers do what they always did: four attempts, a quarter of a second, doubled."""
    plan = make_plan()

    assert plan.waiting_room is None
    assert plan.behaviour == Behaviour()
    assert (plan.behaviour.attempts, plan.behaviour.backoff_s, plan.behaviour.jitter) == (4, 0.25, 0.5)


def test_both_tables_are_read(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """What is written is what the plan holds."""
    plan = make_plan(
        plan_text + ROOM + "[behaviour]\nrefresh_after_s = 2.0\nrefreshes = 3\npatience_s = 9.0\n"
    )

    assert plan.waiting_room is not None
    assert (plan.waiting_room.shoppers, plan.waiting_room.poll_s) == (10, 1.0)
    assert (plan.behaviour.refreshes, plan.behaviour.patience_s, plan.behaviour.patience) == (
        3,
        9.0,
        "lognormal",
    )
