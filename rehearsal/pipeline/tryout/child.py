"""Starting the doctor's process, which speaks HTTP as the load does, and reading what it told."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from rehearsal.model.errors import RehearsalError
from rehearsal.pipeline.load import how_ended
from scenarios.tryout.told import FailedTold, Told, TryOrder

#: For the process to start, and for a visit: payments that stay undecided are asked for eight times.
_START_S, _VISIT_S = 20.0, 30.0
_LAST_WORDS = 200


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What was told; `ended` says why no more was, if the process did not end by itself."""

    told: tuple[Told, ...] = ()
    ended: str = ""


def limit_s(order: TryOrder) -> float:
    """Return how long an order may take."""
    return _START_S + _VISIT_S * (len(order.kinds) + bool(order.burst))


def try_out(order: TryOrder, *, within_s: float | None = None) -> Tried:
    """Carry out an order in a process of its own, ended after `within_s` at the latest.

    RehearsalError if nothing could be tried: the adapter cannot be loaded, test data is missing.
    """
    with tempfile.TemporaryDirectory(prefix="rehearse-doctor-") as folder:
        asked, answered = Path(folder, "order.json"), Path(folder, "told.ndjson")
        asked.write_bytes(msgspec.json.encode(order))
        ended = _run(asked, answered, limit_s(order) if within_s is None else within_s)
        told = read_told(answered)
    for line in told:
        if isinstance(line, FailedTold):
            raise RehearsalError(line.why)
    return Tried(told=told, ended=ended)


def read_told(file: Path) -> tuple[Told, ...]:
    """Return the whole lines of a file; one that was cut off by the process's end is left out."""
    content = file.read_bytes() if file.exists() else b""
    whole = content[: content.rfind(b"\n") + 1]
    return tuple(msgspec.json.decode(line, type=Told) for line in whole.splitlines())


def _run(asked: Path, answered: Path, within_s: float) -> str:
    argv = [sys.executable, "-m", "scenarios.tryout", str(asked), str(answered)]
    path = os.pathsep.join(entry for entry in sys.path if entry)
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {within_s:g} s"
    if not done.returncode:
        return ""
    words = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
    return ": ".join([how_ended(done.returncode), *(word[:_LAST_WORDS] for word in words)])
