"""Starts Locust as a process of its own and follows its progress; the conductor never imports it."""

import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from rehearsal.model.errors import BrokenOff, RehearsalError
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from scenarios.load_order import LOAD_ORDER, ORIGIN, PROGRESS, LoadOrder, Origin, Progress

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_READY_S = 60.0


class Load:
    """A started load, seen through the lines it appends to its progress file."""

    def __init__(self, run: Path, alive: Callable[[], bool], log: Path) -> None:
        """Take the run's folder, a way to ask whether the process lives, and its log (for messages)."""
        self._run = run
        self._alive = alive
        self._log = log
        self._offset = 0
        self.latest = Progress(state="starting")

    def poll(self) -> Progress:
        """Return the newest progress; RehearsalError if the process ended before the schedule did."""
        alive = self._alive()
        for line in self._new_lines():
            self.latest = msgspec.json.decode(line, type=Progress)
        if not alive and self.latest.state != "finished":
            error = BrokenOff if self.latest.state == "running" else RehearsalError
            raise error(f"Locust ended in the state {self.latest.state!r}; {self._log} says why.")
        return self.latest

    def wait_ready(self) -> None:
        """Return when the pool stands; RehearsalError if Locust ends or takes longer than a minute."""
        if not wait_until(lambda: self.poll().state == "ready", timeout_s=_READY_S):
            raise RehearsalError(f"Locust's pool did not stand within {_READY_S:g} s; see {self._log}.")

    def release(self, origin_ns: int) -> None:
        """Start the clock: the first visit is due after `origin_ns`."""
        folder.write_json(self._run / ORIGIN, Origin(origin_ns=origin_ns))

    def _new_lines(self) -> list[bytes]:
        path = self._run / PROGRESS
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self._offset)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        self._offset += len(whole)
        return whole.splitlines()


def command(run: Path, order: LoadOrder) -> list[str]:
    """Return Locust's command line. Failed requests are the judgement's affair, not its exit code's."""
    return [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE)),
        *("--headless", "--only-summary", "--loglevel", "WARNING"),
        *("--users", str(order.pool), "--spawn-rate", str(order.pool)),
        *("--exit-code-on-error", "0", "--stop-timeout", "1"),
        *("--rehearsal-run", str(run)),
    ]


def write_order(run: Path, order: LoadOrder) -> None:
    """Write what the load process reads when it starts."""
    folder.write_json(run / LOAD_ORDER, order)
