"""Closed forms of the M/M/c queue: the truth that the harness is tested against.

Loads are in erlangs (arrival rate times mean service time), times in mean service times S. Sources:
Erlang (1917); Cooper, Introduction to Queueing Theory (1981), section 3.4; first come, first served.
"""

import math
from collections.abc import Callable

import numpy as np

from capacity.samples import Floats

#: Bisection ends when the bracket is this small a part of where it began.
_TOLERANCE = 1e-12


def erlang_b(load: float, servers: int) -> float:
    """Return the probability that an arrival is lost when nobody may wait.

    B_0 = 1, B_k = a B_(k-1) / (k + a B_(k-1)).
    """
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Return the probability that an arrival waits, C = B / (1 - rho (1 - B)); 1 when load >= servers."""
    if load >= servers:
        return 1.0
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_sojourn(load: float, servers: int) -> float:
    """Return the mean time in the system in S: 1 + C / (c - a); infinite when load >= servers."""
    return math.inf if load >= servers else 1 + erlang_c(load, servers) / (servers - load)


def sojourn_tail(t: float, load: float, servers: int) -> float:
    """Return P(T > t), the share of arrivals still in the system after t (in S).

    (1 - C) e^-t + C (h e^-t - e^(-h t)) / (h - 1) with h = c - a; for h = 1 its limit e^-t (1 + C t).
    """
    spare = servers - load
    if spare <= 0:
        return 1.0
    waits, served = erlang_c(load, servers), math.exp(-t)
    if math.isclose(spare, 1.0, rel_tol=1e-9):
        return served * (1 + waits * t)
    return (1 - waits) * served + waits * (spare * served - math.exp(-spare * t)) / (spare - 1)


def sojourn_quantile(p: float, load: float, servers: int) -> float:
    """Return the time in S within which a share `p` of arrivals has left; infinite when load >= servers."""
    return math.inf if load >= servers else passed(lambda t: sojourn_tail(t, load, servers), 1 - p)


def passed(tail: Callable[[float], float], share: float) -> float:
    """Return the time beyond which a `share` is left of what falls with time; `tail` tells what is left."""
    high = 1.0
    while tail(high) > share:
        high *= 2
    return largest(lambda t: tail(t) > share, high)


def slo_capacity(p: float, limit: float, servers: int) -> float:
    """Return the largest load (erlangs) whose p-quantile of the sojourn is at most `limit` (in S).

    0 when an idle system already misses it: its sojourn is the service time, so p-quantile = -ln(1 - p).
    """
    return largest(lambda load: sojourn_tail(limit, load, servers) <= 1 - p, float(servers))


def slo_capacity_per_s(p: float, limit_ms: float, *, servers: int, service_ms: float) -> float:
    """Return `slo_capacity` as requests a second for servers of mean service time `service_ms`."""
    return slo_capacity(p, limit_ms / service_ms, servers) * 1000 / service_ms


def curve(
    p: float,
    servers: int,
    *,
    service_ms: float,
    rates: Floats,
    quantile: Callable[[float, float, int], float] = sojourn_quantile,
) -> Floats:
    """Return the p-quantile of the response time in ms at each arrival rate (a second).

    Infinite from the rate on at which all servers are always busy, 1000 c / S. `quantile(p, load, servers)`
    is this module's or that of another queue, such as `deterministic`.
    """
    loads = [float(rate) * service_ms / 1000 for rate in rates]
    return np.array([service_ms * quantile(p, load, servers) for load in loads])


def largest(holds: Callable[[float], bool], high: float, *, tolerance: float = _TOLERANCE) -> float:
    """Return by bisection the largest number up to `high` that `holds`, if all smaller ones do; else 0."""
    low, narrow = 0.0, tolerance * high
    while high - low > narrow:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
