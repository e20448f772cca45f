"""The master of several load processes, started by the conductor: `python -m scenarios.fleet.master RUN`.

It sends nothing to the shop. Between Locust's sockets and the run's folder it carries what `fleet` says.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import gevent
import gevent.event
import msgspec
from locust.env import Environment
from locust.exception import RPCError
from locust.runners import MasterRunner

from rehearsal import process
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import EXIT_INVALID, EXIT_OK, EXIT_STOPPED, EXIT_USAGE, RehearsalError
from rehearsal.process import Child
from rehearsal.rundir import folder
from scenarios.fleet.fleet import Fleet, Post
from scenarios.fleet.link import growth_of
from scenarios.fleet.machine import machine_id
from scenarios.fleet.messages import CHANNEL, Hello, encode, from_worker
from scenarios.load_order import (
    ENOUGH,
    FLEET,
    LOAD_ORDER,
    MASTER,
    ORIGIN,
    PROGRESS,
    WORKERS,
    FleetOrder,
    LoadOrder,
    Origin,
    Port,
)
from scenarios.recording.sink import Intake
from scenarios.rehearsed import PooledShopper

_TURN_S = 0.02
_EVERY_S = 0.25


class OneStart(MasterRunner):
    """Locust's master, which fills the pools once and never again.

    Locust gives a lost worker's users to the others. Ours are the pool of one stripe: they have nothing to
    serve elsewhere, and being made in the midst of a run they would only make the others late.
    """

    started = False

    def start(self, *args: Any, **kwargs: Any) -> None:
        """Fill the pools the first time this is called."""
        if not self.started:
            self.started = True
            super().start(*args, **kwargs)


class Master:
    """Carries messages and files for a Fleet."""

    def __init__(self, run: Path) -> None:
        """Read what the conductor wrote and listen; RehearsalError if the address cannot be listened on."""
        self._run = run
        self._clock = SystemClock()
        self._orders = folder.read_json(run / FLEET, FleetOrder)
        order = folder.read_json(run / LOAD_ORDER, LoadOrder)
        # Of a stranger's users each worker starts its own share, second by second.
        self._fills = not order.locustfile
        plan = (run / folder.PLAN).read_bytes()
        self._fleet = Fleet(self._orders, order, plan, machine=machine_id(), intake=self._intake)
        self._conductor = os.getppid()
        self._enough = False
        self._grown = 0
        self._written: list[tuple[int, str]] = []
        self._stop = gevent.event.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            gevent.signal_handler(number, self._stop.set)
        self._runner = self._listening()
        folder.write_json(run / MASTER, Port(port=self._runner.server.port))

    def lead(self) -> int:
        """Lead the workers until all have ended, or nobody wants them to go on; return the exit code."""
        due_s = 0.0
        while not self._over():
            if time.monotonic() >= due_s:
                due_s = time.monotonic() + _EVERY_S
                self._post(self._fleet.tick(self._clock.now_ns(), _lives))
                self._tell()
            self._advance()
            self._stop.wait(timeout=_TURN_S)
        self._fleet.close()
        self._tell(last=True)
        self._runner.quit()
        if self._fleet.failed:
            return EXIT_INVALID
        return EXIT_OK if self._fleet.over(self._clock.now_ns()) else EXIT_STOPPED

    def _over(self) -> bool:
        return (
            self._stop.is_set()
            or bool(self._fleet.failed)
            or self._fleet.over(self._clock.now_ns())
            # Without its conductor nobody heals, reads or judges: the load must not go on alone.
            or os.getppid() != self._conductor
        )

    def _advance(self) -> None:
        fleet = self._fleet
        if fleet.complete and not fleet.begun:
            fleet.begun = True
            users = fleet.share * self._orders.workers
            if self._fills:
                gevent.spawn(self._runner.start, users, users)
        if fleet.ready and not fleet.origin_ns and (path := self._run / ORIGIN).exists():
            self._post(fleet.release(folder.read_json(path, Origin).origin_ns))
        if fleet.origin_ns:
            for growth in growth_of(self._run, self._grown):
                self._grown += 1
                self._post(fleet.grow(growth))
        if not self._enough and (self._run / ENOUGH).exists():
            self._enough = True
            self._post(fleet.enough())

    def _listening(self) -> OneStart:
        environment = Environment(user_classes=[PooledShopper])
        host, port = self._orders.host, self._orders.port
        try:
            runner = OneStart(environment, host, port)
        except (RPCError, OSError, SystemExit) as error:
            words = "" if isinstance(error, SystemExit) else f" ({error})"
            raise RehearsalError(
                f"The drill cannot listen for workers on {host}:{port}{words}. "
                "Choose an address of this machine and a free port with --bind."
            ) from None
        environment.runner = runner
        runner.register_message(CHANNEL, self._hear)
        events: Any = environment.events
        events.heartbeat_sent.add_listener(self._beat)
        return runner

    def _hear(self, msg: Any, **_: Any) -> None:
        message = from_worker((msg.data or {}).get("body"))
        self._post(self._fleet.hear(msg.node_id, message, self._clock.now_ns()))

    def _beat(self, client_id: str, **_: Any) -> None:
        self._fleet.beat(client_id, self._clock.now_ns())

    def _post(self, posts: list[Post]) -> None:
        for client, message in posts:
            self._runner.send_message(CHANNEL, {"body": encode(message)}, client)

    def _tell(self, *, last: bool = False) -> None:
        # The records come first: who reads that all have ended may read who they were.
        records = self._fleet.records
        if last or (who := [(record.worker, record.lost) for record in records]) != self._written:
            self._written = [] if last else who
            folder.write_json(self._run / WORKERS, records)
        line = msgspec.json.encode(self._fleet.progress(self._clock.now_ns())) + b"\n"
        with (self._run / PROGRESS).open("ab") as file:
            file.write(line)
        self._fleet.told()

    def _intake(self, worker: int) -> Intake:
        return Intake(self._run, worker)


def _lives(hello: Hello) -> bool:
    child = Child(label="worker", pid=hello.pid, created=hello.created, argv=())
    return process.find(child) is not None


def main(argv: list[str]) -> int:
    """Lead one drill's workers and return the exit code."""
    try:
        return Master(Path(argv[0])).lead()
    except RehearsalError as error:
        print(error, file=sys.stderr, flush=True)  # noqa: T201 - into the log that the conductor names
        return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
