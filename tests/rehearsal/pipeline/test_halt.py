import os
import signal

import pytest

from rehearsal.model.clock import NS_PER_S, SystemClock
from rehearsal.model.errors import Stopped
from rehearsal.pipeline.halt import Halt


@pytest.mark.parametrize(
    ("number", "name"),
    [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP")],
)
def test_a_signal_stops_whoever_waits(number: signal.Signals, name: str) -> None:
    """The wait ends at once with Stopped, which names the signal; the handlers before are put back."""
    halt, clock = Halt(), SystemClock()
    before = signal.getsignal(number)
    with halt.on_signals(), pytest.raises(Stopped, match=f"Stopped by {name}"):
        os.kill(os.getpid(), number)
        halt.wait_until(clock.now_ns() + 60 * NS_PER_S, clock, lambda: None)

    assert signal.getsignal(number) == before


def test_a_stop_asked_for_while_waiting_is_seen_within_a_look() -> None:
    """Whoever looks may itself ask for the stop; the first reason stands."""
    halt, clock = Halt(), SystemClock()

    def look() -> None:
        halt.set("the test")
        halt.set("somebody later")

    with pytest.raises(Stopped, match="Stopped by the test"):
        halt.wait_until(clock.now_ns() + 60 * NS_PER_S, clock, look)


def test_waiting_for_the_past_returns_at_once() -> None:
    """No look is taken when there is nothing to wait for."""
    clock = SystemClock()
    Halt().wait_until(clock.now_ns() - 1, clock, lambda: pytest.fail("looked"))
