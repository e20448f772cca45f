"""Plan and schedule → history: the shop stands, the load runs, the nemesis walks, all is taken down."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from chaos.catalogue import drills_of
from chaos.lease import TOXIPROXY, state_dir
from chaos.nemesis import Course, walk
from chaos.preflight import Looked, shop_looked, toxiproxy_looked
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy, start_server
from chaos.world import Region, World, canary_client
from rehearsal.model.clock import Clock, nanoseconds
from rehearsal.model.errors import BrokenOff
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline, starts_of, timeline_of
from rehearsal.pipeline import mock_shop, ports
from rehearsal.pipeline.crew import ALONE, Crew
from rehearsal.pipeline.ground import Ground
from rehearsal.pipeline.guard import Guard
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.load import Rally
from rehearsal.pipeline.observe import Observer
from rehearsal.pipeline.preflight import own_clocks, preflight
from rehearsal.pipeline.readings import Reader, reading_client
from rehearsal.pipeline.strangers import with_locustfile
from rehearsal.pipeline.watcher import Watcher
from rehearsal.process import Child
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog
from rehearsal.rundir.protocol_log import ProtocolLog
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.driver import Load
from scenarios.load_order import FleetOrder, LoadOrder
from scenarios.schedule import Schedule
from scenarios.shopper import basis_of
from scenarios.storefront import Endpoints, load_adapter

_LAST_VISITS_S = 30.0


class Conducted(msgspec.Struct, frozen=True, kw_only=True):
    """What conducting a drill leaves besides its logs."""

    origin_ns: int
    readings: FinalReadings
    unhealed: tuple[str, ...]
    workers: tuple[WorkerRecord, ...] = ()


class Conductor:
    """Conducts one drill in one run folder. Everything it starts ends with `conduct`."""

    def __init__(  # noqa: PLR0913 - all that a drill is led with comes together here
        self,
        run: Path,
        plan: Plan,
        *,
        ground: Ground | None,
        clock: Clock,
        halt: Halt,
        watcher: Watcher,
        guard: Guard,
    ) -> None:
        """Take the run's folder (schedule.json in it), the plan, its ground, and who watches it."""
        self._run = run
        self._guard = guard
        self._protocol = ProtocolLog(run, clock)
        self._ground = ground
        self._plan = plan
        self._timeline: Timeline = timeline_of(plan)
        self._clock = clock
        self._halt = halt
        self._watcher = watcher
        self._toxiproxy_log = run / folder.LOGS / "toxiproxy.log"
        self._shop: Callable[[], Iterable[Child]] = tuple
        self.origin_ns = 0

    def conduct(self, defects: Sequence[str], crew: Crew = ALONE) -> Conducted:
        """Stand up, run, quiesce, read, take down. Whatever happens, nothing is left running or broken."""
        state, supervisor = state_dir(os.environ), self._guard.supervisor
        with (
            ProcessTable(
                state, run_id=self._run.name, run_dir=self._run.absolute(), supervisor=supervisor
            ) as table,
            reading_client(self._plan.target.ca_file) as client,
        ):
            self._guard.on_new = table.set_supervisor
            self._enter(ProtocolStep.STAND_UP)
            world, endpoints = self._stand_up(table, defects)
            self._enter(ProtocolStep.PREFLIGHT)
            preflight(self._looks(world), self._protocol)
            rally = Rally(table, self._run, crew, halt=self._halt, watcher=self._watcher)
            load = rally.start(with_locustfile(self._order(endpoints), self._plan), self._fleet(crew))
            self.origin_ns = self._clock.now_ns() + nanoseconds(crew.lead_s)
            if self._ground is not None and self._plan.has_sale:
                opens_ns = self._timeline.window_of(self._plan.sale.opens_with).start_ns
                mock_shop.open_sale(self._ground.links, self.origin_ns + opens_ns)
            reader = Reader(load_adapter(self._plan.target.adapter), endpoints, client)
            unhealed = self._rehearse(load, reader, world)
            workers = rally.dismiss(load)
            self._watcher.stage("Load has ended; waiting until every payment and reservation is decided.")
            readings = reader.settled(self._plan.limits.quiesce_s, self._halt.check, self._enter)
            self._enter(ProtocolStep.TAKE_DOWN)
            self._watcher.stage("Taking everything down.")
        return Conducted(origin_ns=self.origin_ns, readings=readings, unhealed=unhealed, workers=workers)

    def _enter(self, step: ProtocolStep, note: str = "") -> None:
        self._guard.sign()
        self._protocol.begin(step, note)

    def _stand_up(self, table: ProcessTable, defects: Sequence[str]) -> tuple[World | None, Endpoints]:
        target = self._plan.target
        if self._ground is None:
            return None, Endpoints(url=target.url, admin_urls=(target.admin_url or target.url,))
        self._watcher.stage("Standing up Toxiproxy and the mock shop.")
        links, binary = self._ground.links, self._ground.toxiproxy.path
        port = ports.port_of(links.toxiproxy)
        toxiproxy = start_server(table, binary, port, log=self._toxiproxy_log, label=TOXIPROXY)
        table.set_toxiproxy(links.toxiproxy)
        mock_shop.create_listeners(toxiproxy, links)
        mock_shop.start_shop(table, self._run, self._plan, links, defects)
        self._shop = lambda: filter(mock_shop.is_of_shop, table.lease.children)
        world = World(
            run_id=self._run.name,
            provider_url=links.provider,
            director_url=links.director,
            regions={
                name: Region(url=url, processes=mock_shop.processes_of(name))
                for name, url in links.regions.items()
            },
            listeners=links.listeners,
            toxiproxy=toxiproxy,
            processes=table,
        )
        return world, links.endpoints

    def _looks(self, world: World | None) -> Iterator[Looked]:
        yield own_clocks()
        with canary_client() as http:
            if world is None:
                yield from shop_looked(http, self._plan.target.url)
            elif isinstance(world.toxiproxy, Toxiproxy):
                yield from toxiproxy_looked(world.toxiproxy, http)

    def _order(self, endpoints: Endpoints) -> LoadOrder:
        plan = self._plan
        return LoadOrder(
            adapter=plan.target.adapter,
            endpoints=endpoints,
            basis=basis_of(plan),
            seed=plan.seed,
            pool=plan.traffic.pool,
            allow=plan.target.allow,
            ca_file=plan.target.ca_file and str(Path(plan.target.ca_file).absolute()),
            phases=starts_of(self._timeline),
        )

    def _fleet(self, crew: Crew) -> FleetOrder:
        return FleetOrder(
            workers=crew.workers,
            sha256=folder.read_json(self._run / folder.SCHEDULE, Schedule).sha256,
            end_ns=self._timeline.end_ns,
            spawned=not crew.elsewhere,
            here_only=self._plan.target.shop == "mock",
            host=crew.host,
            port=crew.port if crew.elsewhere else 0,
        )

    def _rehearse(self, load: Load, reader: Reader, world: World | None) -> tuple[str, ...]:
        log = HistoryLog(self._run / folder.CONDUCTOR_LOG)

        def record(row: Row) -> None:
            log.append(row)
            log.flush()

        def record_fault(row: Row) -> None:
            record(row)
            self._watcher.fault(row)

        sku = self._plan.sale.sku
        observer = Observer(
            self._clock,
            self.origin_ns,
            record,
            sku=sku,
            stock=lambda: reader.stock(sku),
            processes=self._shop,
        )
        try:
            with observer:
                self._watcher.stage("The load runs.")
                self._enter(ProtocolStep.BASELINE)
                load.release(self.origin_ns)
                look = self._looker(load, world)
                unhealed: tuple[str, ...] = ()
                if world is not None:
                    unhealed = walk(
                        self._timeline.faults,
                        drills_of(self._timeline.faults, world),
                        Course(
                            clock=self._clock,
                            origin_ns=self.origin_ns,
                            wait=lambda instant_ns: self._halt.wait_until(instant_ns, self._clock, look),
                            record=record_fault,
                            enter=self._enter,
                        ),
                    )
                self._await_end(load, look)
        finally:
            log.close()
        return unhealed

    def _looker(self, load: Load, world: World | None) -> Callable[[], None]:
        def look() -> None:
            self._guard.sign()
            self._watcher.progress(load.poll())
            if world is not None and world.processes.exit_code(TOXIPROXY) is not None:
                # Every way into the shop is gone with it: what fails from here on is not the shop's fault.
                raise BrokenOff(f"Toxiproxy died while the load ran; {self._toxiproxy_log} may say why.")

        return look

    def _await_end(self, load: Load, look: Callable[[], None]) -> None:
        end_ns = self.origin_ns + self._timeline.end_ns
        self._halt.wait_until(end_ns, self._clock, look)
        last_ns = end_ns + nanoseconds(_LAST_VISITS_S)
        while load.latest.state != "finished":
            if self._clock.now_ns() > last_ns:
                raise BrokenOff(
                    f"{load.latest.in_flight} visits had not ended {_LAST_VISITS_S:g} s after the last phase."
                )
            self._halt.wait_until(self._clock.now_ns() + nanoseconds(0.1), self._clock, look)
