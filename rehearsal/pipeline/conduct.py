"""Plan and schedule → history: the shop stands, the load runs, the nemesis walks, all is taken down."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import httpx
import msgspec

from chaos.lease import state_dir
from chaos.preflight import Looked, shop_looked, toxiproxy_looked
from chaos.process_table import ProcessTable
from chaos.world import canary_client
from rehearsal.model.checks import sentence
from rehearsal.model.clock import Clock, nanoseconds
from rehearsal.model.history import Outcome
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline, starts_of, timeline_of
from rehearsal.pipeline import mock_shop
from rehearsal.pipeline.crew import ALONE, Crew
from rehearsal.pipeline.given import NOTHING, Given
from rehearsal.pipeline.ground import Ground
from rehearsal.pipeline.guard import Guard
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.hooks import Hooks, facts_of
from rehearsal.pipeline.link_server import LinkGround, own_words
from rehearsal.pipeline.load import Rally, end_load
from rehearsal.pipeline.logged import with_load
from rehearsal.pipeline.performance import Lead, Performance, Search
from rehearsal.pipeline.preflight import own_clocks, preflight
from rehearsal.pipeline.readings import Reader, reading_client
from rehearsal.pipeline.standing import Standing, replacing, stand_before, stand_up
from rehearsal.pipeline.stop import watch_of
from rehearsal.pipeline.watcher import Watcher
from rehearsal.process import Child
from rehearsal.rundir import folder
from rehearsal.rundir.protocol_log import ProtocolLog
from rehearsal.rundir.record import StopRecord
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.load_order import FleetOrder, LoadOrder
from scenarios.schedule import Schedule
from scenarios.shopper import basis_of
from scenarios.storefront import Endpoints, load_adapter
from scenarios.varied import varied_of

#: Healing is tried twice and then proven: so many commands may follow on one another.
_HEALED_TWICE = 4
_DONE_AND_UNDONE = 2


class Conducted(msgspec.Struct, frozen=True, kw_only=True):
    """What conducting a drill leaves besides its logs."""

    origin_ns: int
    readings: FinalReadings
    unhealed: tuple[str, ...]
    workers: tuple[WorkerRecord, ...] = ()
    tripped: StopRecord | None = None


class Conductor:
    """Conducts one drill in one run folder. Everything it starts ends with `conduct`."""

    def __init__(  # noqa: PLR0913 - all that a drill is led with comes together here
        self,
        run: Path,
        plan: Plan,
        given: Given = NOTHING,
        *,
        ground: Ground | LinkGround | None,
        clock: Clock,
        halt: Halt,
        watcher: Watcher,
        guard: Guard,
        search: Search | None = None,
    ) -> None:
        """Take the run's folder (schedule.json in it), plan, test data, ground, and who watches it.

        With a `search` the load grows, after the plan's last phase, by what the search appends.
        """
        self._run = run
        self._guard = guard
        self._given = given
        self._protocol = ProtocolLog(run, clock, given.mask)
        self._ground = ground
        self._plan = plan
        self._timeline: Timeline = timeline_of(plan)
        self._clock = clock
        self._halt = halt
        self._watcher = watcher
        self._search = search
        self._shop: Callable[[], Iterable[Child]] = tuple
        self._marks = plan.marks.headers(run.name)
        self.origin_ns = 0

    def conduct(self, defects: Sequence[str], crew: Crew = ALONE) -> Conducted:
        """Stand up, run, quiesce, read, take down. Whatever happens, nothing is left running or broken."""
        state, supervisor = state_dir(os.environ), self._guard.supervisor
        with (
            ProcessTable(
                state, run_id=self._run.name, run_dir=self._run.absolute(), supervisor=supervisor
            ) as table,
            reading_client(self._plan.target.ca_file, self._marks) as client,
        ):
            self._guard.on_new = table.set_supervisor
            self._guard.bear(longest_s(self._plan))
            self._enter(ProtocolStep.STAND_UP)
            standing = self._stand(table, defects)
            self._enter(ProtocolStep.PREFLIGHT)
            preflight(self._looks(standing), self._protocol)
            with self._hooks(table, standing.endpoints.url).around(lambda: end_load(table)):
                conducted = self._rehearse(table, standing, client, crew)
            self._enter(ProtocolStep.TAKE_DOWN)
            self._watcher.stage("Taking everything down.")
        return conducted

    def _rehearse(
        self, table: ProcessTable, standing: Standing, client: httpx.Client, crew: Crew
    ) -> Conducted:
        """Send the load and walk the faults, then read the shop's final state."""
        rally = Rally(table, self._run, crew, halt=self._halt, watcher=self._watcher)
        order = with_load(self._order(standing.endpoints), self._plan, self._run)
        load = rally.start(order, self._fleet(crew))
        if use := standing.world.use:
            use.begin()
        self.origin_ns = self._clock.now_ns() + nanoseconds(crew.lead_s)
        if isinstance(self._ground, Ground) and self._plan.has_sale:
            mock_shop.open_sale(self._ground.links, *self._sale())
        endpoints = msgspec.structs.replace(standing.endpoints, secrets=self._given.secrets)
        reader = Reader(load_adapter(self._plan.target.adapter), endpoints, client)
        performance = Performance(
            self._lead(), load, reader, self._armed(standing, table), table, search=self._search
        )
        unhealed = performance.perform(self._shop)
        workers = rally.dismiss(load)
        self._watcher.stage("Load has ended; waiting until every payment and reservation is decided.")
        readings = reader.settled(self._plan.limits.quiesce_s, self._halt.check, self._enter)
        return Conducted(
            origin_ns=self.origin_ns,
            readings=readings,
            unhealed=unhealed,
            workers=workers,
            tripped=performance.tripped,
        )

    def _hooks(self, table: ProcessTable, url: str) -> Hooks:
        return Hooks(
            commands=self._plan.hooks,
            table=table,
            facts=facts_of(self._plan, self._run.name, url),
            protocol=self._protocol,
            clock=self._clock,
            halt=self._halt,
            tell=self._watcher.stage,
            mask=self._given.mask,
        )

    def _sale(self) -> tuple[int, int]:
        """Return when the sale opens and closes (0: never), on the machine's clock."""
        sale = self._plan.sale
        opens_ns = self.origin_ns + self._timeline.window_of(sale.opens_with).start_ns
        if not sale.closes_with:
            return opens_ns, 0
        return opens_ns, self.origin_ns + self._timeline.window_of(sale.closes_with).start_ns

    def _enter(self, step: ProtocolStep, note: str = "") -> None:
        self._guard.sign()
        self._protocol.begin(step, note)

    def _stand(self, table: ProcessTable, defects: Sequence[str]) -> Standing:
        if not isinstance(self._ground, Ground):
            if self._ground is not None and self._ground.running is None:
                self._watcher.stage(sentence(own_words(self._plan.links)))
            return stand_before(table, self._run, self._plan, self._ground)
        self._watcher.stage("Standing up Toxiproxy and the mock shop.")
        standing = stand_up(table, self._run, self._plan, self._ground, defects=defects)
        self._shop = lambda: filter(mock_shop.is_of_shop, table.lease.children)
        return standing

    def _told(self, words: str, since_ns: int) -> None:
        """Write down that Toxiproxy was replaced."""
        self._protocol.tell(ProtocolStep.REPLACED, words, outcome=Outcome.INFO, since_ns=since_ns)
        self._watcher.stage(f"{words}.")

    def _looks(self, standing: Standing) -> Iterator[Looked]:
        yield own_clocks()
        with canary_client(headers=self._marks) as http:
            if standing.links is None:
                yield from shop_looked(http, self._plan.target.url)
            if standing.toxiproxy is not None:
                names = [fault.listener for fault in self._plan.faults if fault.listener]
                links = standing.world.links
                if links and standing.own:
                    yield Looked(name="links", good=True, saw=own_words(self._plan.links))
                theirs = None if standing.links else (tuple(links) or names)
                yield from toxiproxy_looked(standing.toxiproxy, http, theirs, links)

    def _armed(self, standing: Standing, table: ProcessTable) -> Standing:
        """Return what stands with a Toxiproxy that is replaced when it hangs, and commands masked."""
        quiet = replace(standing.world, mask=self._given.mask)
        standing = msgspec.structs.replace(standing, world=quiet)
        if standing.toxiproxy is None or not standing.own:
            return standing
        own = replacing(standing.toxiproxy, table, now_ns=self._clock.now_ns, tell=self._told)
        return msgspec.structs.replace(standing, world=replace(standing.world, toxiproxy=own))

    def _lead(self) -> Lead:
        return Lead(
            run=self._run,
            plan=self._plan,
            timeline=self._timeline,
            clock=self._clock,
            origin_ns=self.origin_ns,
            halt=self._halt,
            watcher=self._watcher,
            protocol=self._protocol,
            guard=self._guard,
            mask=self._given.mask,
        )

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
            run=self._run.name,
            headers=self._marks,
            mail_domain=plan.marks.mail_domain,
            data=self._given.tables,
            secrets=self._given.sources,
            phases=starts_of(self._timeline),
            varied=varied_of(self._timeline),
            grows=self._search is not None,
            end_ns=self._timeline.end_ns if self._search is None else 0,
            watch=watch_of(plan.stop),
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


def longest_s(plan: Plan) -> float:
    """Return how long a step may take without a sign of life: a team's own commands have their own times."""
    commands = [_HEALED_TWICE * fault.command.timeout_s for fault in plan.faults if fault.command]
    # At the end of the load those of contingency plans are waited for: to be carried out, and to be undone.
    commands += [_DONE_AND_UNDONE * each.within_s for each in plan.contingencies if each.action == "command"]
    if plan.hooks.before or plan.hooks.after:
        commands.append(plan.hooks.timeout_s)
    return max(commands, default=0.0)
