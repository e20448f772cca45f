"""The two processes of a measurement, each on a core of its own: the target and a generator."""

import contextlib
import http.client
import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks import tools
from benchmarks.commands.peer import Job, Peer, Said

_START_S = 30.0
_EVERY_S = 0.02


class Failed(Exception):
    """A measurement that could not be made; its text goes into the results."""


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """What the target says of itself. Instants are CLOCK_MONOTONIC nanoseconds."""

    requests: int
    refused: int
    orders: int
    first_ns: int
    now_ns: int
    frozen: tuple[tuple[int, int], ...]
    loop: str


def cores() -> tuple[int, int]:
    """Return the generator's core and the target's; the same one where there is only one."""
    own = sorted(os.sched_getaffinity(0))
    return own[0], own[1 % len(own)]


def pinned(core: int, argv: Sequence[str]) -> list[str]:
    """Return a command that runs on one core alone."""
    return ["taskset", "-c", str(core), *argv]


_alive: list["Running"] = []


def stop_all() -> None:
    """End every process started here: measurements under way in other threads then end by themselves."""
    while _alive:
        _alive.pop().stop()


def busy_s() -> float:
    """Return the processor time all of the machine has used, steal included, in seconds since boot."""
    times = psutil.cpu_times()
    # guest time is within user's already.
    return float(sum(times) - times.idle - times.iowait - getattr(times, "guest", 0.0))


class Running:
    """A process of ours and its descendants."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        _alive.append(self)

    @property
    def over(self) -> bool:
        """Tell whether the process has ended."""
        return self.process.poll() is not None

    def tree(self) -> list[psutil.Process]:
        """Return the living processes, the oldest first."""
        try:
            head = psutil.Process(self.process.pid)
            return [head, *head.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def cpu_s(self) -> float:
        """Return the processor time used so far, in seconds."""
        used = 0.0
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                used += times.user + times.system
        return used

    def rss_bytes(self) -> int:
        """Return the resident memory, in bytes; each tool measured is one process, so none counts twice."""
        total = 0
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.memory_info().rss
        return total

    def stop(self) -> None:
        """End the process and what it started, at once."""
        for process in reversed(self.tree()):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()
        with contextlib.suppress(ValueError):
            _alive.remove(self)


class Target(Running):
    """The target server. Asking it about itself is never counted."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        super().__init__(process)
        self.url = f"http://127.0.0.1:{port}"
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=_START_S)

    def count(self) -> Count:
        """Return its counters of this instant."""
        return msgspec.json.decode(self._get("/__count"), type=Count)

    def arrivals_ns(self) -> NDArray[np.int64]:
        """Return the instants of all requests, in order of arrival (needs --arrivals)."""
        return np.frombuffer(self._get("/__arrivals"), dtype="<i8")

    def close(self) -> None:
        """End it."""
        self._link.close()
        self.stop()

    def _get(self, path: str) -> bytes:
        try:
            self._link.request("GET", path)
            return self._link.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise Failed(f"the target does not answer: {error}") from error


@contextlib.contextmanager
def target(*options: str, core: int | None = None) -> Iterator[Target]:
    """Run a target with these options, on its core, until the block ends. Failed if it does not start."""
    argv = [str(tools.target_python()), "-m", "benchmarks.target", *options]
    process = subprocess.Popen(
        pinned(cores()[1] if core is None else core, argv),
        env={**os.environ, "PYTHONPATH": str(tools.ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        line = process.stdout.readline() if process.stdout else b""
        if not line.strip().isdigit():
            process.kill()
            raise Failed("the target did not start")
        running = Target(process, int(line))
        try:
            yield running
        finally:
            running.close()


class Generator(Running):
    """A tool under measurement, at work on a job."""

    def __init__(self, process: subprocess.Popen[bytes], peer: Peer, job: Job) -> None:
        super().__init__(process)
        self._peer = peer
        self._job = job

    def await_first(self, server: Target) -> None:
        """Return once the target has seen a request. Failed if the tool ends or stays silent."""
        deadline = time.monotonic() + _START_S
        while not server.count().requests:
            if self.over or time.monotonic() > deadline:
                raise Failed(f"{self._peer.title} sent nothing: {self._last_words()}")
            time.sleep(_EVERY_S)

    def await_end(self, timeout_s: float) -> None:
        """Return when the tool has ended; end it if it does not by itself."""
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.stop()

    def said(self) -> Said:
        """Return the tool's own account. Failed if it left none that can be read."""
        source = self._job.output if self._job.output.exists() else _stdout(self._job)
        try:
            return self._peer.parse(source.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, IndexError) as error:
            raise Failed(f"{self._peer.title} left no account: {self._last_words()}") from error

    def _last_words(self) -> str:
        return last_words(_stderr(self._job).read_text(encoding="utf-8", errors="replace"))


def last_words(stderr: str) -> str:
    """Return the last line that says something: Locust ends with a table, whatever went wrong before."""
    lines = [line.strip() for line in stderr.splitlines() if "|" not in line and any(map(str.isalpha, line))]
    return lines[-1][:300] if lines else "it said nothing"


def _stdout(job: Job) -> Path:
    return job.output.with_suffix(".stdout")


def _stderr(job: Job) -> Path:
    return job.output.with_suffix(".stderr")


@contextlib.contextmanager
def generator(peer: Peer, job: Job, core: int | None = None) -> Iterator[Generator]:
    """Run a tool on a job, on its core, until the block ends. Failed if it is missing or cannot do it."""
    tool = tools.find(peer.tool)
    if reason := why_not(peer, job.kind.value):
        raise Failed(reason)
    argv = peer.commands[job.kind](tool.path or Path(peer.tool), job)
    job.output.unlink(missing_ok=True)
    with _stdout(job).open("wb") as out, _stderr(job).open("wb") as err:
        process = subprocess.Popen(
            pinned(cores()[0] if core is None else core, argv),
            env={**os.environ, **_QUIET, **job.environment()},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    running = Generator(process, peer, job)
    try:
        yield running
    finally:
        running.stop()


#: GOMAXPROCS: k6 and hey on one core; the rest keeps tools from calling home.
_QUIET = {
    "PYTHONPATH": str(tools.ROOT),
    "GOMAXPROCS": "1",
    "K6_NO_USAGE_REPORT": "true",
    "ARTILLERY_DISABLE_TELEMETRY": "true",
}


def why_not(peer: Peer, test: str) -> str:
    """Return why a peer cannot take a test (missing, or not of its kind), empty if it can."""
    kinds = {kind.value: kind for kind in peer.commands}
    if test not in kinds:
        return next((reason for kind, reason in peer.cannot.items() if kind.value == test), "not of its kind")
    return tools.find(peer.tool).missing
