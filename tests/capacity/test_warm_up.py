"""MSER-5: the truncation against its definition, on runs whose warm-up is known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.samples import Floats
from capacity.warm_up import warm_up

STEADY = np.random.default_rng(6).normal(size=2000)


def decaying(samples: int) -> Floats:
    """Return a steady series whose first samples lie high, less and less."""
    series = STEADY.copy()
    series[:samples] += np.linspace(8, 0, samples)
    return series


def slow_discard(series: list[float]) -> float:
    """Return the least statistic of White over all truncations that leave five batches."""
    means = [sum(series[i : i + 5]) / 5 for i in range(0, len(series) - 4, 5)]

    def statistic(d: int) -> float:
        left = means[d:]
        middle = sum(left) / len(left)
        return sum((z - middle) ** 2 for z in left) / len(left) ** 2

    return min(statistic(d) for d in range(len(means) - 4))


@pytest.mark.parametrize(
    ("series", "least", "most", "steady"),
    [
        pytest.param(STEADY, 0, 50, True, id="no warm-up: hardly anything is discarded"),
        pytest.param(decaying(200), 150, 250, True, id="a warm-up of 200 is discarded"),
        pytest.param(np.repeat([0.2, 0.1], [100, 400]), 100, 100, True, id="a step: exactly its length"),
        pytest.param(np.ones(500), 0, 0, True, id="all alike: nothing"),
        pytest.param(decaying(2000), 1001, 2000, False, id="it declines to the end: not steady"),
        pytest.param(np.arange(500.0), 251, 500, False, id="a queue that only grows: not steady"),
        pytest.param(np.repeat([5.0, 1.0], [300, 200]), 300, 300, False, id="most of it is warm-up"),
        pytest.param(np.ones(49), 0, 0, False, id="too few samples to tell"),
        pytest.param(np.ones(0), 0, 0, False, id="none"),
    ],
)
def test_the_warm_up_is_discarded(series: Floats, least: int, most: int, steady: bool) -> None:
    """What is discarded is the warm-up, and a run without a steady state is called one."""
    actual = warm_up(series)

    assert least <= actual.discard <= most
    assert steady == actual.steady


@given(st.lists(st.integers(0, 20).map(float), min_size=50, max_size=120))
def test_the_truncation_minimises_whites_statistic(series: list[float]) -> None:
    """No other truncation leaves a smaller squared standard error, and batches stay whole."""
    actual = warm_up(np.array(series))

    left = np.array(series)[: len(series) // 5 * 5][actual.discard :].reshape(-1, 5).mean(axis=1)
    reached = float(((left - left.mean()) ** 2).sum()) / left.size**2
    assert actual.discard % 5 == 0
    assert slow_discard(series) == pytest.approx(reached, abs=1e-9)


def test_shifting_all_values_changes_nothing() -> None:
    """A warm-up on top of a large constant is found as without it."""
    assert warm_up(decaying(200)) == warm_up(decaying(200) + 1e6)


def test_endless_times_are_refused() -> None:
    """A time that never ended has no place in a variance."""
    with pytest.raises(ValueError, match="time-out"):
        warm_up(np.array([1.0, math.inf]))
