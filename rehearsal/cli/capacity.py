"""`rehearse capacity`: find out how much a shop carries, and hold it against the forecast."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from rehearsal.cli.capacity_essentials import essentials
from rehearsal.cli.drill import exit_code_of
from rehearsal.cli.epilog import examples
from rehearsal.cli.outcome_text import painted
from rehearsal.cli.output import say, warn
from rehearsal.cli.watched import watched
from rehearsal.model.capacity import CapacityRecord
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import warnings_of
from rehearsal.pipeline.adapter_check import adapter_warnings
from rehearsal.pipeline.capacity.page import overlap_of
from rehearsal.pipeline.capacity.plans import capacity_of, search_alone, sets_of
from rehearsal.pipeline.capacity.record_file import read_record
from rehearsal.pipeline.capacity_run import run_capacity
from rehearsal.pipeline.crew import MOST, Crew, Setup
from rehearsal.pipeline.plans import check_target, load_plan
from rehearsal.rundir import folder
from rehearsal.rundir.record import VerdictRecord


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "capacity",
        help="Find the capacity of a plan's shop, with bounds, and prove the headroom.",
        epilog=examples(
            "rehearse capacity scenarios/plans/capacity.toml",
            "rehearse capacity my-sale.toml --no-scenes --seed 7",
            "rehearse capacity my-sale.toml --slo strict --json",
            "rehearse capacity my-sale.toml --proof-only --quiet",
            also="Only the search is made, after a warm-up: phases, faults and waiting rooms of the plan are "
            "left out. What is searched for, by which promises and with what gone, says the plan's table "
            "capacity; without one its slo.proof is the promise. docs/capacity.md explains each number.",
        ),
    )(capacity)


def capacity(  # noqa: PLR0913 - typer reads the options off the signature
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="The plan, a TOML file.")],
    *,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, help="Use this seed instead of the plan's.")
    ] = None,
    slo: Annotated[str, typer.Option(metavar="NAME", help="Search by this SLO set only.")] = "",
    no_scenes: Annotated[
        bool, typer.Option("--no-scenes", help="Leave out surviving and dimensions.")
    ] = False,
    proof_only: Annotated[
        bool,
        typer.Option("--proof-only", help="Only hold 1.3 times the forecast: no search, nothing gone."),
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, max=MOST, help="Send the load from so many processes of this machine.")
    ] = 1,
    out: Annotated[Path, typer.Option(help="Where the run's folder is made.")] = Path("runs"),
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the verdict only.")] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print what was found as JSON and nothing else.")
    ] = False,
) -> int:
    """Search and return the exit code that the verdict stands for."""
    scenes = not (no_scenes or proof_only)
    wanted = _narrowed(search_alone(load_plan(plan, seed=seed)), slo, scenes=scenes)
    if proof_only:
        wanted = _proof_alone(wanted)
    check_target(wanted)
    for warning in (*warnings_of(wanted), *adapter_warnings(wanted)):
        warn(warning)
    setup = Setup(crew=Crew(workers=workers))
    outcome = watched(run_capacity, wanted, out=out, setup=setup, silent=quiet or json)
    record = folder.read_json(outcome.run / folder.VERDICT, VerdictRecord)
    if json:
        found = read_record(outcome.run) or CapacityRecord()
        overlap = overlap_of(wanted, found)
        told = essentials(str(outcome.run), outcome.verdict, found, wanted.forecast, overlap=overlap)
        say(msgspec.json.encode(told).decode())
    elif quiet:
        say(record.verdict.value)
    else:
        say(painted(outcome.run, record))
    return exit_code_of(outcome)


def _proof_alone(plan: Plan) -> Plan:
    """Return a plan that makes the proof and no search; RehearsalError if it has nothing to prove."""
    if plan.forecast is None:
        raise RehearsalError(
            "The plan states no [forecast], so there is nothing to prove. Give it forecast.peak_per_s, or"
            " leave --proof-only out and search."
        )
    return plan.model_copy(update={"capacity": capacity_of(plan).model_copy(update={"search": False})})


def _narrowed(plan: Plan, slo: str, *, scenes: bool) -> Plan:
    """Return a plan that searches by one SLO set only, if one is named, and with nothing gone, if asked."""
    wanted = capacity_of(plan)
    update: dict[str, Any] = {} if scenes else {"surviving": (), "dimensions": ()}
    if slo:
        sets = sets_of(plan, wanted)
        if slo not in sets:
            raise RehearsalError(f"The plan has no SLO set {slo!r}; there are {', '.join(sets)}.")
        update["slo"] = {slo: sets[slo]}
    return plan.model_copy(update={"capacity": wanted.model_copy(update=update)})
