"""A run that somebody may watch, from its start to its outcome."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rich.console import Console

from rehearsal.cli.display import watching
from rehearsal.model.clock import SystemClock
from rehearsal.model.plan import Plan
from rehearsal.pipeline.crew import Setup
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.run import Outcome
from rehearsal.pipeline.watcher import Nobody, Unshaken, Watcher


def watched(
    run: Callable[..., Outcome], plan: Plan, *, out: Path, setup: Setup, silent: bool = False
) -> Outcome:
    """Call `run_drill` or one like it, with a display on standard error; signals end it and heal."""
    halt = Halt()
    show: AbstractContextManager[Watcher] = (
        nullcontext(Nobody()) if silent else watching(plan, Console(stderr=True))
    )
    with halt.on_signals(), show as watcher:
        return run(plan, out=out, clock=SystemClock(), halt=halt, watcher=Unshaken(watcher), setup=setup)
