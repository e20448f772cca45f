"""What other tools' statistics get wrong on data whose truth is known, and what ours make of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from locust.stats import RequestStats
from numpy.typing import NDArray

from capacity.batch_means import attained, quantile_interval
from capacity.drift import slope_bound
from capacity.latency import Interval, independent_interval, percentile
from capacity.proportions import wilson
from capacity.quantiles import normal, student_t
from capacity.samples import Floats

RUNS, REQUESTS = 200, 20_000


@cache
def queued(load: float) -> NDArray[np.float64]:
    """Return the sojourns of M/M/1 in mean service times: a row a run, from the steady state on.

    Lindley's recursion: who comes next waits for what is left, W' = max(0, W + S - A).
    """
    rng = np.random.default_rng(round(load * 100))
    sojourns = np.empty((REQUESTS, RUNS))
    waits = rng.exponential(1 / (1 - load), RUNS) * (rng.random(RUNS) < load)
    for now in sojourns:
        now[:] = waits + rng.exponential(1, RUNS)
        np.maximum(now - rng.exponential(1 / load, RUNS), 0, out=waits)
    return np.ascontiguousarray(sojourns.T)


def true_quantile(p: float, load: float) -> float:
    """Return the p-quantile of the sojourn: exponential of rate 1 - load."""
    return -math.log(1 - p) / (1 - load)


def by_wilson(hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the peers' interval: every request a coin of its own."""
    bounds = wilson(int(hits.sum()), hits.size)
    return bounds.low, bounds.high


def by_batches(hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Return our interval, 95 % on both sides together."""
    bounds = attained(hits, confidence=0.975)
    return bounds.low, bounds.high


def by_plain_t(hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the textbook's lower bound of twenty batches, blind to how skewed they are."""
    means = hits.reshape(20, -1).mean(axis=1)
    return float(means.mean()) - student_t(19, 0.95) * float(means.std(ddof=1)) / math.sqrt(20), 1.0


def lower_bound(hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Return what a capacity rests on: the one-sided lower bound."""
    return attained(hits).low, 1.0


@pytest.mark.parametrize(
    ("load", "bounds", "least", "most"),
    [
        pytest.param(0.5, by_wilson, 0.40, 0.65, id="Wilson, 50 % load"),
        pytest.param(0.8, by_wilson, 0.08, 0.28, id="Wilson, 80 % load"),
        pytest.param(0.5, by_batches, 0.90, 1.0, id="batch means, 50 % load"),
        pytest.param(0.8, by_batches, 0.88, 1.0, id="batch means, 80 % load"),
        pytest.param(0.8, by_plain_t, 0.65, 0.85, id="the textbook's lower bound, 80 % load"),
        pytest.param(0.5, lower_bound, 0.90, 1.0, id="lower bound, 50 % load"),
        pytest.param(0.8, lower_bound, 0.88, 1.0, id="lower bound, 80 % load"),
    ],
)
def test_how_often_an_interval_of_a_share_holds(
    load: float, bounds: Callable[[NDArray[np.bool_]], tuple[float, float]], least: float, most: float
) -> None:
    """Intervals of single requests miss the true 99 % in most runs of a queue, those of batches rarely do."""
    limit = true_quantile(0.99, load)

    held = [low <= 0.99 <= high for low, high in map(bounds, queued(load) <= limit)]

    assert least <= float(np.mean(held)) <= most


@pytest.mark.parametrize(
    ("interval", "least", "most"),
    [
        pytest.param(independent_interval, 0.08, 0.28, id="order statistics of requests"),
        pytest.param(quantile_interval, 0.86, 1.0, id="batch means, inverted"),
    ],
)
def test_how_often_an_interval_of_a_p99_holds(
    interval: Callable[[Floats, float], Interval], least: float, most: float
) -> None:
    """At 80 % load order statistics miss the true p99 in most runs; a bound that is None claims nothing."""
    truth, held = true_quantile(0.99, 0.8), []

    for run in queued(0.8):
        bounds = interval(run, 0.99)
        held.append((bounds.low or 0.0) <= truth <= (math.inf if bounds.high is None else bounds.high))

    assert least <= float(np.mean(held)) <= most


def test_a_p99_of_1049_ms_does_not_pass_1000() -> None:
    """Locust rounds to two digits and passes the limit; exact times fail it, and not one was in time."""
    times_ms = np.full(1_000, 1_049.0)
    locust = RequestStats()
    for time_ms in times_ms.tolist():
        locust.log_request("GET", "/", time_ms, 0)

    assert locust.total.get_response_time_percentile(0.99) == 1_000
    assert percentile(times_ms, 0.99) == 1_049
    assert attained(times_ms <= 1_000).high < 0.01


@dataclass(frozen=True)
class Told:
    """In how many of a hundred soaks each rule says what."""

    trend: float
    leak: float
    clean: float


def soaks(drift: float, samples: int = 240, memory: float = 0.8) -> Floats:
    """Return 300 soaks, a row each: noise that remembers (AR(1), sd 1) on a line that rises by `drift`."""
    rng = np.random.default_rng(8)
    noise = rng.normal(size=(samples, 300)) * math.sqrt(1 - memory**2)
    noise[0] /= math.sqrt(1 - memory**2)
    for now in range(1, samples):
        noise[now] += memory * noise[now - 1]
    rows: Floats = noise.T + np.linspace(0, drift, samples)
    return rows


def mann_kendall_alarms(series: Floats) -> bool:
    """Tell whether the original Mann-Kendall test sees a trend at 5 %: |S| - 1 against its sd, no ties."""
    n = series.size
    s = abs(int(np.sign(np.subtract.outer(series, series))[np.tril_indices(n, -1)].sum()))
    return (s - 1) / math.sqrt(n * (n - 1) * (2 * n + 5) / 18) > normal(0.975)


def told(drift: float, samples: int = 240) -> Told:
    """Return how often Mann-Kendall sees a trend, and the bounds on the slope a leak or none, budget 1 sd."""
    runs = soaks(drift, samples)
    slopes = [slope_bound(run.reshape(12, -1).mean(axis=1)) for run in runs]
    return Told(
        trend=float(np.mean([mann_kendall_alarms(run) for run in runs[:100]])),
        leak=float(np.mean([slope.low * 12 > 1 for slope in slopes])),
        clean=float(np.mean([slope.high * 12 <= 1 for slope in slopes])),
    )


def test_noise_that_remembers_is_no_leak() -> None:
    """Without any drift Mann-Kendall sees a trend in half of the soaks, the slope's bounds never a leak."""
    actual = told(drift=0.0, samples=480)

    assert 0.35 <= actual.trend <= 0.65
    assert actual.leak == 0.0
    assert actual.clean >= 0.6


@pytest.mark.parametrize(
    ("drift", "leak", "clean"),
    [
        pytest.param(1.0, (0.0, 0.08), (0.0, 0.08), id="just the budget: neither, but for one in twenty"),
        pytest.param(4.0, (0.9, 1.0), (0.0, 0.0), id="four times the budget: a leak"),
    ],
)
def test_the_bounds_decide_where_there_is_drift(
    drift: float, leak: tuple[float, float], clean: tuple[float, float]
) -> None:
    """At the budget itself a wrong verdict is as rare as promised; a true leak is found."""
    actual = told(drift)

    assert leak[0] <= actual.leak <= leak[1]
    assert clean[0] <= actual.clean <= clean[1]
