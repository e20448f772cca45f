"""Carries out a drill by itself, printing each step; heals whatever happens."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import httpx

from chaos.alone.ground import world_of
from chaos.alone.order import Order
from chaos.alone.rows import on_listeners
from chaos.faults.composed import Composed
from chaos.faults.site import Site
from chaos.lease_file import state_dir
from chaos.nemesis import Course, walk
from chaos.process_table import ProcessTable
from chaos.world import canary_client
from rehearsal.model.clock import NS_PER_S, Clock, SystemClock, nanoseconds, seconds
from rehearsal.model.errors import (
    EXIT_FAILED,
    EXIT_INCONCLUSIVE,
    EXIT_OK,
    RehearsalError,
    Stopped,
)
from rehearsal.model.history import Outcome, Row
from rehearsal.model.plan import Fault
from rehearsal.model.timeline import PlacedFault, Window

_CHECK_EVERY_S = 1.0
_LOOK_EVERY_S = 0.1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(order: Order, out: TextIO, env: Mapping[str, str] = os.environ) -> int:
    """Carry out a drill and return the exit code; what went wrong is printed, never raised."""
    steps = Steps(out, SystemClock())
    run_id = f"alone-{order.kind}-{os.getpid()}"
    try:
        with canary_client() as http:
            table = ProcessTable(state_dir(env), run_id=run_id, run_dir=Path.cwd() / run_id)
            try:
                code = _Drill(order, table, http, steps).run()
            except Unhealed as error:
                # The lease stays: whoever heals it finds what is left to be undone.
                steps.say("lease", f"{error} Then run: rehearse heal")
                return EXIT_FAILED
            except BaseException:
                table.stop_all()
                raise
            table.stop_all()
            return code
    except RehearsalError as error:
        steps.say("end", str(error))
        return error.exit_code


class Unhealed(RehearsalError):
    """What was broken could not be mended."""

    exit_code = EXIT_FAILED


class Steps:
    """The protocol, a line a step with the seconds since the beginning."""

    def __init__(self, out: TextIO, clock: Clock) -> None:
        """Take where lines go, and the clock."""
        self._out = out
        self.clock = clock
        self._began_ns = clock.now_ns()
        self.effect_proven = False

    def say(self, step: str, words: str) -> None:
        """Write a line, if anybody is there to read it: a drill must not end with its reader."""
        at_s = seconds(self.clock.now_ns() - self._began_ns)
        with suppress(OSError):
            self._out.write(f"{at_s:7.2f} s  {step:<10} {words}\n")
            self._out.flush()

    def record(self, row: Row) -> None:
        """Write what the nemesis did."""
        step, _, words = row.note.partition(": ")
        failed = (
            "" if row.outcome == Outcome.OK else "NOT PROVEN: " if row.outcome == Outcome.INFO else "FAILED: "
        )
        self.effect_proven |= step == "effect" and row.outcome == Outcome.OK
        self.say(step, failed + words)


class _Drill:
    """One drill by itself."""

    def __init__(self, order: Order, table: ProcessTable, http: httpx.Client, steps: Steps) -> None:
        self._order = order
        self._table = table
        self._http = http
        self._steps = steps
        self._stop = threading.Event()
        self._next_check_ns = 0
        self._asked = self._good = 0

    def run(self) -> int:
        """Look, break, hold, heal, look; return the exit code."""
        order, steps = self._order, self._steps
        with _on_signals(self._stop):
            drill = self._drill()
            steps.say("preflight", "the way is open, nothing is broken")
            if order.check and not self._well():
                raise RehearsalError(
                    f"{order.check} is not well before anything was broken: nothing to lose."
                )
            steps.say("lease", f"{self._table.run_id}: if this program is killed, run: rehearse heal")
            now_ns = steps.clock.now_ns()
            placed = PlacedFault(self._fault(), Window(0, nanoseconds(order.hold_s)))
            course = Course(clock=steps.clock, origin_ns=now_ns, wait=self._wait, record=steps.record)
            try:
                unhealed = walk([placed], [drill], course)
            except RehearsalError as error:
                if notes := getattr(error, "__notes__", ()):
                    raise Unhealed(" ".join(notes)) from None
                raise
            if unhealed:
                raise Unhealed(" ".join(unhealed))
            if order.check:
                steps.say("held", f"{order.check} was good {self._good} of {self._asked} times")
            return self._recovered() or (EXIT_OK if steps.effect_proven else EXIT_INCONCLUSIVE)

    def _fault(self) -> Fault:
        order = self._order
        return Fault(
            kind=order.kind,
            phase="alone",
            after_s=0.0,
            hold_s=order.hold_s,
            recover_within_s=order.recover_within_s,
            toxic=order.toxic,
            command=order.command,
        )

    def _drill(self) -> "_Shown":
        fault = self._fault()
        world = world_of(self._order, self._table, self._http)
        return _Shown(Composed(on_listeners(fault, self._order.listeners), Site(world, fault)))

    def _recovered(self) -> int:
        """Wait until the shop is well again; return 0, or 1 if that takes too long."""
        order, steps = self._order, self._steps
        if not order.check:
            return EXIT_OK
        began_ns = steps.clock.now_ns()
        while not self._well():
            if steps.clock.now_ns() - began_ns > nanoseconds(order.recover_within_s):
                steps.say(
                    "recovery", f"{order.check} is not well {order.recover_within_s:g} s after the healing"
                )
                return EXIT_FAILED
            self._wait(steps.clock.now_ns() + NS_PER_S // 5)
        took_s = seconds(steps.clock.now_ns() - began_ns)
        steps.say("recovery", f"{order.check} was well {took_s:.1f} s after the healing was proven")
        return EXIT_OK

    def _well(self) -> bool:
        try:
            return self._http.get(self._order.check).status_code < httpx.codes.BAD_REQUEST
        except httpx.HTTPError:
            return False

    def _wait(self, instant_ns: int) -> None:
        """Return at an instant, looking at the shop once a second; Stopped after a signal."""
        clock = self._steps.clock
        while True:
            if self._stop.is_set():
                raise Stopped("Stopped; what was broken is healed.")
            left_ns = instant_ns - clock.now_ns()
            if left_ns <= 0:
                return
            self._probe()
            self._stop.wait(min(seconds(left_ns), _LOOK_EVERY_S))

    def _probe(self) -> None:
        now_ns = self._steps.clock.now_ns()
        if not self._order.check or now_ns < self._next_check_ns:
            return
        self._next_check_ns = now_ns + nanoseconds(_CHECK_EVERY_S)
        good = self._well()
        self._asked += 1
        self._good += good
        self._steps.say("steady", f"{self._order.check} is {'good' if good else 'not good'}")


class _Shown:
    """A drill without a witness: of a stranger's shop nobody can be asked whom it hit."""

    def __init__(self, drill: Composed) -> None:
        self.name = drill.name
        self.effect = drill.effect
        self.inject = drill.inject
        self.prove_effect = drill.prove_effect
        self.hold = drill.hold
        self.heal = drill.heal
        self.prove_heal = drill.prove_heal


@contextmanager
def _on_signals(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and a closed terminal ask for a stop while the block runs."""
    note: Callable[..., None] = lambda *_: stop.set()  # noqa: E731 - a handler of one line
    before = {number: signal.signal(number, note) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
