"""Load and faults, from the first visit to the plan's end or to a stop condition that is met."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from chaos.catalogue import drills_of
from chaos.lease import TOXIPROXY
from chaos.nemesis import Course, walk
from chaos.process_table import ProcessTable
from chaos.world import World
from rehearsal import process
from rehearsal.model.clock import Clock, nanoseconds, seconds
from rehearsal.model.errors import BrokenOff, Tripped
from rehearsal.model.history import Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.secrets import Masker
from rehearsal.model.timeline import Timeline
from rehearsal.pipeline.contingency import Contingencies, appointments
from rehearsal.pipeline.deeds import deed_of
from rehearsal.pipeline.gauges import Gauges
from rehearsal.pipeline.guard import Guard
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.lost_orders import LostOrders
from rehearsal.pipeline.mock_resources import gauges_of
from rehearsal.pipeline.observe import Observer
from rehearsal.pipeline.readings import Reader
from rehearsal.pipeline.standing import Standing
from rehearsal.pipeline.stop import StopConditions
from rehearsal.pipeline.watcher import Watcher
from rehearsal.process import Child
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog
from rehearsal.rundir.protocol_log import ProtocolLog
from rehearsal.rundir.record import StopRecord
from scenarios.closing import LAST_VISITS_S
from scenarios.driver import Load
from scenarios.load_order import Progress

#: The load process ends its visits by itself, whatever the shop does; what goes on so long after that is not
#: the shop's doing, and nobody knows what the rest of the history is worth.
_LAST_VISITS_S = LAST_VISITS_S + 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """What a run is led by: its folder and plan, its time, who watches and is told, and what they are not."""

    run: Path
    plan: Plan
    timeline: Timeline
    clock: Clock
    origin_ns: int
    halt: Halt
    watcher: Watcher
    protocol: ProtocolLog
    guard: Guard
    mask: Masker

    def enter(self, step: ProtocolStep, note: str = "") -> None:
        """Say that a step begins."""
        self.guard.sign()
        self.protocol.begin(step, note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a search for capacity is made on: the load that stands, the shop, time, and who is told.

    `gauges` read what the shop uses meanwhile.
    """

    run: Path
    load: Load
    clock: Clock
    origin_ns: int
    halt: Halt
    look: Callable[[], None]
    world: World
    gauges: Gauges
    record: Callable[[Row], None]
    enter: Callable[[ProtocolStep, str], None]
    watcher: Watcher


#: A search for capacity; it returns what could not be healed.
Search = Callable[[Stage], tuple[str, ...]]


class Performance:
    """One run of load and faults. `tripped` says which stop condition was met, if one was."""

    def __init__(
        self,
        lead: Lead,
        load: Load,
        reader: Reader,
        standing: Standing,
        table: ProcessTable,
        search: Search | None = None,
    ) -> None:
        """Take who leads, the load that stands ready, the shop's readings, the shop and its processes.

        A `search` for capacity comes after the plan's last phase, and returns what could not be healed.
        """
        self._lead = lead
        self._load = load
        self._reader = reader
        self._standing = standing
        self._table = table
        self._search = search
        self._record: Callable[[Row], None] = lambda _: None
        self.tripped: StopRecord | None = None

    def perform(self, processes: Callable[[], Iterable[Child]]) -> tuple[str, ...]:
        """Release the load, walk faults and contingency plans, and return what could not be healed.

        `processes` are the shop's own, to be watched.
        """
        log = HistoryLog(self._lead.run / folder.CONDUCTOR_LOG)

        def record(row: Row) -> None:
            log.append(row)
            log.flush()

        self._record = record

        def show(row: Row) -> None:
            record(row)
            self._lead.watcher.fault(row)

        observer = self._observer(record, processes)
        contingencies = self._contingencies(show)
        try:
            with observer, self._lost_orders() as lost:
                self._lead.watcher.stage("The load runs.")
                self._lead.enter(ProtocolStep.BASELINE)
                self._load.release(self._lead.origin_ns)
                look = self._looker(lost)
                try:
                    with contingencies:
                        return self._walk(look, show)
                except Tripped as tripped:
                    # By now everything is healed, and no visit begins any more.
                    self._await_end(self._looker(None))
                    return tuple(getattr(tripped, "__notes__", ()))
        finally:
            log.close()

    def _observer(self, record: Callable[[Row], None], processes: Callable[[], Iterable[Child]]) -> Observer:
        lead, sku = self._lead, self._lead.plan.sale.sku
        return Observer(
            lead.clock,
            lead.origin_ns,
            record,
            sku=sku,
            stock=lambda: self._reader.stock(sku),
            processes=processes,
        )

    def _contingencies(self, show: Callable[[Row], None]) -> Contingencies:
        lead = self._lead
        return Contingencies(
            appointments(lead.plan.contingencies, lead.timeline),
            lambda each, over: deed_of(each, self._standing.links, self._table, over, mask=lead.mask),
            clock=lead.clock,
            origin_ns=lead.origin_ns,
            record=show,
        )

    def _walk(self, look: Callable[[], None], record: Callable[[Row], None]) -> tuple[str, ...]:
        lead = self._lead
        course = Course(
            clock=lead.clock,
            origin_ns=lead.origin_ns,
            wait=lambda instant_ns: lead.halt.wait_until(instant_ns, lead.clock, look),
            record=record,
            enter=lead.enter,
        )
        unhealed = walk(lead.timeline.faults, drills_of(lead.timeline.faults, self._standing.world), course)
        course.wait(lead.origin_ns + lead.timeline.end_ns)
        if self._search is not None and not unhealed:
            unhealed = self._searched(self._search, record)
        self._await_end(look)
        return unhealed

    def _searched(self, search: Search, record: Callable[[Row], None]) -> tuple[str, ...]:
        """Search for capacity on the load that stands; its stop conditions are another's affair by then."""
        lead, standing = self._lead, self._standing
        gauges = gauges_of(
            lead.plan,
            standing.links,
            clock=lead.clock,
            origin_ns=lead.origin_ns,
            record=self._record,
            headers=lead.plan.marks.headers(lead.run.name),
        )
        stage = Stage(
            run=lead.run,
            load=self._load,
            clock=lead.clock,
            origin_ns=lead.origin_ns,
            halt=lead.halt,
            look=self._looker(None),
            world=standing.world,
            gauges=gauges,
            record=record,
            enter=lead.enter,
            watcher=lead.watcher,
        )
        try:
            with gauges:
                return search(stage)
        finally:
            self._load.end()

    def _lost_orders(self) -> LostOrders:
        stop = self._lead.plan.stop
        return LostOrders(
            self._lead.run,
            lambda: self._reader.final().orders,
            clock=self._lead.clock,
            origin_ns=self._lead.origin_ns,
            after_s=stop.lost_after_s,
            wanted=stop.orders_lost is not None,
        )

    def _looker(self, lost: LostOrders | None) -> Callable[[], None]:
        """Return what is looked at while the drill waits; without `lost` no stop condition is."""
        conditions = StopConditions(self._lead.plan.stop, lambda: lost.count if lost else 0)

        def look() -> None:
            self._lead.guard.sign()
            progress = self._load.poll()
            self._lead.watcher.progress(progress)
            if self._standing.own and self._table.exit_code(TOXIPROXY) is not None:
                # Every way into the shop is gone with it: what fails from here on is not the shop's fault.
                raise BrokenOff("Toxiproxy died while the load ran; logs/toxiproxy.log may say why.")
            server = self._standing.server
            if server is not None and process.find(server) is None:
                raise BrokenOff("The links went down while the load ran: keep `rehearse links up` running.")
            if lost is not None:
                self._heed(conditions, progress)

        return look

    def _heed(self, conditions: StopConditions, progress: Progress) -> None:
        """Let no more visits begin, and Tripped go on to whoever heals, once a condition is met."""
        try:
            conditions.look(progress)
        except Tripped as tripped:
            self.tripped = StopRecord(
                condition=tripped.condition,
                at_s=round(seconds(self._lead.clock.now_ns() - self._lead.origin_ns), 3),
                summary=str(tripped),
                measured=tripped.measured,
                limit=tripped.limit,
                unit=tripped.unit,
            )
            self._lead.protocol.tell(
                ProtocolStep.STOP, f"{tripped.condition}: {tripped}", outcome=Outcome.FAIL
            )
            self._lead.watcher.stage(
                f"The plan's stop condition {tripped.condition} is met: {tripped}. Healing."
            )
            self._load.end()
            raise

    def _await_end(self, look: Callable[[], None]) -> None:
        clock = self._lead.clock
        last_ns = clock.now_ns() + nanoseconds(_LAST_VISITS_S)
        while (latest := self._load.latest).state != "finished":
            if clock.now_ns() > last_ns:
                raise BrokenOff(_endless(latest.in_flight))
            self._lead.halt.wait_until(clock.now_ns() + nanoseconds(0.1), clock, look)


def _endless(visits: int) -> str:
    """Return what is to be said of visits that the load process could not end."""
    return (
        f"{visits} visits had not ended after {_LAST_VISITS_S:g} s. No answer of the shop's was waited for "
        "by then: see whether the adapter waits for something else (a sleep, a loop without a request)."
    )
