from datetime import UTC, datetime

import numpy as np
import pytest

from scenarios.replay.volume import Counts, Normal, median_of, normal_volume, whole_intervals

MONDAY = int(datetime(2026, 11, 9, tzinfo=UTC).timestamp())
HOUR, NS = 3600, 1_000_000_000


def starts(per_minute: list[int], first_s: int = MONDAY) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return session starts: so many in each minute, one second apart from its beginning."""
    at_s = [first_s + 60 * minute + i * 60 / n for minute, n in enumerate(per_minute) for i in range(n)]
    return np.array(at_s, dtype=np.float64).astype(np.int64) * NS


def hourly(counts: list[int]) -> Normal | None:
    """Return the normal volume of hourly counts from a Monday on."""
    return median_of(Counts(MONDAY // HOUR, HOUR, np.array(counts, dtype=np.int64)))


def test_a_promotion_in_the_log_does_not_move_the_median() -> None:
    """Twelve ordinary minutes of 30, then a peak of 3,000: normal is 30, the mean is not."""
    found = normal_volume(starts([30] * 12 + [3000] + [30] * 12))

    assert found is not None
    assert found.per_s == pytest.approx(0.5)
    assert (found.interval_s, found.intervals, found.peak) == (60, 23, 3000)
    assert found.mean > 100
    assert "all whole ones from 2026-11-09 00:01 to 2026-11-09 00:24 UTC" in found.sentence


def test_the_first_and_last_interval_are_only_partly_in_the_log() -> None:
    """They are not counted."""
    counted = whole_intervals(starts([5, 6, 7, 8]), 60)

    assert counted.counts.tolist() == [6, 7]
    assert whole_intervals(starts([5]), 60).counts.tolist() == []


def test_hours_of_the_day_are_compared_from_three_days_on() -> None:
    """Quiet nights and busy evenings: the evening's median stands, of that hour on all days."""
    day = [10] * 20 + [100, 200, 150, 50]
    found = hourly(day * 9)

    assert found is not None
    assert (found.median, found.classes, found.intervals) == (200, 24, 9)
    assert "all days from 21:00 to 22:00 UTC" in found.chosen


def test_hours_of_the_week_are_compared_when_each_comes_often_enough() -> None:
    """Saturdays at 21 are busier than other days at 21: their own median stands."""
    weekday, saturday = [10] * 24, [10] * 21 + [500, 10, 10]
    found = hourly((weekday * 5 + saturday + weekday) * 9)

    assert found is not None
    assert (found.median, found.classes, found.intervals) == (500, 168, 9)
    assert "Saturdays from 21:00 to 22:00 UTC" in found.chosen


def test_one_promotion_evening_among_nine_days_is_not_normal() -> None:
    """Its hour is compared with the same hour of other days."""
    day = [10] * 20 + [100, 200, 150, 50]
    counts = day * 9
    counts[4 * 24 + 21] = 20_000
    found = hourly(counts)

    assert found is not None
    assert (found.median, found.peak) == (200, 20_000)


def test_few_sessions_are_counted_in_longer_intervals() -> None:
    """The shortest interval whose median counts enough; else the longest with enough intervals."""
    some, few = normal_volume(starts([3] * 200)), normal_volume(starts([1] * 120))

    assert some is not None
    assert few is not None
    assert (some.interval_s, some.median) == (600, 30)
    assert (few.interval_s, few.median) == (600, 10)


@pytest.mark.parametrize(
    "per_minute",
    [
        pytest.param([100] * 5, id="five minutes"),
        pytest.param([50, *[0] * 300, 50], id="mostly nothing"),
    ],
)
def test_what_has_no_median_has_no_normal_volume(per_minute: list[int]) -> None:
    """Too few intervals, or most of them empty."""
    assert normal_volume(starts(per_minute)) is None
