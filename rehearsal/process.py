"""Processes the harness starts: known by pid and start time, so that no stranger's is ever touched."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import psutil

#: Every process of a run carries its id in the environment: `heal` finds even those no file mentions.
MARK = "REHEARSAL_RUN"
_GRACE_S = 5.0
_PROC = Path("/proc")
#: Starts are told in hundredths of a second.
_TICK_S = 0.005


class Child(msgspec.Struct, frozen=True, kw_only=True):
    """A started process. `created` (seconds since the boot) tells it from a later owner of its pid."""

    label: str
    pid: int
    created: float
    argv: tuple[str, ...]


def start(
    label: str,
    argv: Sequence[str],
    *,
    log: Path,
    run_id: str,
    env: Mapping[str, str] | None = None,
    stdout: int | None = None,
) -> tuple[Child, subprocess.Popen[bytes]]:
    """Start a process in a session of its own (a Ctrl-C in the terminal is the conductor's to handle).

    Its standard error, and its output unless `stdout` says otherwise, go to `log`.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        process = subprocess.Popen(
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=sink if stdout is None else stdout,
            stderr=sink,
            env={**os.environ, **(env or {}), MARK: run_id},
            start_new_session=True,
        )
    try:
        created = created_s(psutil.Process(process.pid))
    except psutil.NoSuchProcess:  # it died at once; its exit code tells
        created = 0.0
    return Child(label=label, pid=process.pid, created=created, argv=tuple(argv)), process


def created_s(process: psutil.Process) -> float:
    """Return when a process began, in seconds since the boot; psutil.NoSuchProcess if it is gone.

    Not by the time of day, as psutil has it: where the clock is set while a drill runs, or creeps past a
    second (Linux tells the instant of its boot in whole ones), all processes would seem to be strangers.
    """
    if not (_PROC / "self" / "stat").exists():
        return process.create_time()
    try:
        stat = (_PROC / str(process.pid) / "stat").read_bytes()
    except OSError:
        raise psutil.NoSuchProcess(process.pid) from None
    # The program's name, in brackets, may hold anything (proc(5)); what is wanted is the 20th word after it.
    return int(stat.rpartition(b")")[2].split()[19]) / os.sysconf("SC_CLK_TCK")


def find(child: Child) -> psutil.Process | None:
    """Return the living process a Child names, or None if it is gone or its pid is somebody else's now."""
    try:
        process = psutil.Process(child.pid)
        if abs(created_s(process) - child.created) > _TICK_S or process.status() == psutil.STATUS_ZOMBIE:
            return None
    except psutil.NoSuchProcess:
        return None
    return process


def kill(child: Child) -> bool:
    """Kill -9 the process and its descendants; tell whether it was alive."""
    process = find(child)
    if process is None:
        return False
    for victim in [*_descendants(process), process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    psutil.wait_procs([process], timeout=_GRACE_S)
    return True


def stop(children: Iterable[Child], *, grace_s: float = _GRACE_S) -> None:
    """Ask all to end (SIGTERM), wait `grace_s`, then kill what is left."""
    living = [process for child in children if (process := find(child))]
    for process in living:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGTERM)
    _, stubborn = psutil.wait_procs(living, timeout=grace_s)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=grace_s)


def marked(run_id: str) -> list[psutil.Process]:
    """Return this user's living processes that carry the run's mark."""
    return [process for process in psutil.process_iter() if _mark_of(process) == run_id]


def wait_until(condition: Callable[[], bool], *, timeout_s: float, every_s: float = 0.05) -> bool:
    """Call `condition` until it is true or `timeout_s` has passed; tell which."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every_s)
    return True


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _mark_of(process: psutil.Process) -> str:
    try:
        return process.environ().get(MARK, "") if process.status() != psutil.STATUS_ZOMBIE else ""
    except (psutil.Error, OSError):
        return ""
