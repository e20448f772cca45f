"""How much of the beginning of a run is warm-up and no part of its steady state: MSER-5.

White, An effective truncation heuristic for bias reduction in simulation output, Simulation 69 (1997),
323-334; in batches of five: White, Cobb and Spratt, Winter Simulation Conference (2000), 755-760.
"""

from dataclasses import dataclass

import numpy as np

from capacity.samples import Floats

BATCH = 5
#: The last batches are too few to have a spread of their own, so no truncation leaves fewer.
LEAST_LEFT = 5


@dataclass(frozen=True, slots=True)
class WarmUp:
    """How many samples to discard, and whether what is left is a steady state at all."""

    discard: int
    steady: bool


def warm_up(series: Floats) -> WarmUp:
    """Return how many of the first samples of a series in order to discard.

    d minimises sum_(j > d) (Z_j - mean)^2 / (k - d)^2 over the k means Z of five samples each: the squared
    standard error of what is left. Where that minimum lies in the second half of the run, or there are too
    few samples to tell, no steady state was found: run longer, and do not trust what is left.
    ValueError for values that are not finite: give a time that never ended as its time-out.
    """
    if not np.isfinite(series).all():
        raise ValueError("warm-up is told by finite values: give what never ended as its time-out")
    batches = series.size // BATCH
    if batches < 2 * LEAST_LEFT:
        return WarmUp(0, steady=False)
    means = series[: batches * BATCH].reshape(batches, BATCH).mean(axis=1)
    # From the last value, not from 0: a constant end has then an exact spread of 0, and the first such wins.
    apart = (means - means[-1])[::-1]
    left = np.arange(1, batches + 1)
    spread = np.maximum(np.cumsum(apart**2) - np.cumsum(apart) ** 2 / left, 0)
    errors = (spread / left**2)[::-1][: batches - LEAST_LEFT + 1]
    discard = int(np.argmin(errors))
    return WarmUp(discard * BATCH, steady=2 * discard <= batches)
