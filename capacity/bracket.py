"""The largest of a rising list of loads that passes, with as few trials as halving takes."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

Load = TypeVar("Load", int, float)


def highest_passing(loads: Sequence[Load], passes: Callable[[Load], bool]) -> Load | None:
    """Return the largest load that passes, each tried at most once; None if the smallest does not.

    Halves the gap between the largest load known to pass and the smallest known to fail, from beyond both
    ends, so the ends are no special cases. It presumes that what passes at a load passes at all below: where
    a trial's outcome is chance, `search` confirms. ValueError unless the loads rise.
    """
    if any(first >= second for first, second in pairwise(loads)):
        raise ValueError("loads to search must rise, each above the one before")
    passed, failed = -1, len(loads)
    while failed - passed > 1:
        middle = (passed + failed) // 2
        passed, failed = (middle, failed) if passes(loads[middle]) else (passed, middle)
    return loads[passed] if passed >= 0 else None
