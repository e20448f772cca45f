"""The processes of one run, by label, with the lease that outlives the conductor."""

import contextlib
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec
import psutil

from chaos.lease_file import Lease, path_of, this_process, write_lease
from chaos.strays import kill_all, kill_marked
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.process import Child

_REAP_S = 5.0


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A process and all that is needed to start it anew."""

    child: Child
    handle: subprocess.Popen[bytes]
    log: Path
    env: dict[str, str]


class ProcessTable:
    """Starts, kills and stops a run's processes. Safe to use from several threads.

    As a context manager it stops everything at the end, whatever happened.
    """

    def __init__(self, folder: Path, *, run_id: str, run_dir: Path) -> None:
        """Write the lease into `folder` before anything is started; RehearsalError if that fails."""
        self._folder = folder
        self._lock = threading.RLock()
        self._table: dict[str, Started] = {}
        self._lease = Lease(run_id=run_id, run_dir=str(run_dir), conductor=this_process())
        self._write()

    def __enter__(self) -> Self:
        """Return the table."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.stop_all()

    @property
    def run_id(self) -> str:
        """Return the id that marks every process of this run."""
        return self._lease.run_id

    @property
    def lease(self) -> Lease:
        """Return the lease as it is written now."""
        return self._lease

    def set_toxiproxy(self, url: str) -> None:
        """Note the control API whose listeners this run may break."""
        with self._lock:
            self._lease = msgspec.structs.replace(self._lease, toxiproxy_url=url)
            self._write()

    def start(
        self, label: str, argv: Sequence[str], *, log: Path, env: Mapping[str, str] | None = None
    ) -> Child:
        """Start a process under a label; RehearsalError if that label still runs or it cannot be started."""
        with self._lock:
            if self.alive(label):
                raise RehearsalError(f"A process {label} is running already; stop it first.")
            return self._start(label, argv, log=log, env=dict(env or {}))

    def restart(self, label: str) -> Child:
        """Kill a process if it lives, and start it as it was started before; KeyError if it never was."""
        with self._lock:
            old = self._table[label]
            self.kill(label)
            return self._start(label, old.child.argv, log=old.log, env=old.env)

    def kill(self, label: str) -> bool:
        """Kill -9 a process and its descendants; tell whether it was alive."""
        with self._lock:
            started = self._table[label]
            found = process.find(started.child)
            descendants = _descendants(found) if found else []
            # Through its handle, not psutil, which would collect the exit code before the handle does.
            started.handle.kill()
            _reap(started.handle)
            kill_all(descendants)
            return found is not None

    def alive(self, label: str) -> bool:
        """Tell whether a process was started under the label and has not ended."""
        with self._lock:
            return label in self._table and self.exit_code(label) is None

    def exit_code(self, label: str) -> int | None:
        """Return how a process ended (minus the signal that ended it), None while it runs."""
        with self._lock:
            return self._table[label].handle.poll()

    def child(self, label: str) -> Child:
        """Return the process last started under a label."""
        with self._lock:
            return self._table[label].child

    def stop_all(self) -> None:
        """Stop all, the last started first, kill what bears the run's mark, give the lease back."""
        with self._lock:
            try:
                for started in reversed(self._table.values()):
                    process.stop([started.child])
                    _reap(started.handle)
            finally:
                kill_marked(self.run_id)
            self._table.clear()
            path_of(self._folder, self.run_id).unlink(missing_ok=True)

    def _start(self, label: str, argv: Sequence[str], *, log: Path, env: dict[str, str]) -> Child:
        try:
            child, handle = process.start(label, argv, log=log, run_id=self.run_id, env=env)
        except OSError as error:
            raise RehearsalError(f"{label} cannot be started: {error}. Run: rehearse doctor") from None
        # Taken out first, so that the order of the table is the order of starts.
        self._table.pop(label, None)
        self._table[label] = Started(child=child, handle=handle, log=log, env=env)
        self._write()
        return child

    def _write(self) -> None:
        children = tuple(started.child for started in self._table.values())
        self._lease = msgspec.structs.replace(self._lease, children=children)
        try:
            write_lease(self._folder, self._lease)
        except OSError as error:
            raise RehearsalError(
                f"The lease of this run cannot be written into {self._folder}: {error}. "
                f"Without it a killed run could not be healed; make that folder writable."
            ) from None


def _descendants(found: psutil.Process) -> list[psutil.Process]:
    try:
        return found.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _reap(handle: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        handle.wait(timeout=_REAP_S)
