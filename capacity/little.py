"""Little's law as a check of one measurement by another: L = lambda W, of any system in balance.

The rate, the response time and the number in flight are measured apart; if they do not agree, requests were
lost, counted twice or timed wrongly, or the system was not in balance while it was measured.
Sources: Little, Operations Research 9 (1961), 383-387; Little and Graves, Little's Law (2008).
"""

import math
from dataclasses import dataclass

import numpy as np

from capacity.quantiles import student_t
from capacity.samples import Floats

#: One measurement says nothing of its own spread: so much may its numbers differ by counting at the ends.
TOLERANCE = 0.05
#: However steady the batches, finer than this no gauge is read.
FINEST = 0.01
#: A gap that may be this large either way tells nothing.
TOO_WIDE = 0.25
CONFIDENCE = 0.95
_FEWEST_BATCHES = 5


@dataclass(frozen=True, slots=True)
class Little:
    """The number in flight that rate and response time imply, and the one measured."""

    implied: float
    measured: float
    gap: float
    """(measured - implied) / implied."""
    tolerance: float
    """How large a gap, either way, may be chance."""
    holds: bool | None
    """None where the sample cannot tell."""
    said: str


def little(
    rate_per_s: Floats | float, mean_response_s: Floats | float, mean_in_flight: Floats | float
) -> Little:
    """Hold three measurements against L = lambda W: each one number, or one number a batch of equal length.

    With five batches or more the tolerance is half the 95 % t interval of the gap between them, at least
    `FINEST`; with fewer it is `TOLERANCE`. Count only completed requests in the rate, and measure in steady
    state, or the ends weigh. ValueError for lists of unequal length, and where nothing flows.
    """
    rate, response, flight = (
        np.atleast_1d(np.asarray(given, dtype=np.float64))
        for given in (rate_per_s, mean_response_s, mean_in_flight)
    )
    if not rate.shape == response.shape == flight.shape or rate.size == 0:
        raise ValueError("give as many response times and numbers in flight as rates, one a batch")
    implied, measured = float(np.mean(rate * response)), float(np.mean(flight))
    if not (math.isfinite(implied) and math.isfinite(measured) and implied > 0):
        raise ValueError("Little's law needs a rate and a response time above 0, and finite")
    gap, tolerance = measured / implied - 1, _tolerance((flight - rate * response) / implied)
    holds = None if tolerance > TOO_WIDE else abs(gap) <= tolerance
    seen = (
        f"rate times response time implies {implied:.4g} in flight, {measured:.4g} were measured"
        f" ({100 * gap:+.1f} %, chance allows {100 * tolerance:.1f} %)"
    )
    return Little(
        implied, measured, gap, tolerance, holds, f"Little's law {_verdict(gap, tolerance)}: {seen}."
    )


def _tolerance(gaps: Floats) -> float:
    if gaps.size < _FEWEST_BATCHES:
        return TOLERANCE
    half = student_t(gaps.size - 1, (1 + CONFIDENCE) / 2) * float(gaps.std(ddof=1)) / math.sqrt(gaps.size)
    return max(half, FINEST)


def _verdict(gap: float, tolerance: float) -> str:
    if tolerance > TOO_WIDE:
        return "says nothing of so short a sample"
    if abs(gap) <= tolerance:
        return "holds"
    because = (
        "requests wait where no response time counts them" if gap > 0 else "response times count too much"
    )
    return f"does not hold, {because} or the system was not in balance"
