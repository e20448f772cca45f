"""The processes of one run, by label, with the lease that outlives the conductor."""

import contextlib
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec
import psutil

from chaos.lease_file import Lease, Place, Undo, drop_lease, this_process, write_lease
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

    def __init__(self, folder: Path, *, run_id: str, run_dir: Path, supervisor: Child | None = None) -> None:
        """Write the lease into `folder` before anything is started; RehearsalError if that fails.

        With a supervisor the lease stays, empty, after all is stopped: whoever supervises gives it back.
        """
        self._folder = folder
        self._lock = threading.RLock()
        self._table: dict[str, Started] = {}
        self._paused: set[str] = set()
        self._lease = Lease(
            run_id=run_id, run_dir=str(run_dir), conductor=this_process(), supervisor=supervisor
        )
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

    def set_supervisor(self, supervisor: Child) -> None:
        """Note who heals from now on, should this process die."""
        with self._lock:
            self._lease = msgspec.structs.replace(self._lease, supervisor=supervisor)
            self._write()

    def owe(self, undo: Undo) -> None:
        """Note a command that must be carried out whatever happens, before what it undoes is done."""
        with self._lock:
            others = tuple(each for each in self._lease.undos if each.name != undo.name)
            self._lease = msgspec.structs.replace(self._lease, undos=(*others, undo))
            self._write()

    def settle(self, name: str) -> None:
        """Note that what was owed under a name has been undone."""
        with self._lock:
            left = tuple(each for each in self._lease.undos if each.name != name)
            self._lease = msgspec.structs.replace(self._lease, undos=left)
            self._write()

    def know_server(self, url: str, server: Child) -> None:
        """Note the process of a Toxiproxy that outlives the run: once it is gone, so are its listeners."""
        with self._lock:
            servers = {**self._lease.servers, url: server}
            self._lease = msgspec.structs.replace(self._lease, servers=servers)
            self._write()

    def touch(self, url: str, listener: str, place: Place) -> None:
        """Note a listener of somebody's own Toxiproxy that this run is about to break."""
        with self._lock:
            self._note_foreign(url, {**self._lease.foreign.get(url, {}), listener: place})

    def untouch(self, url: str, listener: str) -> None:
        """Note that a listener of somebody's own Toxiproxy is healed."""
        with self._lock:
            touched = self._lease.foreign.get(url, {})
            if listener in touched:
                self._note_foreign(url, {name: touched[name] for name in touched if name != listener})

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
            self._paused.discard(label)
            found = process.find(started.child)
            descendants = _descendants(found) if found else []
            # Through its handle, not psutil, which would collect the exit code before the handle does.
            started.handle.kill()
            _reap(started.handle)
            kill_all(descendants)
            return found is not None

    def pause(self, label: str) -> None:
        """Stop a process and its descendants in their tracks (SIGSTOP); they keep all they hold."""
        with self._lock:
            # Noted first: one that was stopped in part must be let go on all the same.
            self._paused.add(label)
            self._signal(label, signal.SIGSTOP)

    def resume(self, label: str) -> None:
        """Let a paused process go on; one that is not paused is left as it is."""
        with self._lock:
            if label in self._paused:
                self._paused.discard(label)
                self._signal(label, signal.SIGCONT)

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
        """Stop all, the last started first, kill what bears the run's mark, give the lease back.

        It stays if it names what could not be mended: that is for `rehearse heal`.
        """
        with self._lock:
            try:
                for label, started in reversed(list(self._table.items())):
                    # A paused process would not hear that it is to end.
                    self.resume(label)
                    process.stop([started.child])
                    _reap(started.handle)
            finally:
                kill_marked(self.run_id)
            self._table.clear()
            if self._lease.supervisor is None and not self._lease.owes:
                drop_lease(self._folder, self.run_id)
            else:
                self._write()

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

    def _note_foreign(self, url: str, touched: dict[str, Place]) -> None:
        others = {other: names for other, names in self._lease.foreign.items() if other != url}
        foreign = {**others, url: touched} if touched else others
        self._lease = msgspec.structs.replace(self._lease, foreign=foreign)
        self._write()

    def _signal(self, label: str, number: signal.Signals) -> None:
        found = process.find(self._table[label].child)
        if found is None:
            return
        for each in [found, *_descendants(found)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(number)

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
