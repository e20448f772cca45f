"""The truth of the freeze test, against a simulation that moves one tick at a time."""

from collections import deque
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.figures import percentile
from benchmarks.truth import NS_PER_S, even_due_ns, responses_ns

SERVICES = st.integers(1, 6)
DUE = st.lists(st.integers(0, 60), min_size=1, max_size=25).map(sorted)
FREEZES = st.tuples(st.integers(0, 60), st.integers(0, 40)).map(lambda pair: (pair[0], sum(pair)))


def slow_oracle(due: Sequence[int], frozen: tuple[int, int], service: int) -> list[int]:
    """Walk through time tick by tick: arrivals join a queue, one server works unless it is frozen."""
    waiting: deque[int] = deque()
    left, serving, now = 0, -1, 0
    done: dict[int, int] = {}
    while len(done) < len(due):
        waiting.extend(number for number, at in enumerate(due) if at == now)
        if serving >= 0 and left == 0:
            done[serving] = now - due[serving]
            serving = -1
        if serving < 0 and waiting and not frozen[0] <= now < frozen[1]:
            serving, left = waiting.popleft(), service
        left -= serving >= 0
        now += 1
    return [done[number] for number in range(len(due))]


@given(due=DUE, frozen=FREEZES, service=SERVICES)
def test_the_recursion_equals_a_simulation(due: list[int], frozen: tuple[int, int], service: int) -> None:
    """Lindley's recursion with a vacation gives every response time the tick-by-tick server gives."""
    actual = responses_ns(due, frozen, service)

    assert slow_oracle(due, frozen, service) == actual


def test_the_oracle_can_tell_a_wrong_answer() -> None:
    """A recursion that forgets the queue behind the freeze is not what the simulation says."""
    due, frozen = [0, 1, 2], (1, 9)
    forgetful = [max(0, frozen[1] - at) + 2 if frozen[0] <= at < frozen[1] else 2 for at in due]

    assert slow_oracle(due, frozen, 2) != forgetful


def test_the_freeze_of_the_benchmark() -> None:
    """200/s for 30 s with 2 s frozen: the 301st and the 61st longest of 400 delayed requests."""
    responses = responses_ns(even_due_ns(200, 30.0), (10 * NS_PER_S, 12 * NS_PER_S), 0)

    actual = [percentile(responses, share) / 1e6 for share in (0.9, 0.95, 0.99)]

    assert actual == [0.0, 500.0, 1700.0]


@pytest.mark.parametrize(
    ("frozen", "expected"),
    [
        pytest.param((5, 5), [10, 15, 20], id="a freeze of no length delays nobody"),
        pytest.param((100, 200), [10, 15, 20], id="a freeze after the last request delays nobody"),
        pytest.param((0, 50), [60, 65, 70], id="all queue behind the freeze"),
    ],
)
def test_where_the_freeze_falls(frozen: tuple[int, int], expected: list[int]) -> None:
    """Three requests 5 ns apart, 10 ns of service each: they queue, and wait for a frozen server."""
    actual = responses_ns([0, 5, 10], frozen, 10)

    assert expected == actual


def test_due_times_do_not_drift() -> None:
    """A rate that does not divide a second is rounded for each request, never summed up."""
    due = even_due_ns(3, 1000.0)

    assert (len(due), due[2997], due[2999]) == (3000, 999 * NS_PER_S, 999_666_666_666)
