"""How long requests stay at one server that all share alike, M/M/1-PS: the whole distribution, numerically.

A tagged request with j others beside it leaves at rate 1 / (j + 1); another one leaves at rate j / (j + 1);
one more comes at rate a. Whoever arrives finds j others with probability (1 - a) a^j. So the time it stays is
of phase type, and its tail follows by uniformization (Jensen, Skand. Aktuarietidskr. 36 (1953), 87-91).
Coffman, Muntz and Trotter, J. ACM 17 (1970), 123-130, have the transform. Loads in erlangs, times in S.
"""

import math

import numpy as np

#: Probabilities below this are left out.
_NEGLIGIBLE = 1e-12
_HALVINGS = 50


def sojourn_tail(t: float, load: float) -> float:
    """Return P(T > t), the share of arrivals still in the system after t; 1 when load >= 1."""
    if load >= 1:
        return 1.0
    others = np.arange(math.ceil(math.log(_NEGLIGIBLE) / math.log(load)) + 1 if load else 1)
    per_s = 1 + load
    more, fewer = load / per_s, others / (others + 1) / per_s
    stays = np.ones(others.size)
    weight, left, tail = math.exp(-per_s * t), 1.0, np.zeros(others.size)
    step = 0
    while left > _NEGLIGIBLE:
        tail += weight * stays
        left -= weight
        up = np.append(stays[1:], stays[-1])
        down = np.insert(stays[:-1], 0, 0.0)
        stays = more * up + fewer * down
        step += 1
        weight *= per_s * t / step
        if step > per_s * t and weight < _NEGLIGIBLE:
            break
    return float(tail @ ((1 - load) * load**others))


def slo_capacity(p: float, limit: float) -> float:
    """Return the largest load whose p-quantile of the sojourn is at most `limit`; 0 if an idle one misses."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if sojourn_tail(limit, middle) <= 1 - p else (low, middle)
    return low
