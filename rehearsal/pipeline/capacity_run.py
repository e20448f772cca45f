"""`rehearse capacity`: a run that is nothing but a search for capacity."""

from pathlib import Path

from rehearsal.model.clock import Clock
from rehearsal.model.plan import Plan
from rehearsal.pipeline.capacity.plans import search_alone
from rehearsal.pipeline.crew import PLAIN, Setup
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.run import Outcome, run_drill
from rehearsal.pipeline.watcher import Watcher


def run_capacity(
    plan: Plan, *, out: Path, clock: Clock, halt: Halt, watcher: Watcher, setup: Setup = PLAIN
) -> Outcome:
    """Search for the capacity of a checked plan's shop and return the verdict with the run's folder.

    As `run_drill`, with capacity.json besides. RehearsalError if the plan cannot say what is searched for.
    """
    return run_drill(search_alone(plan), out=out, clock=clock, halt=halt, watcher=watcher, setup=setup)
