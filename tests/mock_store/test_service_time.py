import asyncio
from random import Random
from statistics import mean

import pytest

from mock_store.service_time import ServiceTime
from tests.mock_store.lab import Gate

pytestmark = pytest.mark.anyio


async def test_no_more_than_c_are_served_at_once() -> None:
    """Of five requests at a station of two servers, two are served and three wait."""
    gate = Gate()
    station = ServiceTime(servers=2, mean_ms=20, rng=Random(1), sleep=gate.sleep)
    requests = [asyncio.ensure_future(station.serve()) for _ in range(5)]
    await gate.reached_by(2)
    at_once = len(gate.asked_s)
    gate.open()
    await asyncio.gather(*requests)

    assert (at_once, len(gate.asked_s)) == (2, 5)


async def test_times_are_seeded_and_exponential() -> None:
    """The same seed draws the same times; their mean is the asked one (4000 draws, within five sigma)."""
    drawn = []
    for _ in range(2):
        gate = Gate()
        gate.open()
        station = ServiceTime(servers=1, mean_ms=20, rng=Random(7), sleep=gate.sleep)
        for _ in range(4000):
            await station.serve()
        drawn.append(gate.asked_s)

    assert drawn[0] == drawn[1]
    assert pytest.approx(mean(drawn[0]), abs=5 * 0.020 / 4000**0.5) == 0.020


async def test_a_mean_of_zero_takes_no_time() -> None:
    """Without service time nobody sleeps."""
    gate = Gate()
    await ServiceTime(servers=1, mean_ms=0, rng=Random(1), sleep=gate.sleep).serve()

    assert gate.asked_s == []
