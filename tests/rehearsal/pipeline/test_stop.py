import pytest

from rehearsal.model.errors import EXIT_STOPPED, Tripped
from rehearsal.model.plan import Stop
from rehearsal.pipeline.stop import LEAST, StopConditions, watch_of
from scenarios.load_order import Progress, Watch

BOTH = Stop(window_s=3.0, error_share=0.1, p99_ms=500.0)


def running(watched: int = 100, bad: int = 0, slow: int = 0) -> Progress:
    """Return progress with so many requests in the window."""
    return Progress(state="running", watched=watched, watched_bad=bad, watched_slow=slow)


@pytest.mark.parametrize(
    ("stop", "expected"),
    [
        pytest.param(Stop(), None, id="no condition"),
        pytest.param(Stop(orders_lost=1), None, id="the load need not count lost orders"),
        pytest.param(Stop(error_share=0.1), Watch(window_s=5.0), id="errors alone"),
        pytest.param(BOTH, Watch(window_s=3.0, slow_ms=500.0), id="errors and times"),
    ],
)
def test_what_the_load_counts(stop: Stop, expected: Watch | None) -> None:
    """Only what a condition of the plan looks at."""
    assert watch_of(stop) == expected


@pytest.mark.parametrize(
    ("stop", "progress", "lost", "condition"),
    [
        pytest.param(BOTH, running(bad=11), 0, "error_share", id="too many errors"),
        pytest.param(BOTH, running(slow=2), 0, "p99_ms", id="more than one in a hundred is too slow"),
        pytest.param(Stop(orders_lost=3), running(), 3, "orders_lost", id="so many orders lost"),
        pytest.param(
            Stop(orders_lost=1), Progress(state="finished"), 1, "orders_lost", id="lost after the load"
        ),
    ],
)
def test_a_condition_that_is_met(stop: Stop, progress: Progress, lost: int, condition: str) -> None:
    """Tripped names it, with figures beyond the limit."""
    with pytest.raises(Tripped) as caught:
        StopConditions(stop, lambda: lost).look(progress)

    assert (caught.value.condition, caught.value.exit_code) == (condition, EXIT_STOPPED)
    assert caught.value.measured >= caught.value.limit


@pytest.mark.parametrize(
    ("stop", "progress", "lost"),
    [
        pytest.param(BOTH, running(bad=10, slow=1), 0, id="at the limit is not beyond it"),
        pytest.param(BOTH, running(LEAST - 1, LEAST - 1, LEAST - 1), 0, id="too few to say"),
        pytest.param(BOTH, Progress(state="ready"), 0, id="before the run"),
        pytest.param(Stop(), running(bad=100, slow=100), 9, id="no condition"),
        pytest.param(Stop(orders_lost=3), running(), 2, id="fewer lost than allowed"),
    ],
)
def test_no_condition_is_met(stop: Stop, progress: Progress, lost: int) -> None:
    """The drill goes on."""
    conditions = StopConditions(stop, lambda: lost)

    assert conditions.look(progress) is None  # type: ignore[func-returns-value]
