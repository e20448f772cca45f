"""Queues of constant service against Erlang's series, Pollaczek and Khinchine, and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity import queueing
from capacity.deterministic import (
    mean_sojourn,
    slo_capacity,
    slo_capacity_per_s,
    sojourn_quantile,
    sojourn_tail,
    waiting_cdf,
)
from capacity.samples import Floats


def simulated(load: float, servers: int, n: int, seed: int) -> Floats:
    """Return the sojourns of `n` requests: equal service hands every c-th request to the same server.

    There one is out at k + 1 + max over j <= k of (A_j - j), so no loop is needed.
    """
    arrivals = np.cumsum(np.random.default_rng(seed).exponential(1 / load, n))
    turns = arrivals.reshape(-1, servers) - np.arange(n // servers)[:, None]
    out = np.maximum.accumulate(turns, axis=0) + np.arange(1, n // servers + 1)[:, None]
    return np.asarray(out - arrivals.reshape(-1, servers)).ravel()


@pytest.mark.parametrize("load", [0.1, 0.5, 0.8, 0.9, 0.99])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0, 1.5, 4.2, 6.0])
def test_one_server_waits_by_erlangs_series(load: float, t: float) -> None:
    """P(W <= t) = (1 - a) sum_k (-a (t - k))^k / k! e^(a (t - k)); it alternates, and so serves small t."""
    terms = [(-load * (t - k)) ** k / math.factorial(k) * math.exp(load * (t - k)) for k in range(int(t) + 1)]

    assert (1 - load) * sum(terms) == pytest.approx(waiting_cdf(t, load, 1), abs=1e-12)


@pytest.mark.parametrize("load", [0.0, 0.01, 0.5, 0.9, 0.999])
def test_the_mean_is_pollaczek_and_khinchines(load: float) -> None:
    """One server of constant service holds a request for 1 + a / (2 (1 - a)) in the mean."""
    actual = mean_sojourn(load, 1)

    assert 1 + load / (2 * (1 - load)) == pytest.approx(actual, rel=1e-8)


def mean_by_the_chain(load: float, servers: int, most: int = 100) -> float:
    """Return the mean sojourn from the chain L' = max(L + A - c, 0), cut off, as a linear system."""
    arrivals = np.array(
        [math.exp(k * math.log(load) - load - math.lgamma(k + 1)) for k in range(most + servers + 1)]
    )
    steps = np.zeros((most + 1, most + 1))
    for waiting in range(most + 1):
        first = servers - waiting
        steps[waiting, 0] = arrivals[: first + 1].sum() if first >= 0 else 0.0
        ahead = np.arange(1, most + 1) + first
        steps[waiting, 1:] = np.where(ahead >= 0, arrivals[np.maximum(ahead, 0)], 0.0)
    balance = steps.T - np.eye(most + 1)
    balance[-1] = 1.0
    shares = np.linalg.solve(balance, np.append(np.zeros(most), 1.0))
    return float(1 + np.arange(most + 1) @ shares / load)


@pytest.mark.parametrize(("load", "servers"), [(0.8, 1), (3.4, 4), (10.2, 12), (17.0, 20)])
def test_the_mean_is_that_of_the_chain(load: float, servers: int) -> None:
    """From one service time to the next the number waiting is a Markov chain; its mean is ours."""
    assert mean_by_the_chain(load, servers) == pytest.approx(mean_sojourn(load, servers), rel=1e-9)


@pytest.mark.parametrize(
    ("load", "servers"),
    [
        pytest.param(0.5, 1, id="one server, half busy"),
        pytest.param(0.7, 1, id="one server, 70 % busy"),
        pytest.param(3.2, 4, id="four servers, 80 % busy"),
        pytest.param(6.8, 8, id="eight servers, 85 % busy"),
    ],
)
def test_simulation_agrees(load: float, servers: int) -> None:
    """A million simulated requests have this mean, this p95 and this p99, to two per cent."""
    seen = simulated(load, servers, 1_000_000, seed=20261111)
    expected = (seen.mean(), *np.quantile(seen, (0.95, 0.99)))
    actual = (mean_sojourn(load, servers), *(sojourn_quantile(p, load, servers) for p in (0.95, 0.99)))

    assert expected == pytest.approx(actual, rel=0.02)


@pytest.mark.parametrize(
    ("servers", "limit"), [pytest.param(1, 3.0, id="M/D/1 to 3 S"), pytest.param(8, 2.0, id="M/D/8 to 2 S")]
)
def test_simulation_at_the_slo_capacity_misses_one_in_a_hundred(servers: int, limit: float) -> None:
    """At the capacity of a p99 limit one request in a hundred is later, of two million; its spread is 4 %."""
    load = slo_capacity(0.99, limit, servers)
    late = float(np.mean(simulated(load, servers, 2_000_000, seed=20261111) > limit))

    assert late == pytest.approx(0.01, rel=0.12)


@pytest.mark.parametrize(
    ("limit", "servers", "expected"),
    [
        pytest.param(6.0, 1, 0.629531, id="6 S, 1 server: 2.7 times what M/M/1 carries"),
        pytest.param(6.0, 4, 3.574972, id="6 S, 4 servers"),
        pytest.param(6.0, 8, 7.562725, id="6 S, 8 servers"),
        pytest.param(10.0, 1, 0.773487, id="10 S, 1 server"),
        pytest.param(1.0, 1, 0.010050, id="the service time itself: nobody may wait, P(W = 0) = 1 - a"),
        pytest.param(0.9, 8, 0.0, id="less than the service time"),
    ],
)
def test_slo_capacity(limit: float, servers: int, expected: float) -> None:
    """The load that a p99 limit allows, to six digits; at the service time itself 1 in 100 may wait."""
    actual = slo_capacity(0.99, limit, servers)

    assert expected == pytest.approx(actual, abs=6e-5 if limit == 1 else 1e-6)


def test_capacity_in_requests_a_second() -> None:
    """One server of constant 20 ms under a p99 of 120 ms carries 31.5 requests a second."""
    actual = slo_capacity_per_s(0.99, 120.0, servers=1, service_ms=20.0)

    assert actual == pytest.approx(0.629531 / 0.020, rel=1e-5)


def test_no_load_and_overload() -> None:
    """Without load nobody waits, at one erlang a server everybody does, and for ever."""
    idle = (waiting_cdf(0.0, 0.0, 4), mean_sojourn(0.0, 4), sojourn_tail(0.5, 0.0, 4))
    overloaded = (waiting_cdf(99.0, 4.0, 4), mean_sojourn(4.0, 4), sojourn_quantile(0.5, 4.0, 4))

    assert idle == (1.0, 1.0, 1.0)
    assert overloaded == (0.0, math.inf, math.inf)


def test_nobody_waits_less_than_nothing() -> None:
    """The law of the waiting time begins at 0, with an atom there: those who do not wait."""
    actual = (waiting_cdf(-0.1, 0.5, 1), waiting_cdf(0.0, 0.5, 1))

    assert actual == pytest.approx((0.0, 0.5))


LOADS = st.tuples(st.integers(1, 12), st.floats(0.02, 0.98)).map(
    lambda drawn: (drawn[0] * drawn[1], drawn[0])
)


@given(LOADS, st.floats(0.5, 0.999))
def test_constant_service_is_never_later_than_exponential(drawn: tuple[float, int], p: float) -> None:
    """High quantiles and the mean are at most those of M/M/c."""
    load, servers = drawn
    later = queueing.sojourn_quantile(p, load, servers)

    assert mean_sojourn(load, servers) <= queueing.mean_sojourn(load, servers) * (1 + 1e-9)
    assert p < 0.9 or sojourn_quantile(p, load, servers) <= later


@given(LOADS, st.floats(0.01, 0.9999))
def test_the_quantile_inverts_the_tail(drawn: tuple[float, int], p: float) -> None:
    """At the p-quantile at most 1 - p are left; a little before it more, unless nobody is out sooner."""
    load, servers = drawn
    at = sojourn_quantile(p, load, servers)

    assert sojourn_tail(at + 1e-6, load, servers) <= 1 - p + 1e-9
    assert at == pytest.approx(1.0) or sojourn_tail(at - 1e-6, load, servers) >= 1 - p - 1e-9
