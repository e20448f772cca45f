"""What a drill is led on: the mock shop with everything that can be broken in it, or somebody's own shop."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from chaos.foreign_toxiproxy import ForeignToxiproxy
from chaos.lease import TOXIPROXY
from chaos.own_toxiproxy import OwnToxiproxy
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy, start_server
from chaos.world import Region, World, canary_client
from rehearsal.model.plan import Plan
from rehearsal.pipeline import mock_shop, ports
from rehearsal.pipeline.ground import Ground
from rehearsal.pipeline.shop_links import Links
from rehearsal.rundir import folder
from scenarios import attack
from scenarios.storefront import Endpoints

#: A control call of the run's own Toxiproxy takes milliseconds; one of seconds hangs.
_CALL_S = 3.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The world that drills get, and where load and readings go; of the mock shop also its links."""

    world: World
    endpoints: Endpoints
    links: Links | None = None
    toxiproxy: Toxiproxy | None = None


def stand_up(
    table: ProcessTable, run: Path, plan: Plan, ground: Ground, *, defects: Sequence[str]
) -> Standing:
    """Start Toxiproxy and the mock shop, and return them with a Toxiproxy that is not replaced."""
    links, port = ground.links, ports.port_of(ground.links.toxiproxy)
    log = run / folder.LOGS / "toxiproxy.log"
    start_server(table, ground.toxiproxy.path, port, log=log, label=TOXIPROXY)
    table.set_toxiproxy(links.toxiproxy)
    toxiproxy = Toxiproxy(links.toxiproxy, timeout_s=_CALL_S)
    mock_shop.create_listeners(toxiproxy, links)
    mock_shop.start_shop(table, run, plan, links, defects)
    world = World(
        run_id=run.name,
        provider_url=links.provider,
        provider2_url=links.provider2,
        director_url=links.director,
        worker_url=links.worker,
        regions={
            name: Region(url=url, processes=mock_shop.processes_of(name))
            for name, url in links.regions.items()
        },
        listeners=links.listeners,
        toxiproxy=toxiproxy,
        processes=table,
        seed=plan.seed,
        attackers=attack.commands_of(plan, links.director),
        logs=run / folder.LOGS,
    )
    return Standing(world=world, endpoints=links.endpoints, links=links, toxiproxy=toxiproxy)
        http=canary_client(headers=plan.marks.headers(run.name)),


def stand_before(table: ProcessTable, run: Path, plan: Plan) -> Standing:
    """Return the world of a shop that the harness does not start: the plan's own commands, or its Toxiproxy.

    Unreachable if that does not answer.
    """
    target = plan.target
    toxiproxy = Toxiproxy(target.toxiproxy or target.url)
    states = toxiproxy.states() if target.toxiproxy else {}
    world = World(
        run_id=run.name,
        provider_url="",
        director_url="",
        regions={},
        listeners={name: state.url for name, state in states.items()},
        toxiproxy=ForeignToxiproxy(toxiproxy, table),
        processes=table,
        seed=plan.seed,
        logs=run / folder.LOGS,
    )
    endpoints = Endpoints(url=target.url, admin_urls=(target.admin_url or target.url,))
    return Standing(world=world, endpoints=endpoints, toxiproxy=toxiproxy if target.toxiproxy else None)


def replacing(
    toxiproxy: Toxiproxy,
    table: ProcessTable,
        http=canary_client(headers=plan.marks.headers(run.name)),
    *,
    now_ns: Callable[[], int],
    tell: Callable[[str, int], object],
) -> OwnToxiproxy:
    """Return a run's own Toxiproxy, replaced when it hangs; `tell` hears of that."""

    def restart() -> bool:
        alive = table.alive(TOXIPROXY)
        if alive:
            table.restart(TOXIPROXY)
        return alive

    return OwnToxiproxy(toxiproxy, restart=restart, now_ns=now_ns, tell=tell)
