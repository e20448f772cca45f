"""The M/D/c queue: every request takes the same time. What a shop of constant service time can carry.

Loads are in erlangs, times in service times S, as in `queueing`. From one S to the next the number waiting
goes from L to max(L + A - c, 0), A the Poisson arrivals (Crommelin, Post Office Electrical Engineers'
Journal 25 (1932), 41-50). From its law the waiting time follows as a sum of positive terms, which loses no
digits (Franx, Operations Research Letters 29 (2001), 221-229).
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr  # type: ignore[import-untyped]

from capacity.queueing import largest, passed
from capacity.samples import Floats

#: So much of the law of the number waiting folds back onto its start, for the transform is periodic.
_ALIASING = 1e-15
_DIGITS = 1e-8
_SMALLEST, _LARGEST = 64, 1 << 20


def waiting_cdf(t: float, load: float, servers: int) -> float:
    """Return P(W <= t), the share of requests that wait no longer than t (in S); 0 for load >= servers.

    With t = k - u, 0 < u <= 1: the wait is at most t if those waiting u before, and those who come meanwhile
    (Poisson of mean a u), are together at most k c - 1; so P = sum_j Poisson(j; a u) Q_(k c - 1 - j).
    """
    if load >= servers or t < 0:
        return 0.0
    if load == 0:
        return 1.0
    k = math.floor(t) + 1
    most = k * servers - 1
    waiting = _at_most(load, servers)
    shares = waiting[np.minimum(np.arange(most, -1, -1), waiting.size - 1)]
    return min(float(shares @ _poisson(load * (k - t), most + 1)), 1.0)


def mean_sojourn(load: float, servers: int) -> float:
    """Return the mean time in the system in S, by Little's law 1 + E[L] / a; infinite when load >= servers.

    For one server this is Pollaczek and Khinchine's 1 + a / (2 (1 - a)).
    """
    if load >= servers:
        return math.inf
    return 1 + float(np.sum(1 - _at_most(load, servers))) / load if load else 1.0


def sojourn_tail(t: float, load: float, servers: int) -> float:
    """Return P(T > t): service is exactly 1, so 1 below it and P(W > t - 1) from there on."""
    return 1.0 if t < 1 else 1 - waiting_cdf(t - 1, load, servers)


def sojourn_quantile(p: float, load: float, servers: int) -> float:
    """Return the time in S within which a share `p` of requests has left; infinite when load >= servers.

    1 for those who do not wait: they all take exactly the service time.
    """
    return math.inf if load >= servers else passed(lambda t: sojourn_tail(t, load, servers), 1 - p)


def slo_capacity(p: float, limit: float, servers: int) -> float:
    """Return the largest load (erlangs) whose p-quantile of the sojourn is at most `limit` (in S); 0 if none.

    To eight digits: near saturation more than that is not in the numbers.
    """
    return largest(
        lambda load: sojourn_tail(limit, load, servers) <= 1 - p, float(servers), tolerance=_DIGITS
    )


def slo_capacity_per_s(p: float, limit_ms: float, *, servers: int, service_ms: float) -> float:
    """Return `slo_capacity` as requests a second for servers of constant service time `service_ms`."""
    return slo_capacity(p, limit_ms / service_ms, servers) * 1000 / service_ms


@lru_cache(maxsize=4)
def _at_most(load: float, servers: int) -> Floats:
    """Return Q_m = P(at most m wait) for m = 0, 1, ... until it is 1 to the last digits.

    L's generating function is (c - a) (z - 1) prod (z - z_k) / (1 - z_k) / (z^c - e^(a (z - 1))), z_k the
    c - 1 roots of z^c = e^(a (z - 1)) inside the unit circle; a Fourier transform gives its coefficients.
    """
    size = _size(load, servers)
    z = np.exp(2j * np.pi * np.arange(size) / size)
    roots = _roots(load, servers)
    at_one = (servers - load) * (z[1:] - 1) / (z[1:] ** servers - np.exp(load * (z[1:] - 1)))
    for root in roots:
        at_one *= (z[1:] - root) / (1 - root)
    spectrum = np.concatenate(([1.0 + 0j], at_one))
    return np.minimum(np.cumsum(np.fft.fft(spectrum).real / size), 1.0)


def _size(load: float, servers: int) -> int:
    """Return a power of two beyond which nobody waits.

    P(L > m) falls as tau^-m, tau > c / a the other root of c ln(tau) = a (tau - 1).
    """
    tau = largest(lambda at: servers * math.log1p(at) > load * at, _beyond(load / servers))
    wanted = -math.log(_ALIASING) / math.log1p(tau)
    return min(max(_SMALLEST, 1 << math.ceil(math.log2(wanted + servers))), _LARGEST)


def _beyond(busy: float) -> float:
    """Return some number beyond tau - 1, doubling from where ln(1 + x) - busy x is largest."""
    at = 1 / busy - 1
    while math.log1p(at) > busy * at:
        at *= 2
    return at


def _roots(load: float, servers: int) -> NDArray[np.complex128]:
    """Return the roots but 1 of z^c = e^(a (z - 1)) inside: fixed points of z = w e^(a (z - 1) / c).

    w is a c-th root of 1, one for each; a contraction, for |dz'/dz| = (a / c) |z| < 1; finished by Newton.
    """
    w = np.exp(2j * np.pi * np.arange(1, servers) / servers)
    z, share = np.zeros(servers - 1, dtype=np.complex128), load / servers
    for _ in range(20):
        z = w * np.exp(share * (z - 1))
    for _ in range(20):
        image = w * np.exp(share * (z - 1))
        z = z - (z - image) / (1 - share * image)
    return z


def _poisson(mean: float, n: int) -> Floats:
    """Return the first `n` probabilities of a Poisson number of this mean."""
    return np.diff(pdtr(np.arange(n), mean), prepend=0.0)
