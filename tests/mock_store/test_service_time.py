import asyncio
from random import Random
from statistics import mean

import pytest

from mock_store.modes.region import REGION_MODES
from mock_store.modes.registry import Modes
from mock_store.service_time import ServiceTime, _Turn
from mock_store.web import Refused
from mock_store.work import Time, Work
from tests.mock_store.lab import Gate, StillClock

pytestmark = pytest.mark.anyio


def desk(
    gate: Gate,
    *,
    servers: int,
    mean_ms: float = 20,
    seed: int = 1,
    queue: int = 0,
    modes: Modes | None = None,
) -> ServiceTime:
    """Return a station whose service lasts until the gate opens, on a clock that stands still."""
    return ServiceTime(
        servers=servers,
        work=Work(mean_ms=mean_ms, rng=Random(seed)),
        time=Time(now_ns=StillClock().now_ns, sleep=gate.sleep),
        queue=queue,
        modes=modes,
    )


async def test_no_more_than_c_are_served_at_once() -> None:
    """Of five requests at a station of two servers, two are served and three wait."""
    gate = Gate()
    station = desk(gate, servers=2)
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
        station = desk(gate, servers=1, seed=7)
        for _ in range(4000):
            await station.serve()
        drawn.append(gate.asked_s)

    assert drawn[0] == drawn[1]
    assert pytest.approx(mean(drawn[0]), abs=5 * 0.020 / 4000**0.5) == 0.020


async def test_a_mean_of_zero_takes_no_time() -> None:
    """Without service time nobody sleeps."""
    gate = Gate()
    await desk(gate, servers=1, mean_ms=0).serve()

    assert gate.asked_s == []


async def test_beyond_the_bound_a_request_is_turned_away_at_once() -> None:
    """One is served and two wait; the fourth hears 429 busy and when to come again."""
    gate = Gate()
    station = desk(gate, servers=1, queue=2)
    requests = [asyncio.ensure_future(station.serve()) for _ in range(3)]
    await gate.reached_by(1)
    with pytest.raises(Refused) as refused:
        await station.serve()
    gate.open()
    await asyncio.gather(*requests)

    assert (refused.value.status, refused.value.error, refused.value.retry_after_s) == (429, "busy", 1)
    assert station.served == 3


async def test_whoever_goes_away_leaves_the_queue() -> None:
    """A shopper who gives up waiting takes no server; one who gives up being served gives it back."""
    gate = Gate()
    station = desk(gate, servers=1)
    served, gone, next_one = [asyncio.ensure_future(station.serve()) for _ in range(3)]
    await gate.reached_by(1)
    gone.cancel()
    served.cancel()
    await gate.reached_by(2)
    gate.open()
    await next_one

    assert (len(gate.asked_s), station.busy) == (2, False)


async def test_a_server_that_nobody_wants_any_more_is_free() -> None:
    """All who waited have gone by the time it is done."""
    gate = Gate()
    station = desk(gate, servers=1)
    served, gone = [asyncio.ensure_future(station.serve()) for _ in range(2)]
    await gate.reached_by(1)
    gone.cancel()
    gate.open()
    await asyncio.wait([served, gone])

    assert (station.busy, station.served) == (False, 1)


async def test_a_server_given_to_somebody_who_has_just_left_comes_back() -> None:
    """Between being called and taking the server a request may end."""
    gate = Gate()
    station = desk(gate, servers=1)
    requests = [asyncio.ensure_future(station.serve()) for _ in range(2)]
    await gate.reached_by(1)
    called = station._waiting.popleft()
    called.set_result(_Turn(7, 0))
    requests[1].cancel()
    await asyncio.wait([requests[1]])

    assert list(station._free) == [7]
    gate.open()
    await requests[0]


def half_lost() -> Modes:
    """Return a region's modes with half of the servers gone."""
    modes = Modes(REGION_MODES, seed="1")
    modes.put("zone_lost", b'{"share": 0.5}')
    return modes


async def test_a_lost_zone_takes_its_requests_and_its_servers() -> None:
    """Of two at work one answers 500; of those who come after only one is served at a time."""
    gate, modes = Gate(), Modes(REGION_MODES, seed="1")
    station = desk(gate, servers=2, modes=modes)
    before = [asyncio.ensure_future(station.serve()) for _ in range(2)]
    await gate.reached_by(2)
    modes.put("zone_lost", b'{"share": 0.5}')
    gate.open()
    fates = await asyncio.gather(*before, return_exceptions=True)

    assert [type(fate).__name__ for fate in fates] == ["NoneType", "AnswerLost"]
    assert modes.report()["hits"] == {"zone_lost": 1}


async def test_those_who_wait_for_a_lost_server_are_hit() -> None:
    """One of two servers is gone: the second request waits, and is served when the zone is back."""
    gate, modes = Gate(), half_lost()
    station = desk(gate, servers=2, modes=modes)
    requests = [asyncio.ensure_future(station.serve()) for _ in range(2)]
    await gate.reached_by(1)
    at_once, hit = len(gate.asked_s), modes.report()["hits"]
    modes.delete()
    requests.append(asyncio.ensure_future(station.serve()))
    await gate.reached_by(2)
    gate.open()
    await asyncio.gather(*requests)

    assert (at_once, hit, len(gate.asked_s)) == (1, {"zone_lost": 1}, 3)
