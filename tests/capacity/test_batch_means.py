"""Shares and percentiles from batch means: by hand, by symmetry, by simulation; and never certain."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from capacity.batch_means import Attained, attained, quantile_interval, trusted
from capacity.latency import percentile

Hits = NDArray[np.bool_]

HITS = st.lists(st.booleans(), min_size=20, max_size=300).map(lambda drawn: np.array(drawn, dtype=bool))
TIMES = np.random.default_rng(11).exponential(size=20_000)


def misses(n: int, *at: int) -> Hits:
    """Return n requests that hit, but for those at some places."""
    hits = np.ones(n, dtype=bool)
    hits[list(at)] = False
    return hits


def slow_low(hits: list[bool], batches: int, confidence: float) -> float:
    """Return the lower bound from the formulas as they are printed."""
    n, good = len(hits), sum(hits)
    edges = [n * i // batches for i in range(batches + 1)]
    means = [sum(hits[a:b]) / (b - a) for a, b in pairwise(edges)]
    exact = float(stats.beta.ppf(1 - confidence, good, n - good + 1)) if good else 0.0
    if len(set(means)) == 1:
        return exact
    deviation, t = float(np.std(means, ddof=1)), float(stats.t.ppf(confidence, batches - 1))
    a = float(stats.skew(means, bias=False)) / (6 * math.sqrt(batches))
    reach = (float(np.cbrt(1 + 6 * a * (t - a))) - 1) / (2 * a) if abs(a) > 1e-6 else t
    return max(0.0, min(good / n - max(t, reach) * deviation / math.sqrt(batches), exact))


@given(HITS, st.sampled_from([0.9, 0.95, 0.99]))
def test_the_lower_bound_is_the_printed_formula(hits: Hits, confidence: float) -> None:
    """A - G(t) sd / sqrt(B), no higher than the exact bound, with every part from another library."""
    expected = slow_low(hits.tolist(), 20, confidence)

    actual = attained(hits, confidence=confidence).low

    assert actual == pytest.approx(expected, abs=1e-9)


@given(HITS)
def test_hits_and_misses_mirror_each_other(hits: Hits) -> None:
    """The bounds on the share of misses are those on the share of hits, from the other end."""
    hit, missed = attained(hits), attained(~hits)

    assert (hit.share, hit.low, hit.high) == pytest.approx(
        (1 - missed.share, 1 - missed.high, 1 - missed.low), abs=1e-9
    )
    assert (hit.lag1, hit.drift) == pytest.approx((missed.lag1, -missed.drift), abs=1e-6)


@given(HITS)
def test_bounds_enclose_the_share(hits: Hits) -> None:
    """0 <= low <= share <= high <= 1, and only a bound that lies at 0 or 1 may touch the share."""
    actual = attained(hits)

    assert 0 <= actual.low <= actual.share <= actual.high <= 1
    assert actual.low < actual.share or actual.share == 0
    assert actual.high > actual.share or actual.share == 1


@pytest.mark.parametrize(
    ("hits", "low", "high"),
    [
        pytest.param(misses(298), 0.989998, 1.0, id="298 perfect ones do not prove 99 %"),
        pytest.param(misses(299), 0.990031, 1.0, id="299 do: Wilks' number"),
        pytest.param(~misses(299), 0.0, 0.009969, id="none of 299"),
        pytest.param(
            misses(2000, *range(0, 2000, 20)), 0.941230, 0.957772, id="batches that agree by chance"
        ),
        pytest.param(misses(2000, *range(400, 440)), 0.862161, 1.0, id="one burst: as rare as it was seen"),
    ],
)
def test_no_run_is_certain(hits: Hits, low: float, high: float) -> None:
    """Where batches do not differ the exact bounds of independent requests hold, and bursts widen."""
    actual = attained(hits)

    assert (actual.low, actual.high) == pytest.approx((low, high), abs=5e-7)


def test_batches_are_as_equal_as_can_be() -> None:
    """Of 103 requests no batch of ten has more than eleven: a burst of eleven fills at most two."""
    actual = attained(misses(103, *range(92, 103)), batches=10)

    assert (actual.share, actual.batches, actual.samples) == (92 / 103, 10, 103)
    assert actual.low == pytest.approx(slow_low(misses(103, *range(92, 103)).tolist(), 10, 0.95))


@pytest.mark.parametrize(
    ("n", "batches", "said"),
    [
        pytest.param(0, 20, "run longer", id="none"),
        pytest.param(19, 20, "19 requests do not fill 20 batches: run longer", id="one too few"),
        pytest.param(100, 2, "need 3 batches", id="two batches"),
    ],
)
def test_too_few_are_refused(n: int, batches: int, said: str) -> None:
    """Too few requests or batches are errors that say what to do."""
    with pytest.raises(ValueError, match=said):
        attained(np.ones(n, dtype=bool), batches=batches)


def stepped(*shares: float) -> Attained:
    """Return the attainment of batches of a hundred requests with these shares of hits."""
    return attained(np.concatenate([np.arange(100) < 100 * share for share in shares]), batches=len(shares))


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        pytest.param(attained(misses(2000)), "", id="perfect"),
        pytest.param(stepped(*[0.99, 0.97] * 10), "", id="batches that alternate"),
        pytest.param(stepped(*[0.99, 0.98, 0.98, 0.99] * 5), "", id="batches that differ by chance"),
        pytest.param(
            stepped(*[0.99] * 5, *[0.95] * 10, *[0.99] * 5), "neighbouring batches are alike", id="a wave"
        ),
        pytest.param(
            stepped(*[1.0, 0.97, 1.0, 0.95, 0.99, 0.96, 0.97, 0.92, 0.96, 0.9] * 2),
            "",
            id="noise that repeats",
        ),
        pytest.param(
            stepped(*np.linspace(1, 0.9, 20) + 0.05 * (np.arange(20) % 2 - 1)),
            "the share still falls from batch to batch",
            id="a queue that grows",
        ),
        pytest.param(
            stepped(*np.linspace(0.9, 1, 20) + 0.05 * (np.arange(20) % 2 - 1)),
            "the share still rises from batch to batch",
            id="a warm-up left in",
        ),
    ],
)
def test_what_the_batches_say_of_themselves(measured: Attained, said: str) -> None:
    """Batches that hang together or drift ask for a longer run, and others do not."""
    actual = trusted(measured)

    assert actual.startswith("run longer: ") == bool(said)
    assert said in actual


def test_independent_batches_are_rarely_doubted() -> None:
    """Of 1,000 runs of independent requests 6 % are told to run longer, as the docstring says."""
    runs = np.random.default_rng(20).random((1_000, 400)) < 0.7
    doubted = sum(bool(trusted(attained(run))) for run in runs)

    assert 40 <= doubted <= 80


def test_a_percentile_lies_between_two_others() -> None:
    """The bounds are percentiles of the same samples, p - h and p + h away, around the known quantile."""
    actual = quantile_interval(TIMES, 0.99)

    assert actual.low is not None
    assert actual.high is not None
    assert actual.low < actual.value < actual.high
    assert actual.low < -math.log(0.01) < actual.high
    assert {actual.low, actual.high} < set(TIMES.tolist())
    below, above = float(np.mean(actual.low >= TIMES)), float(np.mean(actual.high >= TIMES))
    assert 0.99 - below == pytest.approx(above - 0.99, abs=1 / TIMES.size)


@pytest.mark.parametrize(
    ("times", "p", "low", "high"),
    [
        pytest.param(TIMES[:298], 0.99, False, False, id="298 samples bound no p99"),
        pytest.param(TIMES[:2_994], 0.999, False, False, id="2,994 bound no p99.9"),
        pytest.param(TIMES[:299], 0.99, True, False, id="299 bound one side alone, not both at 95 %"),
        pytest.param(np.repeat([1.0, 2.0], [1900, 100]), 0.93, True, False, id="a burst that ends the run"),
        pytest.param(np.repeat([2.0, 1.0], [30, 370]), 0.93, True, False, id="a burst of equal times"),
        pytest.param(
            np.repeat([2.0, 1.0], [370, 30]), 0.07, False, True, id="the mirror: p - h is before all"
        ),
        pytest.param(TIMES[:4_000], 0.95, True, True, id="enough"),
    ],
)
def test_bounds_that_samples_do_not_give(times: NDArray[np.float64], p: float, low: bool, high: bool) -> None:
    """A bound beyond the samples is None, and the percentile itself is given all the same."""
    actual = quantile_interval(times, p)

    assert (low, high) == (actual.low is not None, actual.high is not None)
    assert actual.value == percentile(times, p)


def test_what_never_ended_bounds_from_above() -> None:
    """A p99 within reach of requests that never ended has no finite upper bound."""
    times = TIMES[:4_000].copy()
    times[::105] = math.inf

    actual = quantile_interval(times, 0.99)

    assert actual.high == math.inf
