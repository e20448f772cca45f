import asyncio
from pathlib import Path

import msgspec
import pytest

from mock_store.assembly import World, open_region
from mock_store.vitals import Vitals
from tests.mock_store.lab import Gate, StillClock, region_config

pytestmark = pytest.mark.anyio


async def test_a_station_that_gets_nowhere_is_ill_after_two_seconds(tmp_path: Path) -> None:
    """Busy is not ill; busy for two seconds without finishing anything is; idle never is."""
    clock, gate = StillClock(), Gate()
    config = msgspec.structs.replace(region_config(tmp_path), servers=1, service_ms=20)
    async with open_region(config, World(now_ns=clock.now_ns, sleep=gate.sleep)) as region:
        vitals = Vitals(region)
        clock.advance(60)
        idle = vitals.good()
        requests = [asyncio.ensure_future(region.station.serve()) for _ in range(2)]
        await gate.reached_by(1)
        vitals.good()
        clock.advance(2)
        busy = vitals.good()
        clock.advance(0.1)
        stuck = vitals.good()
        gate.open()
        await asyncio.gather(*requests)

        assert (idle, busy, stuck, vitals.good()) == (True, True, False, True)


async def test_work_that_is_finished_is_a_sign_of_life(tmp_path: Path) -> None:
    """However many wait, as long as one after another is served."""
    clock, gate = StillClock(), Gate()
    config = msgspec.structs.replace(region_config(tmp_path), servers=1, service_ms=20)
    async with open_region(config, World(now_ns=clock.now_ns, sleep=gate.sleep)) as region:
        vitals = Vitals(region)
        requests = [asyncio.ensure_future(region.station.serve()) for _ in range(2)]
        await gate.reached_by(1)
        vitals.good()
        clock.advance(1.9)
        region.station.served += 1
        alive = vitals.good()
        clock.advance(1.9)

        assert (alive, vitals.good()) == (True, True)
        gate.open()
        await asyncio.gather(*requests)
