"""The correction of a closed loop's times: HdrHistogram's published figures, and one time after another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.correction import corrected
from rehearsal.model.histogram import HIGHEST_NS, NEVER_NS, Histogram, Ints, bounds_ns, percentile, record

MS, S = 1_000_000, 1_000_000_000

MEASURED = st.lists(
    st.tuples(st.integers(0, 3 * S), st.integers(0, 4)), max_size=8, unique_by=lambda drawn: drawn[0]
)


def ints(*values: int) -> Ints:
    """Return an array of integers."""
    return np.array(values, np.int64)


def slow_times(times_ns: list[int], counts: list[int], every_ns: int) -> list[int]:
    """Return every time, and after each those left out, as record_corrected_value adds them."""
    all_times = []
    for time_ns, count in zip(times_ns, counts, strict=True):
        for _ in range(count):
            all_times.append(time_ns)
            missing_ns = time_ns - every_ns
            while missing_ns >= every_ns:
                all_times.append(missing_ns)
                missing_ns -= every_ns
    return all_times


def longest_us(histogram: Histogram, p: float) -> int:
    """Return a percentile as HdrHistogram gives it: the last microsecond of its bucket."""
    return int(percentile(histogram, p).high_ns) // 1_000 - 1


def mean_us(histogram: Histogram) -> float:
    """Return the mean as HdrHistogram gives it: of the buckets' middle microseconds."""
    low, high = (bound // 1_000 for bound in bounds_ns(histogram.buckets))
    middles = np.where(high - low > 1, (low + high) // 2, low)
    return float(middles @ histogram.counts) / histogram.total


#: 10,000 requests of 1 ms, then one of 100 s, meant to go every 10 ms.
STALLED = (ints(MS, 100 * S), ints(10_000, 1))


def test_a_stall_counts_for_all_that_was_due_meanwhile() -> None:
    """The counts are HdrHistogram's: 10,001 measured stand for 20,000."""
    raw, filled = corrected(*STALLED, 200 * S), corrected(*STALLED, 10 * MS)

    assert (raw.total, filled.total) == (10_001, 20_000)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        pytest.param(0.5, 1_000, id="p50"),
        pytest.param(0.75, 50_003_967, id="p75"),
        pytest.param(0.9, 80_019_455, id="p90"),
        pytest.param(0.99, 98_041_855, id="p99"),
        pytest.param(1.0, 100_007_935, id="the longest"),
    ],
)
def test_percentiles_are_those_of_hdr_histogram(p: float, expected: int) -> None:
    """The corrected percentiles equal HdrHistogram's to the microsecond."""
    actual = longest_us(corrected(*STALLED, 10 * MS), p)

    assert expected == actual


def test_uncorrected_times_hide_the_stall() -> None:
    """Without the correction even the p99.99 is 1 ms, and the mean is 2,000 times too small."""
    raw, filled = corrected(*STALLED, 200 * S), corrected(*STALLED, 10 * MS)

    assert longest_us(raw, 0.9999) == 1_000
    assert (mean_us(raw), mean_us(filled)) == pytest.approx((10_996.4, 25_003_006.7), abs=0.05)


@given(MEASURED, st.integers(MS, 2 * S))
def test_it_is_one_time_after_another(measured: list[tuple[int, int]], every_ns: int) -> None:
    """Counting by bucket gives what adding each left-out time by itself gives."""
    times, counts = [time for time, _ in measured], [count for _, count in measured]
    expected = record(ints(*slow_times(times, counts, every_ns)))

    actual = corrected(ints(*times), ints(*counts), every_ns)

    assert expected.buckets.tolist() == actual.buckets.tolist()
    assert expected.counts.tolist() == actual.counts.tolist()


@pytest.mark.parametrize(
    ("time_ns", "every_ns", "said"),
    [
        pytest.param(MS, 0, "at least 1", id="no interval"),
        pytest.param(NEVER_NS, MS, "cannot be corrected", id="never ended"),
        pytest.param(HIGHEST_NS + 1, MS, "cannot be corrected", id="over an hour"),
    ],
)
def test_what_has_no_correction_is_refused(time_ns: int, every_ns: int, said: str) -> None:
    """An interval of nothing and a time without end are errors that say what to do."""
    with pytest.raises(ValueError, match=said):
        corrected(ints(time_ns), ints(1), every_ns)
