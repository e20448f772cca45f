"""What a drill is led on: the mock shop with everything that can be broken in it, or somebody's own shop."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from chaos.foreign_toxiproxy import ForeignToxiproxy
from chaos.lease import TOXIPROXY
from chaos.link_use import LinkUse
from chaos.own_toxiproxy import OwnToxiproxy
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy, start_server
from chaos.world import Region, World, canary_client
from rehearsal import process
from rehearsal.model.plan import Plan
from rehearsal.pipeline import mock_shop, ports
from rehearsal.pipeline.ground import Ground
from rehearsal.pipeline.link_server import LinkGround, start_links, url_of_links
from rehearsal.pipeline.shop_links import Links
from rehearsal.process import Child
from rehearsal.rundir import folder
from scenarios import attack
from scenarios.storefront import Endpoints

#: A control call of the run's own Toxiproxy takes milliseconds; one of seconds hangs.
_CALL_S = 3.0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The world that drills get, and where load and readings go; of the mock shop also its links.

    `own`: the Toxiproxy was started for this run, and so may be replaced; `server` is one that outlives it.
    """

    world: World
    endpoints: Endpoints
    links: Links | None = None
    toxiproxy: Toxiproxy | None = None
    own: bool = False
    server: Child | None = None


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
        http=canary_client(headers=plan.marks.headers(run.name)),
        seed=plan.seed,
        attackers=attack.commands_of(plan, links.director),
        logs=run / folder.LOGS,
    )
    return Standing(world=world, endpoints=links.endpoints, links=links, toxiproxy=toxiproxy, own=True)


def stand_before(table: ProcessTable, run: Path, plan: Plan, ground: LinkGround | None = None) -> Standing:
    """Return the world of a shop that the harness does not start: commands, its Toxiproxy, or its links.

    Links stand on `ground`: on a server that outlives the run, or on one of the run's own, which is started.
    Unreachable if that does not answer.
    """
    target = plan.target
    toxiproxy, listeners = Toxiproxy(target.toxiproxy or target.url), {}
    own = ground is not None and ground.running is None
    server = ground.running.server if ground and ground.running else None
    if ground is not None:
        toxiproxy, listeners = _links_toxiproxy(table, run, plan, ground), url_of_links(plan.links)
    elif target.toxiproxy:
        listeners = {name: state.url for name, state in toxiproxy.states().items()}
    links = {link.name: link for link in plan.links}
    world = World(
        run_id=run.name,
        provider_url="",
        director_url="",
        regions={},
        listeners=listeners,
        toxiproxy=toxiproxy if own else ForeignToxiproxy(toxiproxy, table, gone=partial(_gone, server)),
        processes=table,
        http=canary_client(headers=plan.marks.headers(run.name)),
        seed=plan.seed,
        logs=run / folder.LOGS,
        links=links,
        use=LinkUse(links, toxiproxy.received) if links else None,
    )
    endpoints = Endpoints(url=target.url, admin_urls=(target.admin_url or target.url,))
    there = toxiproxy if target.toxiproxy or plan.links else None
    return Standing(world=world, endpoints=endpoints, toxiproxy=there, own=own, server=server)


def _gone(server: Child | None) -> bool:
    return server is not None and process.find(server) is None


def _links_toxiproxy(table: ProcessTable, run: Path, plan: Plan, ground: LinkGround) -> Toxiproxy:
    """Return the server that has the plan's links, started if none runs; noted in the lease either way."""
    if ground.running is not None:
        table.know_server(ground.running.url, ground.running.server)
        return Toxiproxy(ground.running.url, timeout_s=_CALL_S)
    server = start_links(table, run / folder.LOGS, plan.links, ground)
    return Toxiproxy(server.url, timeout_s=_CALL_S)


def replacing(
    toxiproxy: Toxiproxy,
    table: ProcessTable,
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
