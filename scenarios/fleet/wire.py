"""What a worker hears from its master, and tells it, over Locust's messages."""

import time
from typing import Any

import gevent.queue
from locust.runners import WorkerRunner

from rehearsal.model.clock import Clock, SystemClock
from scenarios.fleet.clock_offset import SteeredClock
from scenarios.fleet.messages import (
    CHANNEL,
    Acknowledged,
    Charge,
    Enough,
    FromWorker,
    Grow,
    Ping,
    Pong,
    Refused,
    Release,
    Said,
    Steer,
    ToWorker,
    encode,
    to_worker,
)
from scenarios.load_order import Growth, Progress
from scenarios.recording.sink import MessageSink

#: A master that is not heard for so long has vanished, and nobody leads the load any more.
VANISHED_S = 10.0


class Wire:
    """The connection to a master, as a Link for `Rehearsed`."""

    def __init__(self, runner: WorkerRunner) -> None:
        """Take Locust's runner, connected."""
        self._runner = runner
        self._own = SystemClock()
        self._steered = SteeredClock(self._own, 0)
        self._origin_ns = 0
        self._enough = False
        self._grown: list[Growth] = []
        self.clock: Clock = self._own
        self.charges: gevent.queue.Queue[Charge] = gevent.queue.Queue()
        self.sink: MessageSink | None = None
        self.refused = ""
        self.heard_s = time.monotonic()
        runner.register_message(CHANNEL, self._hear)
        events: Any = runner.environment.events
        events.heartbeat_received.add_listener(self._beat)

    @property
    def elsewhere(self) -> bool:
        """Tell whether the master is on another machine, whose clock this process counts on."""
        return self.clock is self._steered

    @property
    def vanished(self) -> bool:
        """Tell whether the master has not been heard for too long."""
        return time.monotonic() - self.heard_s > VANISHED_S

    def send(self, message: FromWorker) -> None:
        """Send a message."""
        self._runner.send_message(CHANNEL, {"body": encode(message)})

    def say(self, progress: Progress) -> None:
        """Tell the master how far this process is."""
        self.send(Said(progress=progress))

    def origin_ns(self) -> int:
        """Return the origin, 0 while it is not known."""
        return self._origin_ns

    def enough(self) -> bool:
        """Tell whether the master has said that no more visits are to begin."""
        return self._enough

    def grown(self) -> list[Growth]:
        """Return what the master has sent of the schedule since this was asked last."""
        grown, self._grown = self._grown, []
        return grown

    def steered(self) -> None:
        """Count on the master's clock from now on, not on this machine's."""
        self.clock = self._steered

    def _answer(self, ping: Ping, received_ns: int) -> None:
        answered_ns = self._own.now_ns()
        self.send(Pong(number=ping.number, received_ns=received_ns, answered_ns=answered_ns))

    def _beat(self, **_: Any) -> None:
        self.heard_s = time.monotonic()

    def _hear(self, msg: Any, **_: Any) -> None:
        received_ns = self._own.now_ns()
        self._beat()
        message: ToWorker = to_worker((msg.data or {}).get("body"))
        match message:
            case Ping():
                self._answer(message, received_ns)
            case Steer():
                # Nothing counts on this clock before the origin, so until then it may jump.
                (self._steered.steer if self._origin_ns else self._steered.set)(message.offset_ns)
            case Acknowledged() if self.sink is not None:
                self.sink.acknowledge(message.file, message.number)
            case Charge():
                self.charges.put(message)
            case Refused():
                self.refused = message.reason
            case _:
                self._obey(message)

    def _obey(self, message: ToWorker) -> None:
        """Take what says when the load begins, goes on and ends."""
        match message:
            case Release():
                self._origin_ns = message.origin_ns
            case Grow():
                self._grown.append(message.growth)
            case Enough():
                self._enough = True
