import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import pytest
from locust.runners import WorkerRunner

from rehearsal.model.errors import RehearsalError
from scenarios.fleet import wire as subject
from scenarios.fleet.messages import (
    CHANNEL,
    Acknowledged,
    Charge,
    Chunk,
    Enough,
    FromWorker,
    Ping,
    Pong,
    Refused,
    Release,
    Said,
    Steer,
    ToWorker,
    encode,
    from_worker,
)
from scenarios.fleet.wire import Wire
from scenarios.fleet.worker import schedule_of
from scenarios.load_order import LoadOrder, Progress
from scenarios.recording.sink import MessageSink
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

ORDER = LoadOrder(
    adapter="a:B",
    endpoints=Endpoints(url="http://shop"),
    basis=Basis(sale_sku="flash", limit_per_shopper=2, think_s=0.3),
    seed=7,
    pool=100,
)


@dataclass
class Runner:
    """Locust's runner as far as a wire knows it."""

    sent: list[FromWorker] = field(default_factory=list)
    hear: Callable[..., None] = lambda **_: None
    beat: list[Callable[..., None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        hook = SimpleNamespace(add_listener=self.beat.append)
        self.environment = SimpleNamespace(events=SimpleNamespace(heartbeat_received=hook))

    def register_message(self, name: str, listener: Callable[..., None]) -> None:
        """Remember who listens."""
        assert name == CHANNEL
        self.hear = listener

    def send_message(self, name: str, data: dict[str, Any]) -> None:
        """Remember what is sent."""
        assert name == CHANNEL
        self.sent.append(from_worker(data["body"]))

    def deliver(self, message: ToWorker) -> None:
        """Let the master say something."""
        self.hear(msg=SimpleNamespace(data={"body": encode(message)}))


@pytest.fixture
def runner() -> Runner:
    """Return a runner."""
    return Runner()


@pytest.fixture
def wire(runner: Runner) -> Wire:
    """Return a wire over it."""
    return Wire(cast("WorkerRunner", runner))


def test_a_ping_is_answered_at_once_on_the_own_clock(runner: Runner, wire: Wire) -> None:
    """Two instants of this machine's clock, in order."""
    wire.steered()
    runner.deliver(Ping(number=3))

    (pong,) = runner.sent
    assert isinstance(pong, Pong)
    assert (pong.number, 0 < pong.received_ns <= pong.answered_ns) == (3, True)


def test_the_clock_jumps_before_the_origin_and_slews_after_it(runner: Runner, wire: Wire) -> None:
    """Once instants are counted, none may be taken back."""
    hour_ns = 3_600_000_000_000
    own_ns = wire.clock.now_ns()
    assert not wire.elsewhere
    wire.steered()
    assert wire.elsewhere
    runner.deliver(Steer(offset_ns=hour_ns))
    assert abs(own_ns - hour_ns - wire.clock.now_ns()) < 10 * 10**9
    runner.deliver(Release(origin_ns=5))
    before_ns = wire.clock.now_ns()
    runner.deliver(Steer(offset_ns=2 * hour_ns))

    assert wire.origin_ns() == 5
    assert wire.clock.now_ns() >= before_ns


def test_what_the_master_says_is_kept_for_whoever_needs_it(runner: Runner, wire: Wire) -> None:
    """Order, refusal, acknowledgement."""
    charge = Charge(order=ORDER, plan=b"{}")
    runner.deliver(charge)
    runner.deliver(Refused(reason="too late"))
    runner.deliver(Acknowledged(file="history", number=0))
    wire.sink = MessageSink(wire.send)
    wire.sink.history(b"row\n")
    wire.sink.flush()
    runner.deliver(Acknowledged(file="history", number=0))
    wire.say(Progress(state="ready"))

    assert (wire.charges.get(block=False), wire.refused) == (charge, "too late")
    assert runner.sent == [
        Chunk(file="history", number=0, content=b"row\n"),
        Said(progress=Progress(state="ready")),
    ]


def test_a_master_vanishes_by_silence_and_a_heartbeat_is_enough(
    runner: Runner, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Locust's own heartbeats count as words."""
    now_s = wire.heard_s
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    assert not wire.vanished
    now_s += subject.VANISHED_S + 1
    assert wire.vanished
    (beat,) = runner.beat
    beat(client_id="w", timestamp=0)

    assert not wire.vanished


@pytest.mark.parametrize("data", [None, {}, {"body": b"\xff"}], ids=["nothing", "no body", "no message"])
def test_what_is_no_message_is_a_sentence(runner: Runner, wire: Wire, data: object) -> None:
    """Locust writes it into its log and goes on."""
    with pytest.raises(RehearsalError, match="message"):
        runner.hear(msg=SimpleNamespace(data=data))


def test_a_plan_of_another_version_is_a_sentence() -> None:
    """A worker says that it cannot build it, and why."""
    with pytest.raises(RehearsalError, match="The drill's plan cannot be scheduled here: "):
        schedule_of(Charge(order=ORDER, plan=b'{"name": 1}'))


def test_a_drill_that_is_stopped(wire: Wire, runner: Runner) -> None:
    """The master's word reaches whoever begins visits."""
    before = wire.enough()
    runner.deliver(Enough())

    assert (before, wire.enough()) == (False, True)
