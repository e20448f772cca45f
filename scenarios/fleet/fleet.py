"""The master's side of a drill with several load processes, as a value: messages in, messages out.

No socket, no clock, no file: `master` brings these, tests bring their own.
"""

from collections.abc import Callable, Iterator

import msgspec

from rehearsal.model.clock import NS_PER_S, seconds
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios.fleet.door import unwelcome
from scenarios.fleet.member import Member, Step
from scenarios.fleet.merged import merged
from scenarios.fleet.messages import (
    Acknowledged,
    Built,
    Charge,
    Chunk,
    Ended,
    Enough,
    FromWorker,
    Grow,
    Hello,
    Pong,
    Refused,
    Release,
    Said,
    Steer,
    ToWorker,
    Unfit,
)
from scenarios.load_order import FleetOrder, Growth, LoadOrder, Progress
from scenarios.recording.sink import Intake

#: A worker that is not heard for so long counts as lost. One stopped for three seconds is only late.
LOST_NS = 10 * NS_PER_S
_PING_EVERY_NS = NS_PER_S

_FORGOTTEN = "the drill lost sight of it; start the worker again."

Post = tuple[str, ToWorker]


class Fleet:
    """All workers of one drill. `failed` is the sentence that ends it, "" while it goes on."""

    def __init__(
        self,
        fleet: FleetOrder,
        order: LoadOrder,
        plan: bytes,
        *,
        machine: str,
        intake: Callable[[int], Intake],
    ) -> None:
        """Take the orders, the plan as JSON, this machine's clock by name, and where chunks are written."""
        self._fleet = fleet
        self._order = order
        self._plan = plan
        self._machine = machine
        self._intake = intake
        self._intakes: dict[int, Intake] = {}
        self._members: dict[int, Member] = {}
        self._clients: dict[str, Member] = {}
        self._pinged_ns = 0
        self._notes: list[str] = []
        self._noted = False
        self._grows = order.grows
        self.origin_ns = 0
        self.begun = False
        self.failed = ""

    @property
    def members(self) -> list[Member]:
        """Return the workers, by their stripes."""
        return [self._members[worker] for worker in sorted(self._members)]

    @property
    def complete(self) -> bool:
        """Tell whether every stripe has a worker that built the right schedule and whose clock is known."""
        return len(self._members) == self._fleet.workers and all(
            member.step >= Step.AGREED for member in self.members
        )

    @property
    def ready(self) -> bool:
        """Tell whether every worker's pool stands."""
        return self.complete and all(member.step >= Step.READY for member in self.members)

    @property
    def records(self) -> tuple[WorkerRecord, ...]:
        """Return what run.json keeps of each worker."""
        return tuple(member.record(self.origin_ns) for member in self.members)

    @property
    def share(self) -> int:
        """Return the users of each worker's pool: all alike, so that nobody has to say who gets one more."""
        return -(-self._order.pool // self._fleet.workers)

    def hear(self, client: str, message: FromWorker, now_ns: int) -> list[Post]:
        """Take a message and return what is to be sent."""
        member = self._clients.get(client)
        if isinstance(message, Hello):
            return [] if member else list(self._come(client, message, now_ns))
        if member is None or member.gone:
            return [(client, Refused(reason=_FORGOTTEN))]
        self.beat(client, now_ns)
        return [(client, post) for post in self._take(message, member, now_ns)]

    def beat(self, client: str, now_ns: int) -> None:
        """Take a sign of life: Locust's workers give one each second, whatever else they do."""
        member = self._clients.get(client)
        if member is not None and not member.gone:
            member.heard_ns = now_ns
            if member.lost:
                member.found()

    def release(self, origin_ns: int) -> list[Post]:
        """Let the run count from an instant of the master's clock."""
        self.origin_ns = origin_ns
        for member in self.members:
            member.step = Step.RUNNING
        return [(member.client, Release(origin_ns=origin_ns)) for member in self.members]

    def grow(self, growth: Growth) -> list[Post]:
        """Let the schedule go on."""
        return [(member.client, Grow(growth=growth)) for member in self.members if not member.done]

    def enough(self) -> list[Post]:
        """Let no more visits begin."""
        self._grows = False
        return [(member.client, Enough()) for member in self.members if not member.done]

    def tick(self, now_ns: int, lives: Callable[[Hello], bool]) -> list[Post]:
        """Look after everyone, a few times a second: who is lost, whose clock is to be asked again."""
        for member in self.members:
            if not member.done:
                self._look_after(member, now_ns, lives)
        if self.origin_ns and self.members and all(m.gone for m in self.members):
            self.failed = f"All {len(self.members)} workers are lost: {self.members[0].lost}."
        if now_ns - self._pinged_ns < _PING_EVERY_NS:
            return []
        self._pinged_ns = now_ns
        return [(member.client, member.ping(now_ns)) for member in self.members if member.measured]

    def over(self, now_ns: int) -> bool:
        """Tell whether nothing more is to come: all have ended, or are gone, or stay silent past the end."""
        past = bool(self.origin_ns) and not self._grows and now_ns > self.origin_ns + self._fleet.end_ns
        return self.ready and all(m.done or (past and bool(m.lost)) for m in self.members)

    def progress(self, now_ns: int) -> Progress:
        """Return the state of all as that of one."""
        at_s = seconds(now_ns - self.origin_ns) if self.origin_ns else 0.0
        members = self.members
        both = merged(members, state=self._state(now_ns), at_s=at_s, now_ns=now_ns, note=self._words())
        return msgspec.structs.replace(both, workers=self._fleet.workers)

    def told(self) -> None:
        """Take note that the progress was written: what it said of refusals gives way to the next."""
        self._noted = True

    def close(self) -> None:
        """Close what is written."""
        for intake in self._intakes.values():
            intake.close()

    def _state(self, now_ns: int) -> str:
        if self.failed:
            return "failed"
        if self.origin_ns:
            return "finished" if self.over(now_ns) else "running"
        if self.ready:
            return "ready"
        return "starting" if self.complete else "waiting"

    def _words(self) -> str:
        if self.failed or self.origin_ns:
            return self.failed
        hosts = ", ".join(member.hello.host or "?" for member in self.members)
        count = f"{len(self._members)} of {self._fleet.workers} workers have come"
        return " ".join((f"{count}{': ' if hosts else ''}{hosts}.", *dict.fromkeys(self._notes)))

    def _come(self, client: str, hello: Hello, now_ns: int) -> Iterator[Post]:
        worker = hello.worker if self._fleet.spawned else self._free()
        taken = worker in self._members or not 0 <= worker < self._fleet.workers
        if why := unwelcome(hello, self._fleet, machine=self._machine, taken=taken):
            self._note(f"A worker on {hello.host or 'an unnamed host'} was refused: {why}")
            yield client, Refused(reason=why)
            return
        here = bool(hello.machine) and hello.machine == self._machine
        member = Member(client=client, worker=worker, hello=hello, here=here, heard_ns=now_ns)
        self._members[worker] = self._clients[client] = member
        order = msgspec.structs.replace(
            self._order, worker=worker, workers=self._fleet.workers, pool=self.share
        )
        yield client, Charge(order=order, plan=self._plan, here=here)

    def _free(self) -> int:
        return next((k for k in range(self._fleet.workers) if k not in self._members), -1)

    def _take(self, message: FromWorker, member: Member, now_ns: int) -> list[ToWorker]:
        match message:
            case Built():
                return self._built(message, member, now_ns)
            case Pong():
                return self._pong(message, member, now_ns)
            case Chunk():
                return self._chunk(message, member)
            case Unfit() if self.origin_ns:
                member.lose(message.reason, now_ns, gone=True)
            case Unfit():
                return self._turn_away(member, message.reason)
            case Said():
                member.say(message.progress)
            case Ended():
                self._ended(message, member)
        return []

    def _built(self, message: Built, member: Member, now_ns: int) -> list[ToWorker]:
        if message.sha256 != self._fleet.sha256:
            why = (
                f"its schedule has the hash {message.sha256[:12]}, the drill's {self._fleet.sha256[:12]}; "
                "install the same version of the harness, curves included, on both."
            )
            return self._turn_away(member, why)
        member.step = Step.AGREED if member.here else Step.BUILT
        return [] if member.here else [member.ping(now_ns)]

    def _pong(self, message: Pong, member: Member, now_ns: int) -> list[ToWorker]:
        known = member.hear(message, now_ns)
        if not known or member.clock.now is None:
            return [] if member.step >= Step.AGREED else [member.ping(now_ns)]
        member.step = max(member.step, Step.AGREED)
        return [Steer(offset_ns=member.clock.now.offset_ns)]

    def _chunk(self, message: Chunk, member: Member) -> list[ToWorker]:
        if member.worker not in self._intakes:
            self._intakes[member.worker] = self._intake(member.worker)
        if not self._intakes[member.worker].take(message):
            return []
        return [Acknowledged(file=message.file, number=message.number)]

    def _ended(self, message: Ended, member: Member) -> None:
        member.step = Step.ENDED
        intake = self._intakes.get(member.worker)
        member.missing_chunks = intake.missing(message.chunks) if intake else sum(message.chunks.values())

    def _turn_away(self, member: Member, why: str) -> list[ToWorker]:
        self._drop(member, f"{member.name} cannot serve this drill: {why}")
        return [Refused(reason=why)]

    def _look_after(self, member: Member, now_ns: int, lives: Callable[[Hello], bool]) -> None:
        if member.here and not lives(member.hello):
            self._miss(member, now_ns, "its process ended", gone=True)
        elif now_ns - member.heard_ns > LOST_NS:
            self._miss(member, now_ns, f"not heard for {seconds(LOST_NS):g} s", gone=False)

    def _miss(self, member: Member, now_ns: int, why: str, *, gone: bool) -> None:
        member.lose(why, now_ns, gone=gone)
        if not self.origin_ns:
            self._drop(
                member, f"{member.name[:1].upper()}{member.name[1:]} was lost before the run began: {why}."
            )

    def _note(self, sentence: str) -> None:
        """Keep a sentence until a newer one has come: two of one quarter second are told together."""
        self._notes = [sentence] if self._noted else [*self._notes, sentence]
        self._noted = False

    def _drop(self, member: Member, sentence: str) -> None:
        """Give a stripe free again; once the pools are being filled, or without anyone else to come, fail."""
        self._note(sentence)
        self._members.pop(member.worker, None)
        self._clients.pop(member.client, None)
        if self.begun or self._fleet.spawned:
            self.failed = self.failed or sentence
