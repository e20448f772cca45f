"""How late requests reach the target: one ruler for every generator, whatever it says of itself.

Arrivals are sorted; the k-th is held against the k-th due time of the constant rate. The schedule's start is
the latest one for which no arrival is early, so a generator is never charged for its own start-up, only for
lateness relative to its best request. Matching in order is the kindest matching possible, to all alike.
"""

import numpy as np
from numpy.typing import NDArray

NS_PER_S = 1_000_000_000


def lags_ms(arrivals_ns: NDArray[np.int64], rate_per_s: float) -> NDArray[np.float64]:
    """Return each arrival's lag in milliseconds, in order of arrival; the smallest is 0."""
    arrived = np.sort(arrivals_ns).astype(np.float64)
    if not len(arrived):
        return arrived
    late = (arrived - arrived[0]) - np.arange(len(arrived)) * (NS_PER_S / rate_per_s)
    lags: NDArray[np.float64] = (late - late.min()) / 1e6
    return lags


def p99_ms(arrivals_ns: NDArray[np.int64], rate_per_s: float, *, skip_s: float = 0.0) -> float | None:
    """Return the lag's nearest-rank p99 past the first `skip_s` seconds, None without arrivals there."""
    rest = lags_ms(arrivals_ns, rate_per_s)[round(skip_s * rate_per_s) :]
    return float(np.quantile(rest, 0.99, method="inverted_cdf")) if len(rest) else None
