"""Starts Locust as a process of its own and reads its progress; the conductor never imports it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.rundir import folder
from scenarios.load_order import LOAD_ORDER, ORIGIN, LoadOrder, Origin, Progress

LOCUSTFILE = Path(__file__).with_name("locustfile.py")


class LoadProcess(Protocol):
    """What the driver needs of the process it started (subprocess.Popen has it)."""

    stdout: IO[bytes] | None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""


class Load:
    """A started load: its progress lines, in order."""

    def __init__(self, run: Path, process: LoadProcess) -> None:
        """Take the run's folder and the process."""
        self._run = run
        self._process = process

    def lines(self) -> Iterator[Progress]:
        """Yield progress until the process ends; anything else on its output is passed over."""
        for line in self._process.stdout or ():
            if line.startswith(b"{"):
                try:
                    yield msgspec.json.decode(line, type=Progress)
                except msgspec.DecodeError:
                    continue

    def wait_ready(self) -> None:
        """Return when the pool stands; RehearsalError with the log's place if Locust ended instead."""
        for progress in self.lines():
            if progress.state == "ready":
                return
        raise RehearsalError(
            f"Locust ended before the load began; {self._run / folder.LOGS / 'locust.log'} says why."
        )

    def release(self, origin_ns: int) -> None:
        """Start the clock: the first visit is due after `origin_ns`."""
        folder.write_json(self._run / ORIGIN, Origin(origin_ns=origin_ns))


def start(run: Path, order: LoadOrder, start_process: Callable[[list[str]], LoadProcess]) -> Load:
    """Write the order and start Locust headless with a pool of the order's size, all spawned at once."""
    folder.write_json(run / LOAD_ORDER, order)
    return Load(run, start_process(command(run, order)))


def command(run: Path, order: LoadOrder) -> list[str]:
    """Return Locust's command line. Failed requests are the judgement's affair, not its exit code's."""
    return [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE)),
        *("--headless", "--only-summary", "--loglevel", "WARNING", "--reset-stats"),
        *("--users", str(order.pool), "--spawn-rate", str(order.pool)),
        *("--exit-code-on-error", "0", "--stop-timeout", "1"),
        *("--rehearsal-run", str(run)),
    ]
