"""A share of misses over several trials at one rate, with bounds for any number of standard errors.

The bounds are Clopper and Pearson's for as many independent requests as the batches say there were: n_eff =
p (1 - p) / SE^2, at most n, times (z / t)^2 for an SE that is itself estimated. Korn and Graubard, Survey
Methodology 24 (1998), 193-201. So they are as skewed as rare misses are, where p + z SE is not.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy.special import betainccinv, betaincinv, ndtr, stdtrit  # type: ignore[import-untyped]

from capacity.batch_means import BATCHES
from capacity.latency import CONFIDENCE
from capacity.quantiles import student_t
from rehearsal.model.capacity import Met


@dataclass(frozen=True, slots=True)
class Pooled:
    """The share of `requests` that missed, its standard error, and that error's degrees of freedom."""

    requests: int
    missed: float
    error: float
    freedom: int

    def kept_at_least(self, z: float) -> float:
        """Return the lower bound of the share that kept the promise, `z` standard errors off."""
        doubt = float(ndtr(-z))
        if not self.missed:
            return float(doubt ** (1 / self.requests))
        n = self._effective(z, doubt)
        return (
            1 - float(betainccinv(self.missed * n + 1, n - self.missed * n, doubt))
            if self.missed < 1
            else 0.0
        )

    def kept_at_most(self, z: float) -> float:
        """Return the upper bound of the share that kept the promise, `z` standard errors off."""
        if not self.missed:
            return 1.0
        doubt = float(ndtr(-z))
        n = self._effective(z, doubt)
        return 1 - float(betaincinv(self.missed * n, n - self.missed * n + 1, doubt))

    def _effective(self, z: float, doubt: float) -> float:
        if not self.error or self.missed >= 1:
            return self.requests
        independent = min(self.requests, self.missed * (1 - self.missed) / self.error**2)
        return float(independent * (z / stdtrit(self.freedom, doubt)) ** 2)


def error_of(met: Met) -> float:
    """Return the standard error of an attainment, from its upper bound: that is not widened for bursts.

    Without bounds, the error of independent requests. 0 of none.
    """
    value, high = met.share.value, met.share.high
    if value is None or not met.samples:
        return 0.0
    if high is None:
        return math.sqrt(value * (1 - value) / met.samples)
    return (high - value) / student_t(BATCHES - 1, CONFIDENCE)


def pooled_of(mets: Iterable[Met]) -> Pooled | None:
    """Return what trials of one promise come to together, weighed by their requests; None of no request."""
    told = [(met, met.share.value) for met in mets if met.share.value is not None]
    requests = sum(met.samples for met, _ in told)
    if not requests:
        return None
    missed = sum(met.samples * (1 - value) for met, value in told) / requests
    error = math.hypot(*(met.samples * error_of(met) for met, _ in told)) / requests
    return Pooled(requests, missed, error, len(told) * (BATCHES - 1))
