"""The conductor's start of load: one process, or a master with workers from here or from elsewhere."""

import os
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from chaos.process_table import ProcessTable
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline.crew import Crew
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.watcher import Watcher
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from rehearsal.rundir.worker_record import WorkerRecord
from scenarios import driver
from scenarios.driver import Load
from scenarios.load_order import FleetOrder, LoadOrder, Progress

_LOAD, _MASTER = "locust", "locust-master"
_LISTENS_S = 50.0
_EVERY_ADDRESS = ("0.0.0.0", "::", "*")  # noqa: S104 - recognised, not listened on


class Rally:
    """Brings the load processes of one run together, and says afterwards what became of each."""

    def __init__(self, table: ProcessTable, run: Path, crew: Crew, *, halt: Halt, watcher: Watcher) -> None:
        """Take where processes are started, the run's folder, who is to come, stop flag and display."""
        self._table = table
        self._run = run
        self._crew = crew
        self._halt = halt
        self._watcher = watcher
        self._said = ""
        self._own = False

    def start(self, order: LoadOrder, fleet: FleetOrder) -> Load:
        """Return a load whose pools stand; RehearsalError if that does not come about."""
        driver.write_order(self._run, order)
        label = _LOAD if self._crew.alone else _MASTER
        log = self._log(label)
        load = Load(self._run, lambda: self._table.alive(label), log)
        if self._crew.alone:
            self._watcher.stage("Starting Locust and its pool.")
            self._begin(label, driver.command(self._run, order))
            load.wait_ready(look=self._look)
            return load
        driver.write_fleet(self._run, fleet)
        self._begin(label, driver.master_command(self._run))
        port = self._port()
        if self._crew.elsewhere:
            self._invite(port)
            load.wait_ready(self._crew.within_s, look=self._look)
            return load
        self._watcher.stage(f"Starting Locust: a master and {self._crew.workers} workers.")
        self._own = True
        for worker in range(self._crew.workers):
            argv = driver.own_worker_command(self._run, fleet.host, port, worker)
            self._begin(_worker(worker), argv)
        load.wait_ready(look=self._look)
        return load

    def dismiss(self, load: Load) -> tuple[WorkerRecord, ...]:
        """Return what became of each process; who was lost without being dead is ended now."""
        if self._crew.alone:
            pid = self._table.child(_LOAD).pid
            return (WorkerRecord(worker=0, host=socket.gethostname(), pid=pid),)
        return tuple(self._dismissed(record) for record in load.workers())

    def _dismissed(self, record: WorkerRecord) -> WorkerRecord:
        if not record.lost or self._crew.elsewhere:
            return record
        label = _worker(record.worker)
        code = self._table.exit_code(label)
        if code is None:  # nobody waits for it any more, and it must not send while the shop is read
            self._table.kill(label)
            return record
        return msgspec.structs.replace(record, lost=f"{record.lost} ({how_ended(code)})")

    def _begin(self, label: str, argv: list[str]) -> None:
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._table.start(label, argv, log=self._log(label), env={"PYTHONPATH": path})

    def _log(self, label: str) -> Path:
        return self._run / folder.LOGS / f"{label}.log"

    def _port(self) -> int:
        def listens() -> bool:
            self._halt.check()
            return driver.port_of(self._run) is not None or not self._table.alive(_MASTER)

        wait_until(listens, timeout_s=_LISTENS_S)
        if (port := driver.port_of(self._run)) is None:
            log = self._log(_MASTER)
            said = log.read_text(errors="replace").strip().splitlines()
            raise RehearsalError(said[-1] if said else f"Locust's master does not listen; see {log}.")
        return port

    def _invite(self, port: int) -> None:
        anywhere = self._crew.host in _EVERY_ADDRESS
        host = socket.gethostname() if anywhere else self._crew.host
        self._watcher.stage(
            f"Waiting for {self._crew.workers} workers. Start each with: "
            f"rehearse worker --master {host}:{port}"
        )

    def _look(self, news: Sequence[Progress]) -> None:
        # Said before a stop is obeyed: why a worker was refused must not be lost by it.
        for progress in news if self._crew.elsewhere else ():
            if progress.note not in {"", self._said}:
                self._said = progress.note
                self._watcher.stage(progress.note)
        self._halt.check()
        self._require_own()

    def _require_own(self) -> None:
        """Raise RehearsalError if a worker started here has ended: the master may never have known it."""
        for worker in range(self._crew.workers if self._own else 0):
            if (code := self._table.exit_code(_worker(worker))) is not None:
                log = self._log(_worker(worker))
                raise RehearsalError(
                    f"Worker {worker} was lost before the run began ({how_ended(code)}); see {log}."
                )


def end_load(table: ProcessTable) -> None:
    """End all load processes of this machine, whatever they are at."""
    process.stop(child for child in table.lease.children if child.label.startswith(_LOAD))


def how_ended(code: int) -> str:
    """Return how a process ended, from the exit code that its parent reads."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _worker(worker: int) -> str:
    return f"locust-worker-{worker}"
