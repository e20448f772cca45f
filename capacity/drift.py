"""The slope of a run's block means with one-sided bounds: how far a measure may be drifting."""

import math
from dataclasses import dataclass

import numpy as np

from capacity.quantiles import student_t
from capacity.samples import Floats

#: Two blocks always lie on a line; a third tells how well.
LEAST_BLOCKS = 3


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope a block, its standard error and its two one-sided bounds, in the unit of the values."""

    per_block: float
    error: float
    low: float
    high: float

    @property
    def ratio(self) -> float:
        """Return the slope in standard errors: Student's t; infinite for a line without noise."""
        if self.error:
            return self.per_block / self.error
        return math.copysign(math.inf, self.per_block) if self.per_block else 0.0


def slope_bound(block_values: Floats, confidence: float = 0.95) -> Slope:
    """Return the least-squares slope of block means in their order, with bounds b ± t_(m-2) SE.

    Each bound alone holds with `confidence`; `high` times the blocks until an event is what a measure may
    yet gain until then. Take blocks longer than the measure's memory (twelve are usual), for the error is
    that of independent blocks. ValueError for fewer than three, or for values that are not finite.
    """
    blocks = block_values.size
    if blocks < LEAST_BLOCKS:
        raise ValueError(f"a slope with a bound needs {LEAST_BLOCKS} blocks, not {blocks}: run longer")
    if not np.isfinite(block_values).all():
        raise ValueError("a block without a value has no place in a slope: leave it out, or run longer")
    if not np.ptp(block_values):
        return Slope(0.0, 0.0, 0.0, 0.0)
    x = np.arange(blocks) - (blocks - 1) / 2
    spread = float(x @ x)
    slope = float(x @ block_values) / spread
    residuals = block_values - block_values.mean() - slope * x
    error = math.sqrt(float(residuals @ residuals) / (blocks - 2) / spread)
    reach = student_t(blocks - 2, confidence) * error
    return Slope(slope, error, slope - reach, slope + reach)
