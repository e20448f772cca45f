"""A stage for each test."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from scenarios.fleet.fleet import Fleet
from scenarios.load_order import FleetOrder
from scenarios.recording.sink import Intake
from tests.scenarios.fleet.stage import END, ORDER, Make, Stage


@pytest.fixture
def stage(tmp_path: Path) -> Make:
    """Return a function that sets the stage for a drill of so many workers."""

    def make(
        workers: int = 2, *, spawned: bool = True, here_only: bool = False, grows: bool = False
    ) -> Stage:
        order = FleetOrder(workers=workers, sha256="f00d", end_ns=END, spawned=spawned, here_only=here_only)

        def intake(worker: int) -> Intake:
            return Intake(tmp_path, worker)

        return Stage(Fleet(order, replace(ORDER, grows=grows), b"{}", machine="m", intake=intake))

    return make
