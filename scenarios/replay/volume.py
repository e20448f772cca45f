"""Normal volume: the median of comparable intervals of a log, never its mean and never its peak.

A mean is pulled up by the last promotion, a peak is one. Intervals are comparable when they belong to the
same hour of the week (logs of two weeks or more) or of the day (three days or more); a shorter log's
intervals are all of one class. The class with the highest median stands: a promotion meets the shop at
its busiest ordinary hour.
"""

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
import numpy as np

from scenarios.replay.steps import Ints

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S

_DAY, _WEEK = 24, 7 * 24
#: From these many days on, each class holds at least two, or three, of its hours.
_WEEKLY_DAYS, _DAILY_DAYS = 14, 3

#: Interval lengths tried, in seconds. The shortest is taken in which the median counts enough sessions.
INTERVALS_S = (60, 600, 3600)
ENOUGH_SESSIONS = 20
#: Below this many comparable intervals a median is an anecdote.
FEWEST_INTERVALS = 9

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Counts(NamedTuple):
    """Sessions begun in each whole interval; number i begins at `(first + i) * interval_s`."""

    first: int
    interval_s: int
    counts: Ints


class Normal(msgspec.Struct, frozen=True, kw_only=True):
    """The normal volume in sessions a second, and which intervals it is the median of."""

    per_s: float
    interval_s: int
    intervals: int
    chosen: str
    classes: int
    median: float
    mean: float
    peak: float

    @property
    def sentence(self) -> str:
        """Return in words where the number comes from."""
        return (
            f"{self.per_s:.4g} sessions/s: the median of {self.intervals:,} intervals of "
            f"{self.interval_s} s, {self.chosen} (their mean is {self.mean / self.interval_s:.4g}/s, the "
            f"log's busiest interval {self.peak / self.interval_s:.4g}/s; neither is used)"
        )


def whole_intervals(start_ns: Ints, interval_s: int) -> Counts:
    """Count session starts (sorted, ns since 1970) in the intervals wholly between first and last."""
    slots = start_ns // (interval_s * 1_000_000_000)
    low, high = int(slots[0]) + 1, int(slots[-1])
    if high <= low:
        return Counts(low, interval_s, np.zeros(0, dtype=np.int64))
    inside = slots[(slots >= low) & (slots < high)] - low
    return Counts(low, interval_s, np.bincount(inside, minlength=high - low).astype(np.int64))


def normal_volume(start_ns: Ints) -> Normal | None:
    """Return the normal volume of session starts (sorted, ns since 1970); None if they are too few."""
    found = [
        normal for interval_s in INTERVALS_S if (normal := median_of(whole_intervals(start_ns, interval_s)))
    ]
    enough = [normal for normal in found if normal.median >= ENOUGH_SESSIONS]
    some = [normal for normal in found if normal.median > 0]
    return next(iter(enough or some[-1:]), None)


def median_of(counted: Counts) -> Normal | None:
    """Return the highest median among the classes with enough intervals; None if no class has."""
    counts, interval_s = counted.counts, counted.interval_s
    starts_s = (counted.first + np.arange(len(counts), dtype=np.int64)) * interval_s
    grain = _grain(len(counts), interval_s)
    classes = _classes(starts_s, grain)
    medians = {
        int(name): float(np.median(counts[classes == name]))
        for name, size in zip(*np.unique(classes, return_counts=True), strict=True)
        if size >= FEWEST_INTERVALS
    }
    if not medians:
        return None
    best = max(medians, key=lambda name: medians[name])
    chosen = counts[classes == best]
    return Normal(
        per_s=medians[best] / interval_s,
        interval_s=interval_s,
        intervals=len(chosen),
        chosen=_words(best, grain, starts_s, interval_s),
        classes=len(medians),
        median=medians[best],
        mean=float(chosen.mean()),
        peak=float(counts.max()),
    )


def _grain(intervals: int, interval_s: int) -> int:
    """Return how many classes a log is long enough for: 168 hours of the week, 24 of the day, or 1."""
    days = intervals * interval_s // _DAY_S
    if days >= _WEEKLY_DAYS and days // 7 * (_HOUR_S // interval_s) >= FEWEST_INTERVALS:
        return _WEEK
    return _DAY if days >= _DAILY_DAYS else 1


def _classes(starts_s: Ints, grain: int) -> Ints:
    """Return each interval's class; hours of the week count from Monday, and 1970 began on a Thursday."""
    return (starts_s // _HOUR_S + 3 * _DAY) % _WEEK % grain


def _words(name: int, grain: int, starts_s: Ints, interval_s: int) -> str:
    if grain == 1:
        first = datetime.fromtimestamp(int(starts_s[0]), UTC)
        last = datetime.fromtimestamp(int(starts_s[-1]) + interval_s, UTC)
        return f"all whole ones from {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC"
    hours = f"{name % 24:02d}:00 to {(name + 1) % 24:02d}:00 UTC"
    day = f"{_WEEKDAYS[name // 24]}s" if grain == _WEEK else "all days"
    return f"those of {day} from {hours}, the busiest of {grain} classes"
