"""The little statistics the benchmarks need. Percentiles are nearest-rank: a value that occurred."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1] of all values do not exceed.

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("a percentile needs at least one value")
    return sorted(values)[max(1, math.ceil(share * len(values) - 1e-9)) - 1]


def percentile_of_counts(counts: Mapping[float, int], share: float) -> float:
    """Return the same of a histogram: value to how often it occurred. ValueError if all counts are 0."""
    rank = max(1, math.ceil(share * sum(counts.values()) - 1e-9))
    seen = 0
    for value in sorted(counts):
        seen += counts[value]
        if seen >= rank:
            return value
    raise ValueError("a percentile needs at least one value")


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """Return ours ÷ theirs to three significant digits, None where either is unknown or theirs is 0."""
    if ours is None or not theirs:
        return None
    return float(f"{ours / theirs:.3g}")


def middle(values: Sequence[float]) -> float | None:
    """Return the median, None of nothing."""
    return median(values) if values else None


def slope(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the Theil-Sen slope of (x, y) points: the median of all pairs' slopes; None below two x.

    One collection of garbage or one burst in a series of memory readings does not move it.
    """
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x2 != x1]
    return median(slopes) if slopes else None


def error(measured: float | None, truth: float) -> float | None:
    """Return |measured − truth| ÷ truth to four digits, None where nothing was measured."""
    return None if measured is None else round(abs(measured - truth) / truth, 4)
