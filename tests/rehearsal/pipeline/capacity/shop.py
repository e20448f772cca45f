"""A load and a shop for searches without processes: visits are served as the schedule grows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import Stopped
from rehearsal.model.history import Drop, Kind, Outcome, Row
from rehearsal.pipeline.capacity.growing import Growing
from rehearsal.pipeline.halt import Halt
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import HistoryLog
from scenarios.load_order import Progress
from tests.conftest import StillClock

ORIGIN_NS = 1_000_000_000
#: Each visit makes so many requests, one after another.
PER_VISIT = 2


@dataclass
class Shop:
    """Serves every visit that is due by now: slowly beyond `most_per_s`, and drops it where told.

    `stuck` visits never end; of two load processes `alive` are there.
    """

    run: Path
    growing: Growing
    clock: StillClock = field(default_factory=lambda: StillClock(at_ns=ORIGIN_NS))
    most_per_s: float = 1e9
    drops: Callable[[int], bool] = lambda _: False
    stuck: int = 0
    stop_at_ns: int | None = None
    served: int = 0
    alive: int = 2

    @property
    def latest(self) -> Progress:
        """Return what the load process says of itself."""
        at_s = (self.clock.at_ns - ORIGIN_NS) / NS_PER_S
        return Progress(state="running", at_s=at_s, in_flight=self.stuck, workers=2, alive=self.alive)

    def look(self) -> None:
        """Serve what is due, and write it down."""
        now_ns = self.clock.at_ns - ORIGIN_NS
        log = HistoryLog(self.run / folder.load_log(0))
        due = self.growing.schedule.due_ns
        while self.served < len(due) and due[self.served] <= now_ns:
            for row in self._rows(self.served, due[self.served]):
                log.append(row)
            self.served += 1
        log.close()

    def halt(self) -> Halt:
        """Return a flag whose waiting moves the clock."""
        shop = self

        class Jumping(Halt):
            def wait_until(self, instant_ns: int, clock: object, look: Callable[[], object]) -> None:
                if shop.stop_at_ns is not None and instant_ns > shop.stop_at_ns:
                    raise Stopped("stopped")
                shop.clock.at_ns = max(shop.clock.at_ns + 1, instant_ns)
                look()

        return Jumping()

    def _rows(self, index: int, due_ns: int) -> list[Row]:
        if self.drops(index):
            return [Row(kind=Kind.DROP, f=Drop.POOL_EXHAUSTED, visit=index, due_ns=due_ns, sent_ns=due_ns)]
        phase = self.growing.timeline.phase_at(due_ns)
        rate_per_s = (phase.rate or 0.0) * self.growing.plan.traffic.normal
        took_ns = 2 * NS_PER_S if rate_per_s > self.most_per_s else NS_PER_S // 50
        rows = [
            Row(
                kind=Kind.OP,
                f="product",
                visit=index,
                region="a",
                due_ns=due_ns + step,
                sent_ns=due_ns + step,
                done_ns=due_ns + step + took_ns,
                outcome=Outcome.OK,
            )
            for step in range(PER_VISIT)
        ]
        visit = Row(
            kind=Kind.VISIT, f="browse", visit=index, due_ns=due_ns, sent_ns=due_ns, done_ns=due_ns + took_ns
        )
        return [*rows, visit]
