"""A closed system: N users, each thinks for Z, asks one of c servers, waits for the answer, thinks again.

M/M/c//N, the machine repair model: exact by birth and death. Its throughput can never exceed c / S, and its
users slow down as it does: so a closed load hides the queue that an open one of the same size would build.
Sources: Kleinrock, Queueing Systems I (1975), section 3.10; the bounds: Denning and Buzen, ACM Computing
Surveys 10 (1978), 225-261.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closed system settles at."""

    throughput_per_s: float
    response_s: float
    busy: float
    """The share of the servers that is busy."""


def closed(users: int, servers: int, *, service_s: float, think_s: float) -> Closed:
    """Return the exact steady state of M/M/c//N; ValueError without users, servers or service time.

    P(n at the servers) = P(n - 1) (N - n + 1) / Z * S / min(n, c); X = E[min(n, c)] / S; R = N / X - Z.
    """
    if users < 1 or servers < 1 or service_s <= 0 or think_s < 0:
        raise ValueError("a closed system has a user, a server and a service time above 0, at least")
    n = np.arange(users + 1)
    at_work = np.minimum(n, servers)
    if think_s == 0:
        busy = float(at_work[-1])
    else:
        logs = np.log((users - n[1:] + 1) * service_s / (think_s * at_work[1:]))
        weights = np.concatenate(([0.0], np.cumsum(logs)))
        shares = np.exp(weights - weights.max())
        busy = float(at_work @ shares / shares.sum())
    rate = busy / service_s
    return Closed(rate, users / rate - think_s, busy / servers)


def most_per_s(users: int, servers: int, *, service_s: float, think_s: float) -> float:
    """Return the asymptotic bound X <= min(N / (S + Z), c / S), of any law of service and thinking."""
    return min(users / (service_s + think_s), servers / service_s)


def least_response_s(users: int, servers: int, *, service_s: float, think_s: float) -> float:
    """Return the asymptotic bound R >= max(S, N S / c - Z)."""
    return max(service_s, users * service_s / servers - think_s)


def saturation_users(servers: int, *, service_s: float, think_s: float) -> float:
    """Return N* = c (S + Z) / S, where the two bounds on throughput cross: beyond it users wait for users."""
    return servers * (service_s + think_s) / service_s
