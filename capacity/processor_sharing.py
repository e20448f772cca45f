"""Processor sharing: all requests present are served at once, each by an equal part. M/G/c-PS.

The mean depends on nothing of the law of service times but its mean, unlike a queue in order of arrival.
So a shop of many cheap and few dear requests behaves, in the mean, like one of equal requests. Loads are in
erlangs, times in mean service times S. Sources: Kleinrock, Journal of the ACM 14 (1967), 242-261; for
several servers Cohen, Acta Informatica 12 (1979), 245-284: the number present is that of M/M/c.
"""

import numpy as np

from capacity import queueing
from capacity.samples import Floats


def mean_sojourn(load: float, servers: int = 1) -> float:
    """Return E[T] in S, 1 / (1 - rho) for one server; infinite when load >= servers."""
    return queueing.mean_sojourn(load, servers)


def mean_sojourn_of(size: float, load: float, servers: int = 1) -> float:
    """Return E[T | x], the mean time of a request that alone would take `size` (in S): x E[T].

    For one server x / (1 - rho): a request twice as dear takes twice as long, whatever the others are.
    """
    return size * mean_sojourn(load, servers)


def mean_curve(servers: int, *, service_ms: float, rates: Floats) -> Floats:
    """Return the mean response time in ms at each arrival rate (a second); infinite from 1000 c / S on."""
    return np.array([service_ms * mean_sojourn(float(rate) * service_ms / 1000, servers) for rate in rates])
