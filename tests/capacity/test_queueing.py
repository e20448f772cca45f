"""The closed forms against published values, an independent birth-death oracle, and each other."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity import deterministic
from capacity.queueing import (
    curve,
    erlang_b,
    erlang_c,
    mean_sojourn,
    slo_capacity,
    slo_capacity_per_s,
    sojourn_quantile,
    sojourn_tail,
)

LOADS = st.tuples(st.integers(1, 12), st.floats(0.01, 0.99)).map(
    lambda drawn: (drawn[0] * drawn[1], drawn[0])
)


@pytest.mark.parametrize(
    ("load", "servers", "expected"),
    [
        pytest.param(10, 10, 0.214582, id="offered as much as there are servers"),
        pytest.param(5, 10, 0.018385, id="half loaded"),
        pytest.param(20, 30, 0.008457, id="thirty servers"),
    ],
)
def test_erlang_b_matches_the_tables(load: float, servers: int, expected: float) -> None:
    """Erlang's B equals the classical tables to six digits."""
    actual = erlang_b(load, servers)

    assert expected == pytest.approx(actual, abs=5e-7)


@pytest.mark.parametrize(
    ("load", "servers", "waits", "sojourn"),
    [
        pytest.param(1.8, 2, 0.852632, 5.263158, id="two servers, 90 % busy"),
        pytest.param(8, 10, 0.409180, 1.204590, id="ten servers, 80 % busy"),
        pytest.param(9, 10, 0.668732, 1.668732, id="ten servers, 90 % busy"),
        pytest.param(7.2, 8, 0.701533, 1.876916, id="eight servers, 90 % busy"),
        pytest.param(14, 16, 0.508482, 1.254241, id="sixteen servers"),
        pytest.param(0.5, 1, 0.5, 2.0, id="one server, half busy"),
        pytest.param(0.9, 1, 0.9, 10.0, id="one server, 90 % busy"),
    ],
)
def test_waiting_and_mean_match_the_references(
    load: float, servers: int, waits: float, sojourn: float
) -> None:
    """Erlang's C and the mean sojourn equal the reference values to six digits."""
    actual = (erlang_c(load, servers), mean_sojourn(load, servers))

    assert (waits, sojourn) == pytest.approx(actual, abs=5e-7)


@pytest.mark.parametrize(
    ("load", "servers", "expected"),
    [
        pytest.param(0.5, 1, (1.386294, 5.991465, 9.210340), id="one server"),
        pytest.param(1.8, 2, (3.769159, 15.297239, 23.344430), id="two servers"),
        pytest.param(8, 10, (0.912145, 3.328275, 4.946111), id="ten servers, 80 % busy"),
        pytest.param(9, 10, (1.329092, 4.360867, 6.249877), id="ten servers, 90 % busy: the h = 1 case"),
        pytest.param(14, 16, (0.967111, 3.395471, 5.014032), id="sixteen servers"),
    ],
)
def test_sojourn_quantiles_match_the_references(
    load: float, servers: int, expected: tuple[float, ...]
) -> None:
    """The median, p95 and p99 of the sojourn equal the reference values to six digits."""
    actual = tuple(sojourn_quantile(p, load, servers) for p in (0.5, 0.95, 0.99))

    assert expected == pytest.approx(actual, abs=5e-7)


@pytest.mark.parametrize(
    ("limit", "servers", "expected"),
    [
        pytest.param(6, 1, 0.232470, id="6 S, 1 server"),
        pytest.param(6, 2, 1.088313, id="6 S, 2 servers"),
        pytest.param(6, 4, 2.998074, id="6 S, 4 servers"),
        pytest.param(6, 8, 6.933123, id="6 S, 8 servers"),
        pytest.param(6, 10, 8.915840, id="6 S, 10 servers"),
        pytest.param(6, 16, 14.884016, id="6 S, 16 servers"),
        pytest.param(10, 1, 0.539456, id="10 S, 1 server"),
        pytest.param(10, 2, 1.515953, id="10 S, 2 servers"),
        pytest.param(10, 4, 3.500901, id="10 S, 4 servers"),
        pytest.param(10, 8, 7.490355, id="10 S, 8 servers"),
        pytest.param(10, 10, 9.487636, id="10 S, 10 servers"),
        pytest.param(10, 16, 15.482722, id="10 S, 16 servers"),
    ],
)
def test_slo_capacity_matches_the_references(limit: float, servers: int, expected: float) -> None:
    """The load that a p99 limit allows equals the reference, whose own root finder stopped at 3e-5."""
    actual = slo_capacity(0.99, limit, servers)

    assert expected == pytest.approx(actual, abs=3e-5)


@pytest.mark.parametrize("limit", [5.0, 6.0, 10.0, 40.0])
def test_slo_capacity_of_one_server_is_exact(limit: float) -> None:
    """For one server the sojourn is exponential of rate 1 - a, so the capacity is 1 + ln(1 - p) / limit."""
    actual = slo_capacity(0.99, limit, 1)

    assert 1 + math.log(0.01) / limit == pytest.approx(actual, abs=1e-10)


def test_no_capacity_where_an_idle_system_is_too_slow() -> None:
    """A limit below the service time's own p99 (4.6 S) leaves no load at all."""
    actual = slo_capacity(0.99, 4.6, 8)

    assert actual == pytest.approx(0.0, abs=1e-9)


def test_capacity_in_requests_a_second() -> None:
    """Eight servers of 20 ms under a p99 of 120 ms carry 6.933 erlangs, 346.66 requests a second."""
    actual = slo_capacity_per_s(0.99, 120.0, servers=8, service_ms=20.0)

    assert actual == pytest.approx(6.933122 / 0.020, rel=1e-6)


def test_the_curve_against_the_rate() -> None:
    """Ten servers of 20 ms: the p99 is 92 ms idle, 99 and 125 ms at 80 and 90 % busy, none at 500/s."""
    actual = curve(0.99, 10, service_ms=20.0, rates=np.array([0.0, 400.0, 450.0, 500.0]))

    assert [92.1034, 98.92222, 124.99754, math.inf] == pytest.approx(actual.tolist(), abs=1e-4)


def test_the_curve_of_another_queue() -> None:
    """With constant service of 20 ms nothing is slower than 20 ms while nobody waits."""
    actual = curve(
        0.99, 1, service_ms=20.0, rates=np.array([0.0, 0.4]), quantile=deterministic.sojourn_quantile
    )

    assert pytest.approx(actual.tolist()) == [20.0, 20.0]


@pytest.mark.parametrize("load", [2.0, 2.5])
def test_an_overloaded_queue_never_settles(load: float) -> None:
    """At and above one erlang a server everyone waits, and no time is long enough."""
    actual = (
        erlang_c(load, 2),
        mean_sojourn(load, 2),
        sojourn_tail(9.0, load, 2),
        sojourn_quantile(0.5, load, 2),
    )

    assert actual == (1.0, math.inf, 1.0, math.inf)


@given(LOADS)
def test_erlang_c_is_the_birth_death_chain(drawn: tuple[float, int]) -> None:
    """C equals the share of time in which all servers are busy, summed state by state."""
    load, servers = drawn
    below = sum(load**k / math.factorial(k) for k in range(servers))
    above = load**servers / math.factorial(servers) / (1 - load / servers)

    assert above / (below + above) == pytest.approx(erlang_c(load, servers), rel=1e-9)


@given(LOADS, st.floats(0.01, 0.999))
def test_the_quantile_inverts_the_tail(drawn: tuple[float, int], p: float) -> None:
    """A share 1 - p of arrivals is still in the system at the p-quantile."""
    load, servers = drawn

    assert sojourn_tail(sojourn_quantile(p, load, servers), load, servers) == pytest.approx(1 - p, abs=1e-6)


@given(st.integers(1, 12), st.floats(5.0, 60.0))
def test_capacity_is_the_load_whose_quantile_is_the_limit(servers: int, limit: float) -> None:
    """At its SLO capacity a queue's p99 is the limit, neither more nor less."""
    load = slo_capacity(0.99, limit, servers)

    assert sojourn_quantile(0.99, load, servers) == pytest.approx(limit, rel=1e-4)
