"""The conductor's side of its supervisor: starts it, lets it hear that all is well, replaces a dead one."""

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

import psutil

from chaos.lease_file import Lease, drop_lease, path_of, read_lease, this_process, write_lease
from rehearsal.model.clock import Clock, SystemClock, seconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Outcome
from rehearsal.model.protocol import ProtocolStep
from rehearsal.pipeline.supervisor import BEAT, QUIT, WATCHING
from rehearsal.process import MARK, Child, created_s
from rehearsal.rundir import folder
from rehearsal.rundir.protocol_log import ProtocolLog

BEAT_S = 0.5
#: Longer than any step may be without a sign of life from the thread that walks the drill.
HUNG_S = 180.0
#: A machine that kills so many supervisors is not one to break things on.
MOST = 3
_READY_S, _GOODBYE_S = 60.0, 5.0


class Guard:
    """One run under supervision, as a context manager. `halt` is called with a reason to stop the drill.

    A supervisor that dies is replaced at once: a drill of hours must not be lost to one killed helper, and
    its lease is unwatched for a blink only. The fourth stops the drill.
    """

    def __init__(
        self,
        run: Path,
        state: Path,
        protocol: ProtocolLog,
        *,
        halt: Callable[[str], object],
        clock: Clock | None = None,
    ) -> None:
        """Take the run's folder, the folder of leases, where replacements are told, and how to stop."""
        self._run = run
        self._state = state
        self._protocol = protocol
        self._halt = halt
        self._clock: Clock = clock or SystemClock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heart", daemon=True)
        self._deaths = 0
        self._patience_s = HUNG_S
        self._signed_ns = self._clock.now_ns()
        #: Told of a new supervisor: the run's lease must name it.
        self.on_new: Callable[[Child], object] = lambda _: None

    def __enter__(self) -> Self:
        """Start the supervisor and the heart."""
        self._start()
        lease = Lease(
            run_id=self._run.name,
            run_dir=str(self._run.absolute()),
            conductor=this_process(),
            supervisor=self.supervisor,
        )
        write_lease(self._state, lease)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the supervisor go; the run has ended, well or not, in an orderly way."""
        self._over.set()
        self._thread.join()
        self._send(QUIT)
        self._close()
        if not self._owes():
            drop_lease(self._state, self._run.name)

    def sign(self) -> None:
        """Say that the drill goes on. Without a sign for `HUNG_S` the heart stops, and all is healed."""
        self._signed_ns = self._clock.now_ns()

    def bear(self, longest_s: float) -> None:
        """Allow a step so many seconds without a sign, if that is more than usual."""
        self._patience_s = max(self._patience_s, longest_s)

    def _start(self) -> None:
        me = this_process()
        argv = [sys.executable, "-m", "rehearsal.pipeline.supervisor", str(self._run.absolute())]
        argv += [str(self._state.absolute()), str(me.pid), repr(me.created)]
        path = os.pathsep.join(entry for entry in sys.path if entry)
        env = {**os.environ, "PYTHONPATH": path}
        env.pop(MARK, None)  # healing ends what bears the mark; this one must outlive that
        log = self._run / folder.LOGS / "supervisor.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                argv,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=sink,
                env=env,
                start_new_session=True,
            )
        if not self._watches():
            raise RehearsalError(f"The supervisor of this run does not start; see {log}.")
        created = created_s(psutil.Process(self._process.pid))
        self.supervisor = Child(label="supervisor", pid=self._process.pid, created=created, argv=tuple(argv))

    def _watches(self) -> bool:
        out = self._process.stdout
        if out is None:
            return False
        readable, _, _ = select.select([out], [], [], _READY_S)
        return bool(readable) and out.readline() == WATCHING

    def _beat(self) -> None:
        while not self._over.wait(BEAT_S):
            self._once()

    def _once(self) -> None:
        """Beat once; not without a sign of life, and with a new supervisor if the old one is dead."""
        hung = seconds(self._clock.now_ns() - self._signed_ns) > self._patience_s
        if not hung and (self._process.poll() is not None or not self._send(BEAT)):
            self._replace()

    def _replace(self) -> None:
        code = self._process.wait()
        self._deaths += 1
        words = f"its supervisor ended (exit code {code})"
        if self._deaths > MOST:
            self._over.set()
            self._halt(f"the death of {self._deaths} supervisors")
            return
        self._close()
        try:
            self._start()
            self.on_new(self.supervisor)
            write = Outcome.OK, f"{words}; another watches now"
        except (RehearsalError, OSError, psutil.Error) as error:
            self._over.set()
            self._halt(f"the death of its supervisor ({error})")
            write = Outcome.FAIL, words
        self._protocol.tell(ProtocolStep.SUPERVISOR, write[1], outcome=write[0])

    def _send(self, word: bytes) -> bool:
        try:
            if self._process.stdin is None:
                return False
            self._process.stdin.write(word)
            self._process.stdin.flush()
        except OSError:
            return False
        return True

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what could not be flushed to a dead process
                    continue
        try:
            self._process.wait(timeout=_GOODBYE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _owes(self) -> bool:
        try:
            return read_lease(path_of(self._state, self._run.name)).owes
        except (OSError, ValueError):
            return False
