"""The closed system against published values, a Markov chain solved as such, and its bounds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.closed_queue import closed, least_response_s, most_per_s, saturation_users


@pytest.mark.parametrize(
    ("users", "per_s", "response_s"),
    [
        (1, 0.909091, 0.1),
        (10, 9.089484, 0.100173),
        (20, 18.119694, 0.103771),
        (40, 34.309796, 0.165848),
        (44, 36.594966, 0.202351),
        (50, 38.849823, 0.287007),
        (60, 39.941543, 0.502195),
        (100, 40.000000, 1.5),
    ],
)
def test_published_values(users: int, per_s: float, response_s: float) -> None:
    """M/M/4//N of 100 ms and a second's thought, to six digits."""
    actual = closed(users, 4, service_s=0.1, think_s=1.0)

    assert (per_s, response_s) == pytest.approx((actual.throughput_per_s, actual.response_s), abs=5.1e-7)


def test_where_the_bounds_cross() -> None:
    """Four servers of 100 ms are saturated by 44 users who think for a second."""
    actual = saturation_users(4, service_s=0.1, think_s=1.0)

    assert actual == pytest.approx(44.0)


def test_users_who_never_think() -> None:
    """Without thought all are at the servers: c / S, and N S / c each."""
    actual = closed(10, 4, service_s=0.1, think_s=0.0)

    assert pytest.approx((40.0, 0.25, 1.0)) == (actual.throughput_per_s, actual.response_s, actual.busy)


@pytest.mark.parametrize(
    ("users", "servers", "service_s", "think_s"),
    [
        pytest.param(0, 4, 0.1, 1.0, id="no users"),
        pytest.param(4, 0, 0.1, 1.0, id="no servers"),
        pytest.param(4, 4, 0.0, 1.0, id="service in no time"),
        pytest.param(4, 4, 0.1, -1.0, id="thought before the answer"),
    ],
)
def test_systems_that_do_not_exist(users: int, servers: int, service_s: float, think_s: float) -> None:
    """A closed system without users, servers or service is refused."""
    with pytest.raises(ValueError, match="at least"):
        closed(users, servers, service_s=service_s, think_s=think_s)


def chain(users: int, servers: int, service_s: float, think_s: float) -> float:
    """Return the throughput of the Markov chain, its balance equations solved as a linear system."""
    rates = np.zeros((users + 1, users + 1))
    for n in range(users):
        rates[n, n + 1] = (users - n) / think_s
        rates[n + 1, n] = min(n + 1, servers) / service_s
    balance = np.vstack([(rates - np.diag(rates.sum(axis=1))).T, np.ones(users + 1)])
    shares = np.linalg.lstsq(balance, np.append(np.zeros(users + 1), 1.0), rcond=None)[0]
    return float(np.minimum(np.arange(users + 1), servers) @ shares / service_s)


SYSTEMS = (st.integers(1, 12), st.integers(1, 5), st.floats(0.01, 1.0), st.floats(0.05, 5.0))


@given(*SYSTEMS)
def test_it_is_the_birth_death_chain(users: int, servers: int, service_s: float, think_s: float) -> None:
    """The product form equals the solution of the balance equations."""
    actual = closed(users, servers, service_s=service_s, think_s=think_s)

    assert chain(users, servers, service_s, think_s) == pytest.approx(actual.throughput_per_s, rel=1e-6)


@given(st.integers(1, 500), *SYSTEMS[1:])
def test_the_bounds_hold(users: int, servers: int, service_s: float, think_s: float) -> None:
    """No throughput is above min(N / (S + Z), c / S), no response below max(S, N S / c - Z)."""
    actual = closed(users, servers, service_s=service_s, think_s=think_s)
    most = most_per_s(users, servers, service_s=service_s, think_s=think_s)
    least = least_response_s(users, servers, service_s=service_s, think_s=think_s)

    assert actual.throughput_per_s <= most * (1 + 1e-9)
    assert actual.response_s >= least - 1e-9
