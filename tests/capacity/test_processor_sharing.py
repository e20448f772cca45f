"""Processor sharing: the mean depends on the mean alone, as an event-by-event simulation shows."""

import math
from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np
import pytest

from capacity.processor_sharing import mean_curve, mean_sojourn, mean_sojourn_of
from capacity.samples import Floats

Law = Callable[[np.random.Generator, int], Floats]


def exponential(rng: np.random.Generator, n: int) -> Floats:
    """Return sizes of mean 1 and variation 1."""
    return rng.exponential(1.0, n)


def constant(rng: np.random.Generator, n: int) -> Floats:
    """Return sizes that are all 1."""
    return np.ones(n)


def two_sizes(rng: np.random.Generator, n: int) -> Floats:
    """Return sizes of mean 1: four in five of 0.5, one in five of 3."""
    return np.where(rng.random(n) < 0.8, 0.5, 3.0)


def hyperexponential(rng: np.random.Generator, n: int) -> Floats:
    """Return sizes of mean 1 and variation 4: nine in ten of mean 1/2, the rest of mean 5.5."""
    return rng.exponential(1.0, n) * np.where(rng.random(n) < 0.9, 0.5, 5.5)


def shared(sizes: Floats, load: float, servers: int, rng: np.random.Generator) -> Floats:
    """Return sojourns: each of n present is served at min(1, c / n), so one clock of work serves all."""
    arrivals = np.cumsum(rng.exponential(1 / load, sizes.size)).tolist()
    sojourns, present, now, work = np.zeros(sizes.size), list[tuple[float, int]](), 0.0, 0.0
    for index, arrival in enumerate([*arrivals, math.inf]):
        while present:
            pace = min(1.0, servers / len(present))
            leaves = now + (present[0][0] - work) / pace
            if leaves > arrival:
                work += (arrival - now) * pace
                break
            work, now = present[0][0], leaves
            done = heappop(present)[1]
            sojourns[done] = now - arrivals[done]
        now = arrival
        if index < sizes.size:
            heappush(present, (work + sizes[index], index))
    return sojourns


@pytest.mark.parametrize("law", [exponential, constant, two_sizes, hyperexponential])
def test_the_mean_is_the_same_for_any_law(law: Law) -> None:
    """At rho = 0.5 the mean is 2 S, be service exponential, constant, of two sizes or hyperexponential."""
    rng = np.random.default_rng(20261111)
    seen = shared(law(rng, 30_000), 0.5, 1, rng)

    assert float(seen.mean()) == pytest.approx(mean_sojourn(0.5), rel=0.05)


def test_several_servers_share_like_a_queue_of_them() -> None:
    """Three servers at rho = 0.6 hold a request as long as M/M/3 does, also if service is of two sizes."""
    rng = np.random.default_rng(20261111)
    seen = shared(two_sizes(rng, 40_000), 1.8, 3, rng)

    assert float(seen.mean()) == pytest.approx(mean_sojourn(1.8, 3), rel=0.05)


@pytest.mark.parametrize("size", [0.5, 3.0])
def test_time_is_proportional_to_size(size: float) -> None:
    """A request of size x stays for x / (1 - rho), whatever the others are."""
    rng = np.random.default_rng(20261111)
    sizes = two_sizes(rng, 40_000)
    seen = shared(sizes, 0.5, 1, rng)[sizes == size]

    assert float(seen.mean()) == pytest.approx(mean_sojourn_of(size, 0.5), rel=0.05)


@pytest.mark.parametrize(
    ("load", "expected"), [(0.0, 1.0), (0.5, 2.0), (0.8, 5.0), (1.0, math.inf), (1.2, math.inf)]
)
def test_the_closed_form(load: float, expected: float) -> None:
    """E[T] = S / (1 - rho); without end from rho = 1 on."""
    actual = mean_sojourn(load)

    assert expected == pytest.approx(actual)


def test_the_curve_against_the_rate() -> None:
    """One server of 20 ms: 20 ms idle, 40 ms at 25 a second, 100 ms at 40, and for ever at 50."""
    actual = mean_curve(1, service_ms=20.0, rates=np.array([0.0, 25.0, 40.0, 50.0]))

    assert [20.0, 40.0, 100.0, math.inf] == pytest.approx(actual.tolist())
