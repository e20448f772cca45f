"""Simulated queues against closed forms, and against slow oracles that are written otherwise."""

import numpy as np
import pytest

from capacity import deterministic, queueing, shared_tail
from capacity.samples import Floats
from capacity.simulation import Queue, Service, simulate


@pytest.mark.parametrize(
    ("queue", "load", "late", "mean"),
    [
        pytest.param(Queue(1), 0.5, queueing.sojourn_tail(6, 0.5, 1), 2.0, id="one server, half busy"),
        pytest.param(Queue(8), 6.4, queueing.sojourn_tail(6, 6.4, 8), None, id="eight servers"),
        pytest.param(
            Queue(4, Service.DETERMINISTIC), 3.4, deterministic.sojourn_tail(3, 3.4, 4), None, id="constant"
        ),
        pytest.param(Queue(shared=True), 0.5, shared_tail.sojourn_tail(6, 0.5), 2.0, id="shared"),
    ],
)
def test_sojourns_are_as_the_theory_says(queue: Queue, load: float, late: float, mean: float | None) -> None:
    """The share that stays long, and the mean, are those of the closed form, to what chance allows."""
    limit = 3 if queue.service is Service.DETERMINISTIC else 6
    served = simulate(queue, load, 200_000, np.random.default_rng(3))

    assert float((served.sojourn > limit).mean()) == pytest.approx(late, rel=0.12)
    if mean:
        assert float(served.sojourn.mean()) == pytest.approx(mean, rel=0.03)


@pytest.mark.parametrize("service", list(Service))
def test_a_shared_server_does_not_mind_the_law(service: Service) -> None:
    """E[T] = S / (1 - rho) for any service times: 2.5 at 60 % load, also for very unequal ones."""
    served = simulate(Queue(service=service, shared=True), 0.6, 120_000, np.random.default_rng(5))

    assert float(served.sojourn.mean()) == pytest.approx(2.5, rel=0.04)


@pytest.mark.parametrize(
    ("service", "variation"),
    [
        pytest.param(Service.EXPONENTIAL, 1.0, id="exponential"),
        pytest.param(Service.DETERMINISTIC, 0.0, id="deterministic"),
        pytest.param(Service.HYPEREXPONENTIAL, 4.0, id="hyperexponential"),
    ],
)
def test_service_times_have_mean_one_and_their_variation(service: Service, variation: float) -> None:
    """With so many servers that nobody waits, the sojourn is the service time."""
    sojourn = simulate(Queue(500, service), 5.0, 100_000, np.random.default_rng(7)).sojourn

    assert float(sojourn.mean()) == pytest.approx(1.0, rel=0.02)
    assert float(sojourn.var() / sojourn.mean() ** 2) == pytest.approx(variation, abs=0.15)


def in_turn_slowly(arrival: Floats, service: Floats, servers: int) -> Floats:
    """Serve first come, first served by looking through all servers for every request."""
    free = [0.0] * servers
    done = []
    for arrives, takes in zip(arrival, service, strict=True):
        first = min(range(servers), key=free.__getitem__)
        free[first] = max(arrives, free[first]) + takes
        done.append(free[first])
    return np.array(done)


def shared_slowly(arrival: Floats, service: Floats) -> Floats:
    """Share a server by stepping from event to event and taking its share off everybody's remaining work."""
    left = np.array(service)
    done = np.full(arrival.size, np.inf)
    now, coming = 0.0, 0
    while not np.isfinite(done).all():
        present = [j for j in range(coming) if done[j] == np.inf]
        ends = now + min(left[present]) * len(present) if present else np.inf
        comes = arrival[coming] if coming < arrival.size else np.inf
        if present:
            left[present] -= (min(ends, comes) - now) / len(present)
        if ends <= comes:
            done[present[int(np.argmin(left[present]))]] = ends
        else:
            coming += 1
        now = min(ends, comes)
    return done


@pytest.mark.parametrize("servers", [1, 3])
def test_first_come_first_served_by_hand(servers: int) -> None:
    """Every request is done when the slow oracle says so."""
    rng, again = np.random.default_rng(11), np.random.default_rng(11)
    served = simulate(Queue(servers), 0.9 * servers, 300, rng)
    arrival = np.cumsum(again.exponential(1 / (0.9 * servers), size=300))
    expected = in_turn_slowly(arrival, again.exponential(size=300), servers)

    assert served.arrival + served.sojourn == pytest.approx(expected)


def test_a_shared_server_by_hand() -> None:
    """Every request is done when the slow oracle says so."""
    served = simulate(Queue(shared=True), 0.8, 150, np.random.default_rng(13))
    again = np.random.default_rng(13)
    arrival = np.cumsum(again.exponential(1 / 0.8, size=150))

    assert served.arrival + served.sojourn == pytest.approx(
        shared_slowly(arrival, again.exponential(size=150))
    )


def test_what_is_no_queue_is_refused() -> None:
    """No servers, several that are shared as one, and a load of nothing."""
    with pytest.raises(ValueError, match="at least one server"):
        Queue(0)
    with pytest.raises(ValueError, match="just one"):
        Queue(2, shared=True)
    with pytest.raises(ValueError, match="offers no requests"):
        simulate(Queue(), 0.0, 10, np.random.default_rng(1))


def test_the_shared_tail_at_its_ends() -> None:
    """Nobody is done at once, an idle server serves exponentially, an overloaded one never settles."""
    assert shared_tail.sojourn_tail(0.0, 0.5) == pytest.approx(1.0, abs=1e-9)
    assert shared_tail.sojourn_tail(3.0, 0.0) == pytest.approx(np.exp(-3.0), rel=1e-9)
    assert shared_tail.sojourn_tail(3.0, 1.0) == 1.0
    assert shared_tail.slo_capacity(0.99, 4.0) == pytest.approx(0.0, abs=1e-9)


def test_the_shared_tail_has_the_mean_of_theory() -> None:
    """The integral of the tail, by Simpson's rule, is the mean sojourn, 1 / (1 - a)."""
    times = np.linspace(0, 40, 161)
    tail = np.array([shared_tail.sojourn_tail(float(t), 0.3) for t in times])
    simpson = tail[0] + tail[-1] + 4 * tail[1:-1:2].sum() + 2 * tail[2:-1:2].sum()

    assert simpson * 0.25 / 3 == pytest.approx(1 / 0.7, rel=1e-3)
