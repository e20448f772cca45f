"""Misses pooled over trials: the exact bounds where requests are independent, wider where they are not."""

import math

import pytest

from capacity.pooled import Pooled, error_of, pooled_of
from capacity.quantiles import normal, share_at_least, share_at_most
from rehearsal.model.capacity import Band, Met
from tests.capacity.told_trials import met

MANY = 10**9
Z = normal(0.95)


def independent(missed: float, requests: int) -> Pooled:
    """Return misses of independent requests, whose error is known for certain."""
    return Pooled(requests, missed, math.sqrt(missed * (1 - missed) / requests), MANY)


@pytest.mark.parametrize(("hits", "n"), [(8, 10), (995, 1000), (990, 1000), (18, 20)])
def test_independent_requests_have_the_exact_bounds(hits: int, n: int) -> None:
    """Clopper and Pearson's, one-sided."""
    pooled = independent(1 - hits / n, n)

    assert pooled.kept_at_least(Z) == pytest.approx(share_at_least(hits, n, 0.95), rel=1e-6)
    assert pooled.kept_at_most(Z) == pytest.approx(share_at_most(hits, n, 0.95), rel=1e-6)


def test_bursts_widen_the_bounds() -> None:
    """With an error three times that of independent requests there are a ninth of them, in effect."""
    calm = independent(0.01, 9000)
    bursts = Pooled(9000, 0.01, 3 * calm.error, MANY)

    assert bursts.kept_at_least(Z) == pytest.approx(share_at_least(990, 1000, 0.95), rel=1e-6)
    assert bursts.kept_at_least(Z) < calm.kept_at_least(Z) < 0.99 < calm.kept_at_most(Z)


def test_an_error_from_few_batches_is_less_certain() -> None:
    """19 degrees of freedom against a known error."""
    known, few = Pooled(9000, 0.01, 0.003, MANY), Pooled(9000, 0.01, 0.003, 19)

    assert few.kept_at_least(3.0) < known.kept_at_least(3.0)


@pytest.mark.parametrize(
    ("pooled", "low", "high"),
    [
        pytest.param(Pooled(299, 0.0, 0.0, 19), 0.05 ** (1 / 299), 1.0, id="none missed"),
        pytest.param(Pooled(299, 1.0, 0.0, 19), 0.0, 1 - 0.05 ** (1 / 299), id="all missed"),
    ],
)
def test_bounds_at_the_ends(pooled: Pooled, low: float, high: float) -> None:
    """As Wilks has them: n of n show a share of 0.05^(1/n)."""
    assert (pooled.kept_at_least(Z), pooled.kept_at_most(Z)) == pytest.approx((low, high))


def test_bounds_at_many_errors_are_still_bounds() -> None:
    """Ten errors off the doubt is 1e-23, which 1 - confidence would have rounded to nothing."""
    pooled = Pooled(10000, 0.002, 0.0005, 19)

    assert 0 < pooled.kept_at_least(10.0) < pooled.kept_at_least(5.0) < 0.998


def test_trials_count_by_their_requests() -> None:
    """Shares and errors of 1000 and 3000 requests."""
    pooled = pooled_of([met(0.99, samples=1000, apart=0.001), met(0.97, samples=3000, apart=0.002)])

    assert pooled
    assert (pooled.requests, pooled.freedom) == (4000, 38)
    assert pooled.missed == pytest.approx(0.025)
    t = 1.729
    assert pooled.error == pytest.approx(math.hypot(0.25 * 0.001 / t, 0.75 * 0.002 / t), rel=1e-3)


def test_what_has_no_bounds_counts_as_independent() -> None:
    """Too few samples for bounds have the error of a coin; none have none, and are nothing to pool."""
    few = Met(slo_set="a", promise="p", target=0.9, share=Band(value=0.9), samples=100)
    none = Met(slo_set="a", promise="p", target=0.9, share=Band(), samples=0)

    assert error_of(few) == pytest.approx(0.03)
    assert error_of(none) == 0.0
    assert pooled_of([none]) is None
