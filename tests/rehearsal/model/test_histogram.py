"""The histogram against a slow twin that finds buckets by their definition, one time at a time."""

from collections import Counter
from fractions import Fraction
from math import ceil, inf

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.model.histogram import (
    HIGHEST_NS,
    LEAST_ERROR_NS,
    NEVER_NS,
    OVERFLOW,
    RELATIVE_ERROR,
    Histogram,
    Ints,
    Quantile,
    bounds_ns,
    bucket_of,
    decode,
    encode,
    merge,
    percentile,
    record,
)

TIMES = st.lists(
    st.one_of(st.integers(0, 5_000_000), st.integers(0, HIGHEST_NS), st.just(NEVER_NS)), max_size=60
)
SHARES = st.sampled_from((0.01, 0.5, 0.95, 0.99, 0.999, 1.0))


def ints(values: list[int]) -> Ints:
    """Return integers as an array."""
    return np.array(values, np.int64)


def slow_bucket(time_ns: int) -> int:
    """Return a time's bucket by halving until 2,048 units are enough; HdrHistogram's counting of them."""
    units, shift = time_ns // 1_000, 0
    while units >> shift >= 2_048:
        shift += 1
    return min(1_024 * shift + (units >> shift), OVERFLOW)


def content(histogram: Histogram) -> dict[int, int]:
    """Return a histogram as a table of counts."""
    return dict(zip(*encode(histogram), strict=True))


@given(TIMES)
def test_buckets_are_those_of_the_slow_twin(times: list[int]) -> None:
    """Every time is counted where the definition puts it, and nothing else is counted."""
    actual = content(record(ints(times)))

    assert actual == Counter(map(slow_bucket, times))


@pytest.mark.parametrize(
    ("time_ns", "expected"),
    [
        pytest.param(-5, 0, id="a clock that went back"),
        pytest.param(999, 0, id="less than a unit"),
        pytest.param(2_047_999, 2_047, id="the last of the fine buckets"),
        pytest.param(2_048_000, 2_048, id="the first of two units"),
        pytest.param(2_050_000, 2_049, id="the second of two units"),
        pytest.param(4_096_000, 3_072, id="the first of four units"),
        pytest.param(HIGHEST_NS, OVERFLOW - 1, id="an hour"),
        pytest.param(2**62, OVERFLOW, id="for ever"),
    ],
)
def test_known_buckets(time_ns: int, expected: int) -> None:
    """Buckets at the edges, as HdrHistogram(1, 3600000000, 3) numbers its counts."""
    (actual,) = bucket_of(ints([time_ns])).tolist()

    assert actual == expected


def test_buckets_lie_side_by_side() -> None:
    """Each bucket begins where the one before it ends; the last has no end."""
    low, high = bounds_ns(np.arange(OVERFLOW + 1))

    assert (low[1:] == high[:-1]).all()
    assert low[0] == 0
    assert high[-1] == np.iinfo(np.int64).max


@given(st.integers(0, HIGHEST_NS))
def test_a_time_is_known_within_the_bound(time_ns: int) -> None:
    """A bucket's middle is off by at most 0.5 µs or 1/2,048 of the time, and the bucket holds the time."""
    quantile = percentile(record(ints([time_ns])), 1.0)

    assert time_ns in quantile
    assert abs(quantile.value_ns - time_ns) <= quantile.error_ns
    assert quantile.error_ns <= max(LEAST_ERROR_NS, time_ns * RELATIVE_ERROR)


@given(TIMES.filter(bool), SHARES)
def test_percentiles_hold_the_exact_one(times: list[int], p: float) -> None:
    """The nearest-rank percentile of the sorted times lies in the bucket that is returned."""
    exact = sorted(times)[ceil(Fraction(str(p)) * len(times)) - 1]
    quantile = percentile(record(ints(times)), p)

    assert (inf if exact == NEVER_NS else exact) in quantile


@given(TIMES, TIMES, TIMES)
def test_merging_is_recording_all(first: list[int], second: list[int], third: list[int]) -> None:
    """In any order and grouping, merged histograms are the histogram of all times."""
    a, b, c = (record(ints(times)) for times in (first, second, third))
    expected = content(record(ints(first + second + third)))

    assert content(merge(a, b, c)) == expected
    assert content(merge(merge(c, a), b)) == expected
    assert content(merge(b, merge(c, a))) == expected


@given(TIMES)
def test_the_sparse_form_is_the_histogram(times: list[int]) -> None:
    """What is encoded is what is decoded, and it is plain integers."""
    histogram = record(ints(times))
    buckets, counts = encode(histogram)

    assert content(decode(buckets, counts)) == content(histogram)
    assert {type(value) for value in (*buckets, *counts)} <= {int}


@pytest.mark.parametrize(
    ("buckets", "counts", "words"),
    [
        pytest.param([1, 2], [1], "one count", id="a count is missing"),
        pytest.param([1], [0], "one count", id="a bucket that holds nothing"),
        pytest.param([2, 1], [1, 1], "ascend", id="out of order"),
        pytest.param([1, 1], [1, 1], "ascend", id="twice the same"),
        pytest.param([-1], [1], "ascend", id="below the first"),
        pytest.param([OVERFLOW + 1], [1], "ascend", id="past the last"),
    ],
)
def test_what_is_no_histogram_is_refused(buckets: list[int], counts: list[int], words: str) -> None:
    """A sparse form that encode cannot have made is named."""
    with pytest.raises(ValueError, match=words):
        decode(buckets, counts)


def test_nothing_has_no_percentile() -> None:
    """Without times there is no number to return."""
    with pytest.raises(ValueError, match="no samples"):
        percentile(merge(), 0.5)


def test_what_never_ended_is_longer_than_any_time() -> None:
    """The last bucket has no end, and holds what is infinite; no other does."""
    forever = percentile(record(ints([NEVER_NS])), 0.5)

    assert forever.value_ns == inf
    assert inf in forever
    assert inf not in Quantile(0.0, 1.0)
