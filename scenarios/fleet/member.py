"""One worker as the master sees it."""

from dataclasses import dataclass, field
from enum import IntEnum

from rehearsal.model.clock import seconds
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.fleet.clock_offset import Exchange, Follower
from scenarios.fleet.messages import Hello, Ping, Pong
from scenarios.load_order import Progress


class Step(IntEnum):
    """How far a worker is."""

    CHARGED = 0
    BUILT = 1
    AGREED = 2
    READY = 3
    RUNNING = 4
    ENDED = 5


@dataclass(kw_only=True)
class Member:
    """A worker that was given stripe `worker`. `lost` says how it went, "" while it is there."""

    client: str
    worker: int
    hello: Hello
    here: bool
    heard_ns: int
    step: Step = Step.CHARGED
    progress: Progress = field(default_factory=lambda: Progress(state="starting"))
    clock: Follower = field(default_factory=Follower)
    lost: str = ""
    gone: bool = False
    lost_ns: int = 0
    missing_chunks: int = 0
    _pings: int = 0
    _asked: tuple[int, int] = (-1, 0)

    @property
    def name(self) -> str:
        """Return how a person knows this worker, to begin a sentence with."""
        return f"Worker {self.worker}" if self.here else f"Worker {self.worker} ({self.hello.host})"

    @property
    def done(self) -> bool:
        """Tell whether nothing more will come of this worker."""
        return self.step is Step.ENDED or self.gone

    @property
    def measured(self) -> bool:
        """Tell whether this worker's clock is to be asked from time to time."""
        return self.step >= Step.BUILT and not (self.here or self.lost or self.done)

    def ping(self, now_ns: int) -> Ping:
        """Return the next ping; an answer to an older one counts no more."""
        self._pings += 1
        self._asked = (self._pings, now_ns)
        return Ping(number=self._pings)

    def hear(self, pong: Pong, now_ns: int) -> bool:
        """Take an answer; tell whether the offset is known."""
        number, asked_ns = self._asked
        if pong.number != number:
            return False
        return self.clock.add(Exchange(asked_ns, pong.received_ns, pong.answered_ns, now_ns))

    def say(self, progress: Progress) -> None:
        """Take what the worker says of itself."""
        self.progress = progress
        if progress.state == "ready":
            self.step = max(self.step, Step.READY)

    def lose(self, why: str, now_ns: int, *, gone: bool) -> None:
        """Note that the worker is not heard any more; `gone`: and never will be."""
        self.gone = self.gone or gone
        if not self.lost or gone:
            self.lost = why
            self.lost_ns = self.lost_ns or now_ns

    def found(self) -> None:
        """Note that a worker thought lost is there after all."""
        self.lost, self.lost_ns = "", 0

    def record(self, origin_ns: int) -> WorkerRecord:
        """Return what run.json keeps."""
        first = self.clock.first
        return WorkerRecord(
            worker=self.worker,
            host=self.hello.host,
            pid=self.hello.pid,
            here=self.here,
            offset_ns=first.offset_ns if first else 0,
            uncertainty_ns=self.clock.uncertainty_ns,
            drift_ns=self.clock.drift_ns,
            missing_chunks=self.missing_chunks,
            lost=self.lost,
            lost_s=round(seconds(self.lost_ns - origin_ns), 3) if self.lost else 0.0,
        )
