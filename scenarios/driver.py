"""Starts Locust as processes of its own and follows their progress; the conductor never imports it."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from rehearsal.model.errors import BrokenOff, RehearsalError
from rehearsal.process import wait_until
from rehearsal.rundir import folder
from rehearsal.rundir.worker_record import WorkerRecord
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
    Progress,
)

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
#: As long as a slow machine may take; who dies meanwhile is noticed at once.
READY_S = 120.0


class Load:
    """A started load, seen through the lines that its only process, or its master, appends to a file."""

    def __init__(self, run: Path, alive: Callable[[], bool], log: Path) -> None:
        """Take the run's folder, a way to ask whether the process lives, and its log (for messages)."""
        self._run = run
        self._alive = alive
        self._log = log
        self._offset = 0
        self._begun = False
        self.latest = Progress(state="starting")

    def poll(self) -> Progress:
        """Return the newest progress; RehearsalError if the load failed or ended before the schedule did.

        BrokenOff, a kind of it, if that was in the midst of the run.
        """
        alive = self._alive()
        self._news()
        return self._judged(alive=alive)

    def _news(self) -> list[Progress]:
        news = [msgspec.json.decode(line, type=Progress) for line in self._new_lines()]
        self.latest = news[-1] if news else self.latest
        self._begun = self._begun or any(progress.state == "running" for progress in news)
        return news

    def _judged(self, *, alive: bool) -> Progress:
        error = BrokenOff if self._begun else RehearsalError
        if self.latest.state == "failed":
            raise error(f"{self.latest.note} The logs in {self._log.parent} may say more.")
        if not alive and self.latest.state != "finished":
            raise error(f"Locust ended in the state {self.latest.state!r}; {self._log} says why.")
        return self.latest

    def wait_ready(
        self, within_s: float = READY_S, look: Callable[[Sequence[Progress]], object] = lambda _: None
    ) -> None:
        """Return when the pools stand; RehearsalError if the load ends or takes longer than `within_s`.

        `look` is called at each look with all that was written since the last, and may raise.
        """

        def ready() -> bool:
            alive = self._alive()
            look(self._news())
            return self._judged(alive=alive).state == "ready"

        if wait_until(ready, timeout_s=within_s):
            return
        if self.latest.state == "waiting":
            raise RehearsalError(f"Within {within_s:g} s only this was reached: {self.latest.note}")
        raise RehearsalError(f"Locust's pool did not stand within {within_s:g} s; see {self._log}.")

    def release(self, origin_ns: int) -> None:
        """Start the clock: the first visit is due after `origin_ns`."""
        folder.write_json(self._run / ORIGIN, Origin(origin_ns=origin_ns))

    def end(self) -> None:
        """Let no more visits begin; the load is finished once those under way have ended."""
        folder.write_json(self._run / ENOUGH, {})

    def workers(self) -> tuple[WorkerRecord, ...]:
        """Return what the master wrote of its workers; nothing if there is no master."""
        path = self._run / WORKERS
        return folder.read_json(path, tuple[WorkerRecord, ...]) if path.exists() else ()

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
    if order.locustfile:
        return [sys.executable, "-m", "scenarios.strangers.closed", str(run)]
    return [
        *(sys.executable, "-m", "locust", "-f", str(LOCUSTFILE)),
        *("--headless", "--only-summary", "--loglevel", "WARNING"),
        *("--users", str(order.pool), "--spawn-rate", str(order.pool)),
        *("--exit-code-on-error", "0", "--stop-timeout", "1"),
        *("--rehearsal-run", str(run)),
    ]


def master_command(run: Path) -> list[str]:
    """Return the command line of a master, which reads the rest in the run's folder."""
    return [sys.executable, "-m", "scenarios.fleet.master", str(run)]


def worker_command(host: str, port: int, *, within_s: float = READY_S) -> list[str]:
    """Return the command line of a worker that comes from elsewhere and sends what it records."""
    address = ("--host", host, "--port", str(port), "--within", f"{within_s:g}")
    return [sys.executable, "-m", "scenarios.fleet.worker", *address]


def own_worker_command(run: Path, host: str, port: int, worker: int) -> list[str]:
    """Return the command line of worker k on this machine, which writes into the run's folder."""
    return [*worker_command(host, port), "--worker", str(worker), "--run", str(run)]


def port_of(run: Path) -> int | None:
    """Return where the master listens, None while it does not."""
    path = run / MASTER
    return folder.read_json(path, Port).port if path.exists() else None


def write_order(run: Path, order: LoadOrder) -> None:
    """Write what the load process reads when it starts."""
    folder.write_json(run / LOAD_ORDER, order)


def write_fleet(run: Path, fleet: FleetOrder) -> None:
    """Write what the master reads when it starts, besides the order."""
    folder.write_json(run / FLEET, fleet)
