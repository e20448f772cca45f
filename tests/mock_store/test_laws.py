"""The stations against closed forms and slow oracles, on a clock that jumps."""

import asyncio
import heapq
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import mean

import msgspec
import pytest

from capacity.queueing import mean_sojourn
from mock_store.assembly import World, open_region
from mock_store.config import Law
from mock_store.service_time import ServiceTime
from mock_store.sharing import Sharing
from mock_store.units import NS_PER_S
from mock_store.work import Station, Time, Work
from tests.mock_store.lab import region_config
from tests.mock_store.virtual_time import VirtualLoop, passes, play

S_MS, S_S = 20.0, 0.020


def station_of(law: str, servers: int, loop: VirtualLoop, seed: int = 1) -> Station:
    """Return a station of a law, `exponential shared` being processor sharing of exponential work."""
    constant, shared = law.startswith("deterministic"), law.endswith("shared")
    made = Sharing if shared else ServiceTime
    work = Work(mean_ms=S_MS, rng=Random(seed), constant=constant)
    return made(servers=servers, work=work, time=Time(now_ns=loop.now_ns))


def arrivals_of(load: float, count: int, seed: int = 2) -> list[float]:
    """Return instants (s) of a Poisson stream of `load` erlangs."""
    rng, at_s, found = Random(seed), 0.0, []
    for _ in range(count):
        at_s += rng.expovariate(load / S_S)
        found.append(at_s)
    return found


def ends_of(
    law: str, servers: int, arrivals_s: Sequence[float], *, late_s: float = 0.0
) -> tuple[list[float], list[float]]:
    """Return when each request really came, and when it left (s)."""
    loop = VirtualLoop(late_s)
    begun, ended = [0.0] * len(arrivals_s), [0.0] * len(arrivals_s)
    # One generator draws for all: so requests draw in the order in which they are served.
    station = station_of(law, servers, loop)

    async def one(index: int) -> None:
        begun[index] = loop.time()
        await station.serve()
        ended[index] = loop.time()

    async def crowd() -> None:
        tasks = []
        for index, at_s in enumerate(arrivals_s):
            if at_s > loop.time():
                await passes(at_s - loop.time())
            tasks.append(asyncio.ensure_future(one(index)))
        await asyncio.gather(*tasks)

    play(loop, crowd())
    return begun, ended


def fcfs_oracle(arrivals_s: Sequence[float], services_s: Sequence[float], servers: int) -> list[float]:
    """Kiefer and Wolfowitz (1955): whoever comes takes the server that is free first."""
    free, ends = [0.0] * servers, []
    for at_s, service_s in zip(arrivals_s, services_s, strict=True):
        end_s = max(at_s, heapq.heappop(free)) + service_s
        heapq.heappush(free, end_s)
        ends.append(end_s)
    return ends


def sharing_oracle(arrivals_s: Sequence[float], services_s: Sequence[float], servers: int) -> list[float]:
    """Carry what is left of each request from event to event."""
    left: dict[int, float] = {}
    ends = [0.0] * len(arrivals_s)
    now_s, coming = 0.0, 0
    while coming < len(arrivals_s) or left:
        rate = min(1.0, servers / len(left)) if left else 0.0
        next_end = now_s + min(left.values()) / rate if left else float("inf")
        next_come = arrivals_s[coming] if coming < len(arrivals_s) else float("inf")
        until_s = min(next_end, next_come)
        left = {index: rest - rate * (until_s - now_s) for index, rest in left.items()}
        now_s = until_s
        if next_come <= next_end:
            left[coming] = services_s[coming]
            coming += 1
        else:
            done = min(left, key=lambda index: left[index])
            ends[done] = now_s
            del left[done]
    return ends


@pytest.mark.parametrize(
    "law", ["exponential", "deterministic", "exponential shared", "deterministic shared"]
)
@pytest.mark.parametrize("servers", [1, 3])
def test_every_request_leaves_when_the_oracle_says(law: str, servers: int) -> None:
    """Same arrivals, same service times: every departure is the oracle's, to the microsecond."""
    arrivals_s = arrivals_of(0.9 * servers, 400)
    draws = Work(mean_ms=S_MS, rng=Random(1), constant=law.startswith("deterministic"))
    services_s = [draws.draw_ns() / NS_PER_S for _ in arrivals_s]
    oracle = sharing_oracle if law.endswith("shared") else fcfs_oracle
    _, ends = ends_of(law, servers, arrivals_s)

    assert ends == pytest.approx(oracle(arrivals_s, services_s, servers), abs=1e-6)


@pytest.mark.parametrize(
    ("law", "servers", "load", "expected"),
    [
        ("exponential", 1, 0.5, 2.0),  # M/M/1: 1 / (1 - rho)
        ("exponential", 4, 3.0, mean_sojourn(3.0, 4)),  # M/M/4
        ("deterministic", 1, 0.5, 1.5),  # M/D/1: 1 + rho / 2 (1 - rho), half the wait of M/M/1
        ("exponential shared", 1, 0.5, 2.0),  # M/M/1-PS: that of M/M/1
        ("deterministic shared", 1, 0.5, 2.0),  # M/D/1-PS: whatever the law
        ("exponential shared", 4, 3.0, mean_sojourn(3.0, 4)),  # as many leave a second as from M/M/4
    ],
)
def test_mean_times_are_the_closed_forms(law: str, servers: int, load: float, expected: float) -> None:
    """The mean time in the shop, in service times; 5,000 arrivals, within 5 %."""
    begun, ended = ends_of(law, servers, arrivals_of(load, 5_000))
    measured = mean(end - begin for begin, end in zip(begun, ended, strict=True)) / S_S

    assert measured == pytest.approx(expected, rel=0.05)


def test_the_law_of_service_matters_where_it_should() -> None:
    """The check above can fail: with constant work, servers in turn are not as good as sharing."""
    begun, ended = ends_of("deterministic", 1, arrivals_of(0.5, 5_000))
    measured = mean(end - begin for begin, end in zip(begun, ended, strict=True)) / S_S

    assert measured != pytest.approx(2.0, rel=0.1)


@pytest.mark.parametrize(
    "law", ["exponential", "deterministic", "exponential shared", "deterministic shared"]
)
def test_a_loop_that_wakes_too_late_takes_no_capacity_away(law: str) -> None:
    """Of 500 who came at once the last leaves when all work is done, though each sleep is 1 ms too long."""
    draws = Work(mean_ms=S_MS, rng=Random(1), constant=law.startswith("deterministic"))
    work_s = sum(draws.draw_ns() for _ in range(500)) / NS_PER_S
    _, ended = ends_of(law, 1, [0.0] * 500, late_s=0.001)

    assert max(ended) == pytest.approx(work_s, abs=0.0021)


@pytest.mark.parametrize("law", ["exponential", "exponential shared"])
def test_an_idle_station_gives_no_credit(law: str) -> None:
    """Whoever comes long after the last has left takes the whole of its own time."""
    draws = Work(mean_ms=S_MS, rng=Random(1))
    services_s = [draws.draw_ns() / NS_PER_S for _ in range(3)]
    arrivals_s = [0.0, 10.0, 20.0]
    _, ended = ends_of(law, 1, arrivals_s)
    took_s = [end - at for end, at in zip(ended, arrivals_s, strict=True)]

    assert took_s == pytest.approx(services_s, abs=1e-6)


@pytest.mark.parametrize("law", ["exponential", "exponential shared"])
def test_busy_time_is_the_work_done(law: str) -> None:
    """In the middle of three seconds of work a counter says how much of it is over; at the end all of it."""
    loop = VirtualLoop()
    station = station_of(law, 2, loop)
    seen = []

    async def watched() -> None:
        tasks = [asyncio.ensure_future(station.serve(50)) for _ in range(3)]
        await passes(0.001)
        seen.extend([station.busy_ns / NS_PER_S, station.waiting])
        await asyncio.gather(*tasks)
        seen.append(station.busy_ns / NS_PER_S)

    play(loop, watched())
    draws = Work(mean_ms=S_MS, rng=Random(1))
    all_s = sum(draws.draw_ns(50) for _ in range(3)) / NS_PER_S

    assert seen == pytest.approx([0.002, 1, all_s], abs=1e-6)


def test_a_share_of_work_is_a_share_of_time() -> None:
    """An order with rules on it takes so many times as long: the mean of 4000 draws, within five sigma."""
    work = Work(mean_ms=S_MS, rng=Random(5))
    drawn_s = [work.draw_ns(3.5) / NS_PER_S for _ in range(4000)]

    assert mean(drawn_s) == pytest.approx(3.5 * S_S, abs=5 * 3.5 * S_S / 4000**0.5)
    assert Work(mean_ms=S_MS, rng=Random(5), constant=True).draw_ns(3.5) == 70_000_000


@pytest.mark.parametrize(
    ("law", "kind", "constant"),
    [("exponential", ServiceTime, False), ("deterministic", ServiceTime, True), ("sharing", Sharing, False)],
)
def test_a_region_works_by_the_law_it_is_told(
    tmp_path: Path, law: Law, kind: type[Station], *, constant: bool
) -> None:
    """The station of a region, its servers and the time that it takes."""
    config = msgspec.structs.replace(region_config(tmp_path), law=law, servers=3, service_ms=20)

    async def opened() -> None:
        async with open_region(config, World()) as region:
            assert isinstance(region.station, kind)
            assert isinstance(region.station, ServiceTime | Sharing)
            assert (region.station._servers, region.station._work.constant) == (3, constant)

    asyncio.run(opened())
