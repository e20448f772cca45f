"""A command that undoes a drill in somebody's own shop, carried out beside other healing."""

import os
import signal
import subprocess
import time
from contextlib import suppress

from chaos.lease_file import Undo


class Undoing:
    """One command under way: it is started at once and has its own time."""

    def __init__(self, undo: Undo) -> None:
        """Start it, in a session of its own so that all of it can be ended."""
        self._undo = undo
        self._deadline_s = time.monotonic() + undo.timeout_s
        self._running = subprocess.Popen(
            ["/bin/sh", "-c", undo.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait(self) -> str:
        """Return "" once it has ended well, else what a person has to do."""
        try:
            code = self._running.wait(timeout=max(0.0, self._deadline_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
            code = None
        if code == 0:
            return ""
        how = (
            f"took longer than {self._undo.timeout_s:g} s" if code is None else f"ended with exit code {code}"
        )
        what = "has not cleaned up" if self._undo.last else "is not undone"
        return f"{self._undo.name} {what}: its command {how}. Run it yourself: {self._undo.command}"
