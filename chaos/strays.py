"""Processes of a run that no table or file mentions."""

import contextlib
import os
from collections.abc import Collection, Sequence

import psutil

from rehearsal import process

_GONE_S = 5.0


def kill_marked(run_id: str, spared: Collection[int] = ()) -> tuple[int, ...]:
    """Kill every process with the run's mark, except the caller and `spared` pids; return their pids."""
    strays = [stray for stray in process.marked(run_id) if stray.pid not in {os.getpid(), *spared}]
    kill_all(strays)
    return tuple(stray.pid for stray in strays)


def kill_all(victims: Sequence[psutil.Process]) -> None:
    """Kill processes and wait until they are gone."""
    for victim in victims:
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    psutil.wait_procs(victims, timeout=_GONE_S)
