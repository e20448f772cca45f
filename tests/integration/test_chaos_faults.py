"""Every fault of the catalogue, walked by the nemesis on one mock shop that stands for all of them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chaos import toxiproxy_binary
from chaos.catalogue import drills_of
from chaos.lease_file import TOXIPROXY
from chaos.nemesis import Course, walk
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy, start_server
from chaos.world import LISTENERS, Region, World, canary_client
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import Stopped
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.plan import Command, Fault, ToxicWish
from rehearsal.model.timeline import PlacedFault, Window
from rehearsal.pipeline import mock_shop, ports, shop_links
from rehearsal.pipeline.plans import load_plan
from scenarios import attack
from tests.integration.shopper import shop_once

pytestmark = [pytest.mark.integration, pytest.mark.calm]

PLAN = Path(__file__).parents[2] / "scenarios" / "plans" / "flash_sale.toml"
#: What another kind shows as well; rehearse selftest defects walks all.
SHOWN = {
    FaultKind.SURVIVOR_OVERLOADED,
    FaultKind.REGION_FAILBACK,
    FaultKind.ANSWER_LOST_AND_REGION_KILLED,
    FaultKind.CACHE_COLD_AND_RETRY_STORM,
    FaultKind.REPLICATION_CUT_AND_BOTS,
    FaultKind.LATE_CAPTURE_AND_FLAPPING,
}
ALL = [kind for kind in FaultKind if kind not in SHOWN]
#: One shopper's purchase is enough for these: what strikes a share of them may spare one.
FELT_BY_ONE = {
    FaultKind.ANSWER_LOST_AFTER_CAPTURE,
    FaultKind.DATABASE_SLOW,
    FaultKind.CACHE_COLD,
    FaultKind.DISK_FULL,
}


class Standing:
    """A mock shop with every listener on a real Toxiproxy, and the nemesis to walk it."""

    def __init__(self, world: World, toxiproxy: Toxiproxy, table: ProcessTable, folder: Path) -> None:
        """Take what stands."""
        self.world = world
        self.toxiproxy = toxiproxy
        self.table = table
        self.folder = folder

    def walked(
        self, kind: FaultKind, *, during: Callable[[], None] = lambda: None, **facts: Any
    ) -> list[Row]:
        """Walk one fault that is held for no longer than `during` takes; return its rows."""
        clock, rows = SystemClock(), list[Row]()
        fault = Fault(kind=kind, phase="p", hold_s=1.0, recover_within_s=1.0, **{**self.own(kind), **facts})
        placed = [PlacedFault(fault, Window(0, 1))]

        def wait(instant_ns: int) -> None:
            if rows and rows[-1].note.startswith("effect"):
                during()
            clock.sleep_until_ns(instant_ns)

        course = Course(clock=clock, origin_ns=clock.now_ns(), wait=wait, record=rows.append)
        walk(placed, drills_of(placed, self.world), course)
        return rows

    def own(self, kind: FaultKind) -> dict[str, Any]:
        """Return what a plan adds to its own two kinds."""
        file = self.folder / "broken"
        command = Command(
            inject=f"touch {file}",
            undo=f"rm -f {file}",
            prove=f"test -e {file}",
            prove_healed=f"test ! -e {file}",
        )
        wish = ToxicWish(type="latency", attributes={"latency": 200})
        own: dict[FaultKind, dict[str, Any]] = {
            FaultKind.TOXIC: {"listener": "pay2_refund", "toxic": wish},
            FaultKind.COMMAND: {"command": command},
        }
        return own.get(kind, {})


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """Return a standing shop; it ends with the last test of this file."""
    folder, plan = tmp_path_factory.mktemp("standing"), load_plan(PLAN)
    found = toxiproxy_binary.locate(os.environ)
    assert found, toxiproxy_binary.MEND
    with (
        shop_links.held_links(0, folder / "ports") as links,
        ProcessTable(folder / "leases", run_id=f"faults-{os.getpid()}", run_dir=folder) as table,
        canary_client(timeout_s=0.3) as http,
    ):
        port = ports.port_of(links.toxiproxy)
        toxiproxy = start_server(table, found.path, port, log=folder / "tp.log", label=TOXIPROXY)
        mock_shop.create_listeners(toxiproxy, links)
        mock_shop.start_shop(table, folder, plan, links, [])
        mock_shop.open_sale(links, SystemClock.now_ns())
        regions = {name: Region(url, mock_shop.processes_of(name)) for name, url in links.regions.items()}
        world = World(
            run_id=table.run_id,
            provider_url=links.provider,
            director_url=links.director,
            regions=regions,
            listeners=links.listeners,
            toxiproxy=toxiproxy,
            processes=table,
            http=http,
            seed=7,
            attackers={kind: attack.command(kind, url=links.director) for kind in attack.USUAL_RATE_PER_S},
            logs=folder / "logs",
            provider2_url=links.provider2,
            worker_url=links.worker,
        )
        yield Standing(world, toxiproxy, table, folder)


def ledger(world: World) -> list[str]:
    """Return the kinds of entries of canaries in the provider's ledger."""
    entries = httpx.get(f"{world.provider_url}/admin/ledger", trust_env=False).json()["entries"]
    return [entry["kind"] for entry in entries if entry["order_id"].startswith("canary-")]


def modes(world: World) -> dict[str, Any]:
    """Return the fault modes that are still on anywhere."""
    regions = [region.url for region in world.regions.values()]
    urls = [*regions, world.provider_url, world.provider2_url, world.director_url, world.worker_url]
    return {url: on for url in urls if (on := httpx.get(f"{url}/__fault", trust_env=False).json()["modes"])}


@pytest.mark.parametrize("kind", ALL)
def test_fault(standing: Standing, kind: FaultKind) -> None:
    """It takes effect, is healed, and both are proven; who was hit is told; the cents are given back."""
    world = standing.world
    felt = kind in FELT_BY_ONE
    rows = standing.walked(kind, during=lambda: shop_once(world.regions["a"].url) if felt else None)

    told = {row.note.partition(":")[0]: row for row in rows}
    notes = [row.note for row in rows]
    assert list(told) == ["inject", "effect", "felt", "heal", "healed"], notes
    assert dict.fromkeys(("inject", "effect", "heal", "healed"), "ok") == {
        step: row.outcome for step, row in told.items() if step != "felt"
    }, notes
    assert not felt or told["felt"].outcome == "ok", notes
    assert all(state.clean for state in standing.toxiproxy.states().values())
    assert modes(world) == {}
    assert all(standing.table.alive(label) for label in ("region_a", "region_b", "provider", "worker"))
    assert standing.table.lease.undos == ()
    kinds = ledger(world)
    assert kinds.count("capture") == kinds.count("refund")


def test_a_link_that_nobody_uses(standing: Standing) -> None:
    """Its fault is proven by the canary, and felt by nobody: no drill passes by it."""
    rows = standing.walked(FaultKind.TOXIC, during=lambda: shop_once(standing.world.regions["a"].url))

    assert [row.outcome for row in rows if row.note.startswith(("effect", "felt"))] == ["ok", "info"]


@pytest.mark.parametrize("kind", [FaultKind.PAYMENT_BLACK_HOLE, FaultKind.REGION_PAUSED])
def test_stopped(standing: Standing, kind: FaultKind) -> None:
    """A stop while the fault is held leaves no toxic, no closed listener, no mode and no missing process."""

    def stop() -> None:
        raise Stopped("stopped")

    with pytest.raises(Stopped):
        standing.walked(kind, during=stop)

    assert all(state.clean for state in standing.toxiproxy.states().values())
    assert modes(standing.world) == {}
    assert standing.table.alive("region_a")


def test_the_catalogue_knows_every_listener() -> None:
    """What a plan's own toxic may name is what the shop has."""
    assert set(LISTENERS) == set(shop_links.LISTENERS)
