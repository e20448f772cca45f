"""Queues whose capacity is known, simulated request by request: what a search is tested against.

Arrivals are Poisson; the mean service time S is the unit of time, so that a rate is a load in erlangs. A
queue starts empty, as a shop does that was drained between trials.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush, heapreplace

import numpy as np

from capacity.samples import Floats


class Service(StrEnum):
    """How service times are distributed around their mean of 1.

    Their squared coefficients of variation are 1, 0 and 4.
    """

    EXPONENTIAL = "exponential"
    DETERMINISTIC = "deterministic"
    HYPEREXPONENTIAL = "hyperexponential"


#: Balanced means (each branch half of the work) at a squared coefficient of variation of 4:
#: p = (1 + sqrt((v - 1) / (v + 1))) / 2, branch means 1 / 2p and 1 / 2(1 - p). Allen, Probability, Statistics
#: and Queueing Theory (1990), section 3.2.9.
_OFTEN = (1 + (3 / 5) ** 0.5) / 2

_DRAWS: dict[Service, Callable[[np.random.Generator, int], Floats]] = {
    Service.EXPONENTIAL: lambda rng, n: rng.exponential(size=n),
    Service.DETERMINISTIC: lambda _, n: np.ones(n),
    Service.HYPEREXPONENTIAL: lambda rng, n: (
        rng.exponential(size=n) / np.where(rng.random(n) < _OFTEN, 2 * _OFTEN, 2 * (1 - _OFTEN))
    ),
}


@dataclass(frozen=True, slots=True)
class Queue:
    """First come, first served by `servers`; or one server shared by all alike (M/G/1-PS)."""

    servers: int = 1
    service: Service = Service.EXPONENTIAL
    shared: bool = False

    def __post_init__(self) -> None:
        if self.servers < 1 or (self.shared and self.servers > 1):
            raise ValueError("a queue has at least one server, and one that is shared has just one")


@dataclass(frozen=True, slots=True)
class Served:
    """When requests arrived, and how long each was in the system; both in S, in the order of arrival."""

    arrival: Floats
    sojourn: Floats


def simulate(queue: Queue, load: float, requests: int, rng: np.random.Generator) -> Served:
    """Let `requests` arrive at `load` (erlangs) at a queue that is empty, and serve them all.

    ValueError for a load that is not positive.
    """
    if load <= 0:
        raise ValueError(f"a load of {load} offers no requests")
    arrival = np.cumsum(rng.exponential(1 / load, size=requests))
    service = _DRAWS[queue.service](rng, requests)
    done = _shared(arrival, service) if queue.shared else _in_turn(arrival, service, queue.servers)
    return Served(arrival, done - arrival)


def _in_turn(arrival: Floats, service: Floats, servers: int) -> Floats:
    """Return when each request is done: it begins when the first server is free, not before it arrives.

    Kiefer and Wolfowitz, Trans. Amer. Math. Soc. 78 (1955), 1-18. Of lists: numpy's numbers make slow heaps.
    """
    free, done = [0.0] * servers, []
    for arrives, takes in zip(arrival.tolist(), service.tolist(), strict=True):
        first = free[0]
        ends = (arrives if arrives > first else first) + takes  # noqa: FURB136 - max() takes twice the time
        heapreplace(free, ends)
        done.append(ends)
    return np.array(done)


def _shared(arrival: Floats, service: Floats) -> Floats:
    """Return when each request is done if all present share one server alike.

    The virtual time V grows at 1 / (requests present); one that arrives at V and asks for x leaves at V + x.
    """
    present: list[tuple[float, int]] = []
    done, now, virtual = [0.0] * arrival.size, 0.0, 0.0
    for number, (arrives, takes) in enumerate(zip(arrival.tolist(), service.tolist(), strict=True)):
        while present and now + (present[0][0] - virtual) * len(present) <= arrives:
            now, virtual = _leaves(present, now, virtual, done)
        if present:
            virtual += (arrives - now) / len(present)
        now = arrives
        heappush(present, (virtual + takes, number))
    while present:
        now, virtual = _leaves(present, now, virtual, done)
    return np.array(done)


def _leaves(
    present: list[tuple[float, int]], now: float, virtual: float, done: list[float]
) -> tuple[float, float]:
    """Let the next of those present go: write down when, and return that time with its virtual time."""
    shared_by = len(present)
    target, number = heappop(present)
    done[number] = now + (target - virtual) * shared_by
    return done[number], target
