"""Mann-Whitney and Hodges-Lehmann: R's example, scipy, and every deal of the ranks by hand."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # type: ignore[import-untyped]

from capacity.samples import Floats
from tests.capacity.ranks import MOST, Compared, compare, shift

#: The example of R's ?wilcox.test.
X = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])
Y = np.array([1.15, 0.88, 0.90, 0.74, 1.21])

FEW = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=5).map(np.array)
DISTINCT = st.lists(st.integers(-1000, 1000).map(float), min_size=4, max_size=24, unique=True)


def slow_compare(x: Floats, y: Floats) -> Compared:
    """Return W by its pairs, and its chances by every way to deal the values out."""
    both = [*x, *y]

    def pairs(taken: tuple[int, ...]) -> float:
        mine = [both[i] for i in taken]
        rest = [both[i] for i in range(len(both)) if i not in taken]
        return sum((1.0 if a > b else 0.5 if a == b else 0.0) for a in mine for b in rest)

    w = pairs(tuple(range(x.size)))
    deals = [pairs(taken) for taken in combinations(range(len(both)), x.size)]
    greater, less = sum(d >= w for d in deals) / len(deals), sum(d <= w for d in deals) / len(deals)
    return Compared(w, greater, min(1.0, 2 * min(greater, less)))


def test_the_example_of_r() -> None:
    """W, both p-values, the shift and its interval are R's."""
    tested, by = compare(X, Y), shift(X, Y)

    assert (tested.w, tested.greater, tested.two_sided) == pytest.approx((35, 0.1272, 0.2544), abs=5e-5)
    assert (by.low, by.by, by.high) == pytest.approx((-0.15, 0.305, 0.76), abs=1e-9)


@given(FEW, FEW)
def test_chances_are_those_of_every_deal(x: Floats, y: Floats) -> None:
    """Tied or not, the p-values count all ways to deal the values out."""
    slow, quick = slow_compare(x, y), compare(x, y)

    assert slow.w == quick.w
    assert (slow.greater, slow.two_sided) == pytest.approx((quick.greater, quick.two_sided), abs=1e-12)


@settings(max_examples=25, deadline=None)  # scipy counts its first distributions slowly
@given(DISTINCT, st.integers(1, 3))
def test_without_ties_it_is_scipys_exact_test(values: list[float], cut: int) -> None:
    """Of distinct values, both p-values are those of scipy's exact method."""
    x, y = np.array(values[:-cut]), np.array(values[-cut:])
    greater = stats.mannwhitneyu(x, y, alternative="greater", method="exact")
    two_sided = stats.mannwhitneyu(x, y, alternative="two-sided", method="exact")

    actual = compare(x, y)

    assert actual.w == greater.statistic
    assert (greater.pvalue, two_sided.pvalue) == pytest.approx((actual.greater, actual.two_sided), abs=1e-12)


@given(DISTINCT, st.integers(1, 3))
def test_the_interval_is_the_test_inverted(values: list[float], cut: int) -> None:
    """Shifts just inside the bounds are not refuted at 5 %; shifts just outside are."""
    x, y = np.array(values[:-cut]), np.array(values[-cut:])
    by = shift(x, y)
    if by.low is None or by.high is None:
        assert compare(x + 10_000, y).two_sided > 0.05
        return

    for bound, outward in ((by.low, -0.5), (by.high, 0.5)):
        assert compare(x - bound - outward, y).two_sided < 0.05 < compare(x - bound + outward, y).two_sided


def test_few_trials_have_no_bounds() -> None:
    """Three trials against three cannot bound a shift at 95 %, whatever they measured."""
    actual = shift(np.array([101.0, 102.0, 103.0]), np.array([1.0, 2.0, 3.0]))

    assert (actual.low, actual.by, actual.high) == (None, 100.0, None)


@pytest.mark.parametrize(
    ("n", "said"),
    [pytest.param(0, "run some", id="none"), pytest.param(MOST, "compare trials", id="requests")],
)
def test_what_is_no_set_of_trials_is_refused(n: int, said: str) -> None:
    """Nothing, and thousands of requests, are errors that say what to do."""
    with pytest.raises(ValueError, match=said):
        compare(np.zeros(n), np.ones(1))
    with pytest.raises(ValueError, match=said):
        shift(np.zeros(n), np.ones(1))


def test_the_most_trials_are_counted_without_overflow() -> None:
    """A hundred against a hundred of the same values: of 10^59 ways to deal them, all are as extreme."""
    same = np.arange(MOST / 2)

    assert compare(same, same).two_sided == pytest.approx(1.0)
