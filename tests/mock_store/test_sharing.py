"""Who is turned away, gives up or loses its server where all are served at once."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from mock_store.modes.region import REGION_MODES
from mock_store.modes.registry import Modes
from mock_store.sharing import Sharing
from mock_store.units import NS_PER_S
from mock_store.web import AnswerLost, Refused
from mock_store.work import Time, Work
from tests.mock_store.virtual_time import VirtualLoop, passes, play

#: Every request is 20 ms of work.
CONSTANT = Work(mean_ms=20, rng=Random(1), constant=True)


def with_station(
    script: Callable[[Sharing, Modes], Awaitable[None]],
    *,
    servers: int = 1,
    queue: int = 0,
    work: Work = CONSTANT,
) -> None:
    """Carry out a script at a station of constant work, on a clock that jumps."""
    loop, modes = VirtualLoop(), Modes(REGION_MODES, seed="1")
    time = Time(now_ns=loop.now_ns)

    async def all_of_it() -> None:
        station = Sharing(servers=servers, work=work, time=time, queue=queue, modes=modes)
        await script(station, modes)

    play(loop, all_of_it())


def now_ms() -> float:
    """Return the loop's instant."""
    return round(asyncio.get_running_loop().time() * 1000, 6)


async def left_at(station: Sharing) -> float:
    """Be served, and return when it was over."""
    await station.serve()
    return now_ms()


def test_two_take_twice_as_long_and_leave_together() -> None:
    """One server, two requests of 20 ms: both leave at 40, and a third that comes then at 60."""

    async def script(station: Sharing, _: Modes) -> None:
        both = await asyncio.gather(left_at(station), left_at(station))
        alone = await left_at(station)

        assert (*both, alone, station.served, station.busy) == (40, 40, 60, 3, False)

    with_station(script)


def test_no_request_runs_faster_than_one_server() -> None:
    """Four servers and one request: 20 ms as ever; six requests at once: 30."""

    async def script(station: Sharing, _: Modes) -> None:
        assert await left_at(station) == 20
        assert await asyncio.gather(*(left_at(station) for _ in range(6))) == [50] * 6

    with_station(script, servers=4)


def test_without_work_it_takes_no_time() -> None:
    """A mean of zero is no service at all, and nothing is counted."""

    async def script(station: Sharing, _: Modes) -> None:
        assert (await left_at(station), station.served) == (0, 0)

    with_station(script, work=Work(mean_ms=0, rng=Random(1)))


def test_beyond_the_bound_a_request_is_turned_away() -> None:
    """One server and a queue of two: the fourth hears 429 busy, and when to come again."""

    async def script(station: Sharing, _: Modes) -> None:
        three = [asyncio.ensure_future(station.serve()) for _ in range(3)]
        await passes(0)
        with pytest.raises(Refused) as refused:
            await station.serve()
        await asyncio.gather(*three)

        assert (refused.value.status, refused.value.error, refused.value.retry_after_s) == (429, "busy", 1)
        assert now_ms() == 60

    with_station(script, queue=2)


def test_whoever_gives_up_leaves_the_others_faster() -> None:
    """Two share for 20 ms; one goes away, and the other has 10 ms of work left, alone."""

    async def script(station: Sharing, _: Modes) -> None:
        stays, goes = (asyncio.ensure_future(left_at(station)) for _ in range(2))
        await passes(0.020)
        goes.cancel()

        assert (await stays, station.busy) == (30, False)

    with_station(script)


@pytest.mark.parametrize("first", ["done", "gone"])
def test_whoever_gives_up_as_it_is_done_is_counted_once(first: str) -> None:
    """At the very instant at which it is due a request ends, before the station looks or after."""

    async def script(station: Sharing, _: Modes) -> None:
        goes = asyncio.ensure_future(station.serve())
        asyncio.get_running_loop().call_later(0.020, end, station, goes)
        await asyncio.wait([goes])

        assert (goes.cancelled(), station.served, station.busy, now_ms()) == (True, 1, False, 20)

    def end(station: Sharing, goes: asyncio.Future[None]) -> None:
        acts: list[Callable[[], object]] = [lambda: station.busy_ns, goes.cancel]
        for act in acts if first == "done" else reversed(acts):
            act()

    with_station(script)


def test_a_lost_zone_takes_its_requests_and_its_speed() -> None:
    """Of two on two servers one answers 500, and both are slower; afterwards there is one server's speed."""

    async def script(station: Sharing, modes: Modes) -> None:
        both = [asyncio.ensure_future(left_at(station)) for _ in range(2)]
        await passes(0.010)
        modes.put("zone_lost", b'{"share": 0.5}')
        fates = await asyncio.gather(*both, return_exceptions=True)
        hit = modes.report()["hits"]
        since_ms = now_ms()
        slow = await asyncio.gather(left_at(station), left_at(station))

        assert [type(fate) for fate in fates] == [AnswerLost, float]
        assert (hit, since_ms) == ({"zone_lost": 1}, 30)
        assert (*slow, modes.report()["hits"]) == (70, 70, {"zone_lost": 2})

    with_station(script, servers=2)


def test_when_every_server_is_lost_all_wait_until_one_is_back() -> None:
    """Nobody gets on; with the zone's return, and the next to come, work goes on."""

    async def script(station: Sharing, modes: Modes) -> None:
        modes.put("zone_lost", b'{"share": 1}')
        first = asyncio.ensure_future(left_at(station))
        await passes(1)
        stuck, hits = first.done(), modes.report()["hits"]
        modes.delete()
        second = await left_at(station)

        assert (stuck, hits, station.waiting) == (False, {"zone_lost": 1}, 0)
        assert (await first, second) == (1040, 1040)

    with_station(script)


def test_a_leak_takes_a_free_server_and_none_that_is_busy() -> None:
    """Two servers: one leaks, then a request is alone on the other, which cannot leak."""

    async def script(station: Sharing, _: Modes) -> None:
        station.leak()
        both = [asyncio.ensure_future(left_at(station)) for _ in range(2)]
        await passes(0)
        station.leak()

        assert await asyncio.gather(*both) == [40, 40]
        assert station.busy_ns == 0.040 * NS_PER_S

    with_station(script, servers=2)
