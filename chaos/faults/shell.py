"""A mechanism of a team's own: shell commands that break, prove and mend (kubectl, a cloud, a sandbox)."""

import os
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

from chaos.drill import Evidence
from chaos.faults.mechanism import Mechanism
from chaos.faults.site import Site
from chaos.lease_file import Undo
from rehearsal import process
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Command
from rehearsal.model.secrets import Masker

_LAST_WORDS = 200
_LOOK_S = 0.1


@dataclass(frozen=True)
class Shell(Mechanism):
    """What one command breaks another undoes; that is owed, whatever becomes of this process."""

    command: Command

    @property
    def does(self) -> str:
        """Return the command."""
        return self.command.inject

    @property
    def undoes(self) -> str:
        """Return the command that mends."""
        return self.command.undo

    def inject(self, site: Site) -> None:
        """Run `inject`, having noted its undoing."""
        command = self.command
        undo = Undo(name=_owed(site), command=addressed(site, command.undo), timeout_s=command.timeout_s)
        site.world.processes.owe(undo)
        self._require(site, "inject", command.inject)

    def shows(self, site: Site) -> Evidence:
        """Run `prove`."""
        return self._evidence(site, "prove", self.command.prove)

    def heal(self, site: Site) -> None:
        """Run `undo`, and owe it no longer once it has ended well."""
        self._require(site, "undo", self.command.undo)
        site.world.processes.settle(_owed(site))

    def mended(self, site: Site) -> Evidence:
        """Run `prove_healed`."""
        return self._evidence(site, "prove_healed", self.command.prove_healed)

    def _require(self, site: Site, what: str, line: str) -> None:
        seen = self._evidence(site, what, line)
        if not seen.proven:
            raise RehearsalError(f"{seen.saw}. The command: {line}")

    def _evidence(self, site: Site, what: str, line: str) -> Evidence:
        told = addressed(site, line)
        world, limit_s = site.world, self.command.timeout_s
        return shell(what, told, timeout_s=limit_s, run_id=world.run_id, mask=world.mask)


def addressed(site: Site, line: str) -> str:
    """Return a command that knows the addresses it names: REHEARSAL_REGION_A, _PROVIDER or _DIRECTOR.

    They stand in the command itself, for its undoing may be run by a process that knows of no shop.
    """
    world = site.world
    places = {"PROVIDER": world.provider_url, "DIRECTOR": world.director_url}
    places |= {f"REGION_{name.upper()}": region.url for name, region in world.regions.items()}
    named = {f"REHEARSAL_{place}": url for place, url in places.items() if f"REHEARSAL_{place}" in line}
    return "".join(f"export {name}={shlex.quote(url)}; " for name, url in named.items()) + line


def shell(
    what: str,
    line: str,
    *,
    timeout_s: float,
    run_id: str = "",
    over: threading.Event | None = None,
    mask: Masker = str,
) -> Evidence:
    """Run a shell command of the plan's own; proven if it ended with exit code 0 in time.

    All it starts bears the run's mark, so that nothing of it outlives the run; it ends once `over` is set.
    `mask` hides secrets in what it says.
    """
    # Not pipes: a program left in the background would keep them open, and this process waiting.
    with tempfile.TemporaryFile() as said:
        running = subprocess.Popen(
            ["/bin/sh", "-c", line],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env={**os.environ, process.MARK: run_id},
            start_new_session=True,
        )
        began_s = time.monotonic()
        try:
            code = _ended(running, began_s + timeout_s, over or threading.Event())
        finally:
            _end(running)
        if code is None:
            took_s = min(timeout_s, time.monotonic() - began_s)
            return Evidence(proven=False, saw=f"{what} had not ended after {round(took_s, 1):g} s")
        said.seek(0)
        # Masked before it is cut: half a secret is none that a mask knows.
        words = mask(said.read().decode(errors="replace")).strip().replace("\n", " ")[-_LAST_WORDS:]
    return Evidence(
        proven=code == 0, saw=f"{what} ended with exit code {code}" + (f": {words}" if words else "")
    )


def _ended(running: subprocess.Popen[bytes], until_s: float, over: threading.Event) -> int | None:
    """Wait for a command; return its exit code, None if its time, or all of it, is over before."""
    while not over.is_set() and (left_s := until_s - time.monotonic()) > 0:
        with suppress(subprocess.TimeoutExpired):
            return running.wait(min(left_s, _LOOK_S))
    return running.poll()


def _end(running: subprocess.Popen[bytes]) -> None:
    """End a command that has not ended by itself; what it left in the background on purpose stays."""
    if running.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()


def _owed(site: Site) -> str:
    return f"{site.fault.kind}-{site.fault.phase}-{site.fault.after_s:g}"
