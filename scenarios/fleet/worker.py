"""A load process that is led by a master over Locust's messages, on this machine or another.

    python -m scenarios.fleet.worker --host HOST --port N                     as `rehearse worker` runs it
    python -m scenarios.fleet.worker --host HOST --port N --worker K --run R  as `drill --workers` does

Ends with 0 when the drill has, 2 if it could not take part, 4 if the master vanished, 5 when stopped.
"""

import argparse
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import gevent
import gevent.event
import locust
import psutil
from locust.env import Environment
from locust.runners import WorkerRunner
from pydantic import ValidationError

from rehearsal import __version__
from rehearsal.model.clock import nanoseconds
from rehearsal.model.errors import BrokenOff, RehearsalError, Stopped
from rehearsal.model.plan import Plan
from rehearsal.process import created_s
from scenarios.fleet.machine import machine_id
from scenarios.fleet.messages import Built, Charge, Ended, Hello, Unfit
from scenarios.fleet.vitals import Vitals
from scenarios.fleet.wire import VANISHED_S, Wire
from scenarios.recording.sink import FileSink, MessageSink, Sink
from scenarios.rehearsed import PooledShopper, Rehearsed, bound
from scenarios.schedule import Schedule, build
from scenarios.storefront import load_adapter
from scenarios.strangers.closed import Closed, held

_LOOK_EVERY_S = 0.1
_FAREWELL_MS = 500


class Worker:
    """One load process from its connection to its end."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Take the command line."""
        self._options = options
        self._where = f"{options.host}:{options.port}"
        self._stop = gevent.event.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            gevent.signal_handler(number, self._stop.set)

    def serve(self) -> str:
        """Take part in one drill and return a sentence on it; RehearsalError if that was not possible."""
        runner = self._connected()
        try:
            return self._take_part(Wire(runner), runner)
        finally:
            _leave(runner)

    def _take_part(self, wire: Wire, runner: WorkerRunner) -> str:
        try:
            wire.send(self._hello())
            charge = self._charge(wire, runner)
            rehearsed = self._prepared(charge, wire, runner)
            return self._work(rehearsed, wire, runner)
        except Stopped:
            if self._stop.is_set():  # told, the drill need not find out by waiting
                wire.send(Unfit(reason="it was stopped there"))
            raise
        except OSError as error:
            wire.send(Unfit(reason=f"it could not go on: {error}"))
            raise BrokenOff(f"{error}. Free space, or change permissions, for the next drill.") from None

    def _connected(self) -> WorkerRunner:
        connecting = gevent.spawn(_connect, self._options.host, self._options.port)
        deadline_s = time.monotonic() + self._options.within
        while not connecting.ready():
            self._check_stop()
            if time.monotonic() > deadline_s:
                raise RehearsalError(
                    f"No drill answers at {self._where} within {self._options.within:g} s. "
                    "Start it there with: rehearse drill PLAN --expect-workers N --bind ADDRESS"
                )
            gevent.sleep(_LOOK_EVERY_S / 2)
        found = connecting.get()
        if not isinstance(found, WorkerRunner):
            raise RehearsalError(f"{self._where} cannot be reached: {found}.")
        return found

    def _hello(self) -> Hello:
        me = psutil.Process(os.getpid())
        return Hello(
            version=__version__,
            host=socket.gethostname(),
            machine=self._options.machine or machine_id(),
            pid=me.pid,
            created=created_s(me),
            worker=self._options.worker,
        )

    def _charge(self, wire: Wire, runner: WorkerRunner) -> Charge:
        while wire.charges.empty():
            self._look(wire, runner)
            gevent.sleep(_LOOK_EVERY_S)
        return wire.charges.get()

    def _prepared(self, charge: Charge, wire: Wire, runner: WorkerRunner) -> Rehearsed | Closed:
        if not charge.here:
            wire.steered()
        try:
            load_adapter(charge.order.adapter)
            schedule = schedule_of(charge)
            sink = self._sink(charge.order.worker, wire)
            serve = held if charge.order.locustfile else bound
            rehearsed = serve(charge.order, schedule, runner.environment, link=wire, sink=sink)
        except RehearsalError as error:
            wire.send(Unfit(reason=str(error)))
            self._await_refusal(wire)
            raise
        if isinstance(rehearsed, Rehearsed):
            PooledShopper.rehearsed = rehearsed
        wire.send(Built(sha256=schedule.sha256))
        return rehearsed

    def _await_refusal(self, wire: Wire) -> None:
        """Let the master read why, before the connection is closed."""
        while not (wire.refused or wire.vanished or self._stop.is_set()):
            gevent.sleep(_LOOK_EVERY_S)

    def _sink(self, worker: int, wire: Wire) -> Sink:
        if self._options.run is not None:
            return FileSink(self._options.run, worker)
        wire.sink = MessageSink(wire.send)
        return wire.sink

    def _work(self, rehearsed: Rehearsed | Closed, wire: Wire, runner: WorkerRunner) -> str:
        working = gevent.spawn(rehearsed.conduct)
        vitals: Vitals | None = None
        while not working.ready():
            self._look(wire, runner)
            if vitals is None and wire.elsewhere and wire.sink is not None and wire.origin_ns():
                vitals = Vitals(wire.clock, wire.origin_ns(), wire.sink.history)
            if vitals is not None:
                vitals.look(nanoseconds(_LOOK_EVERY_S))
            working.join(timeout=_LOOK_EVERY_S)
        working.get()
        wire.send(Ended(chunks=wire.sink.cut if wire.sink else {}))
        # From here on every end is the end of the drill: its part is done.
        while _leads(runner) and not (wire.vanished or wire.refused):
            if self._stop.wait(timeout=_LOOK_EVERY_S):
                break
        return f"The drill at {self._where} has ended; this worker sent its part of it."

    def _look(self, wire: Wire, runner: WorkerRunner) -> None:
        """Raise what keeps this worker from going on."""
        self._check_stop()
        if wire.refused:
            raise RehearsalError(f"The drill at {self._where} refused this worker: {wire.refused}")
        if not _leads(runner):
            raise Stopped(f"The drill at {self._where} was ended before its last visit.")
        if wire.vanished:
            raise BrokenOff(
                f"The drill at {self._where} was not heard for {VANISHED_S:g} s; this worker ends."
            )

    def _check_stop(self) -> None:
        if self._stop.is_set():
            raise Stopped("Stopped; the drill counts the rest of this worker's visits as aborted.")


def schedule_of(charge: Charge) -> Schedule:
    """Build the schedule of a charge's plan; RehearsalError if this version cannot."""
    try:
        return build(Plan.model_validate_json(charge.plan))
    except (ValidationError, OSError, ValueError) as error:
        raise RehearsalError(f"The drill's plan cannot be scheduled here: {error}") from None


def _connect(host: str, port: int) -> WorkerRunner | str:
    """Connect to a master; return why that fails for good, if it does."""
    try:
        # On Locust's global events, for to these a stranger's locustfile would listen.
        environment = Environment(user_classes=[PooledShopper], events=locust.events)
        return environment.create_worker_runner(host, port)
    except Exception as error:  # noqa: BLE001 - Locust raises whatever its sockets do
        return f"{type(error).__name__}: {error}"


def _leave(runner: WorkerRunner) -> None:
    """End all that the runner does, so that nothing keeps this process."""
    # First: over a closed connection Locust's greenlets would try again without end.
    runner.greenlet.kill(block=True)
    runner.user_greenlets.kill(block=True)
    # What the master has not taken by then it never will.
    client: Any = runner.client
    client.close(linger=_FAREWELL_MS)


def _leads(runner: WorkerRunner) -> bool:
    """Tell whether the runner still listens to its master: Locust's quit ends all its greenlets."""
    return len(runner.greenlet) > 0


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scenarios.fleet.worker")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--within", type=float, default=60.0, help="give up connecting after so many seconds")
    parser.add_argument("--worker", type=int, default=-1, help="the stripe that the drill has chosen")
    parser.add_argument("--run", type=Path, default=None, help="write into this folder instead of sending")
    parser.add_argument("--machine", default="", help="a name for this machine's clock; default: its own")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Serve one drill, say in a sentence how it ended, and return the exit code."""
    try:
        print(Worker(_options(argv)).serve(), flush=True)  # noqa: T201 - what a person at the worker reads
    except RehearsalError as error:
        print(f"rehearse worker: {error}", file=sys.stderr, flush=True)  # noqa: T201 - as above
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
