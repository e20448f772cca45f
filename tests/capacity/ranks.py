"""Two builds compared by ranks of their trials: the Mann-Whitney test and the shift between them.

No command compares builds, so this stands with the tests: reference data reproduced, and the unit to use.

The unit is a trial (one percentile or one capacity each), never a request: requests of a trial are not
independent. The distribution is our own, exact also where values are tied (scipy's exact one takes them as
not tied, and its import alone takes half a second); scipy is the oracle of the tests.
"""

from dataclasses import dataclass

import numpy as np

from capacity.samples import Floats

#: Trials of both builds together: beyond, the exact distribution takes seconds, and is not needed.
MOST = 200


@dataclass(frozen=True, slots=True)
class Compared:
    """Mann-Whitney's W (pairs in which x is the greater; ties half), and the chance of such a W by chance."""

    w: float
    greater: float
    two_sided: float


@dataclass(frozen=True, slots=True)
class Shift:
    """By how much x lies above y, with two-sided bounds; None where there are too few trials for any."""

    low: float | None
    by: float
    high: float | None


def compare(x: Floats, y: Floats) -> Compared:
    """Return whether trials `x` tend to be greater than trials `y`: exact p-values, ties allowed.

    The distribution of the rank sum over all ways to deal the (mid)ranks out to x and y. Mann and Whitney,
    Annals of Mathematical Statistics 18 (1947), 50-60. ValueError for none, or more than `MOST`, trials.
    """
    _check(x, y)
    both = np.concatenate([x, y])
    _, place, times = np.unique(both, return_inverse=True, return_counts=True)
    # Twice the midrank is whole: values below, and up to, this one.
    doubled = (2 * np.cumsum(times) - times + 1)[place]
    chances = _rank_sums(doubled, x.size)
    total = int(doubled[: x.size].sum())
    greater, less = float(chances[total:].sum()), float(chances[: total + 1].sum())
    w = (total - x.size * (x.size + 1)) / 2
    return Compared(w, min(1.0, greater), min(1.0, 2 * min(greater, less)))


def shift(x: Floats, y: Floats, confidence: float = 0.95) -> Shift:
    """Return the Hodges-Lehmann shift, the median of all x - y, with its exact interval.

    The bounds are the differences of rank q and mn + 1 - q, q the (1 - confidence) / 2 quantile of W.
    Conservative under ties. Hodges and Lehmann, Annals of Mathematical Statistics 34 (1963), 598-611.
    ValueError as for `compare`.
    """
    _check(x, y)
    differences = np.sort(np.subtract.outer(x, y), axis=None)
    ranks = 2 * np.arange(1, x.size + y.size + 1)
    # Only every second sum of doubled ranks occurs; the least is W = 0.
    chances = _rank_sums(ranks, x.size)[x.size * (x.size + 1) :: 2]
    q = int(np.searchsorted(np.cumsum(chances), (1 - confidence) / 2))
    by = float(np.median(differences))
    return Shift(float(differences[q - 1]), by, float(differences[-q])) if q else Shift(None, by, None)


def _rank_sums(ranks: np.ndarray[tuple[int, ...], np.dtype[np.int64]], size: int) -> Floats:
    """Return the chance of each sum of `size` of these ranks, drawn without replacement."""
    ways = np.zeros((size + 1, int(np.sort(ranks)[-size:].sum()) + 1))
    ways[0, 0] = 1.0
    for drawn, rank in enumerate(ranks.tolist(), 1):
        top = min(drawn, size)
        ways[1 : top + 1, rank:] += ways[:top, : ways.shape[1] - rank].copy()
    chances: Floats = ways[size] / ways[size].sum()
    return chances


def _check(x: Floats, y: Floats) -> None:
    if not x.size or not y.size:
        raise ValueError("two builds are compared by trials of both: run some")
    if x.size + y.size > MOST:
        raise ValueError(f"{x.size + y.size} trials are more than {MOST}: compare trials, not requests")
