"""`rehearse drill`: rehearse a plan and say whether the promotion may open."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rehearsal.cli.address import crew_of
from rehearsal.cli.epilog import examples
from rehearsal.cli.outcome_text import painted
from rehearsal.cli.output import say, tell, warn
from rehearsal.cli.watched import watched
from rehearsal.model.errors import EXIT_FAILED, EXIT_STOPPED, RehearsalError
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import warnings_of
from rehearsal.model.verdict import EXIT_CODES
from rehearsal.pipeline.adapter_check import adapter_warnings
from rehearsal.pipeline.again import again
from rehearsal.pipeline.crew import HOST, MOST, PORT, Setup
from rehearsal.pipeline.defects import check_defects
from rehearsal.pipeline.plans import check_target, load_plan
from rehearsal.pipeline.run import Outcome, run_drill
from rehearsal.pipeline.strangers import check_locustfile
from rehearsal.rundir import folder
from rehearsal.rundir.record import RunRecord, VerdictRecord


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "drill",
        help="Rehearse a plan: load, faults, audit, signed report.",
        epilog=examples(
            "rehearse drill scenarios/plans/flash_sale.toml",
            "rehearse drill my-sale.toml --seed 7 --out /tmp/runs",
            "rehearse drill scenarios/plans/flash_sale.toml --defect oversell_race",
            "rehearse drill --replay runs/latest",
            "rehearse drill my-sale.toml --workers 4",
            "rehearse drill my-sale.toml --expect-workers 3 --bind 10.0.0.5",
            also="With the last, run on three machines: rehearse worker --master 10.0.0.5. Whoever reaches "
            "that address can send load for this drill: bind to a private network, or to 127.0.0.1 behind "
            "an ssh tunnel.",
        ),
    )(drill)


def drill(  # noqa: PLR0913, PLR0917 - typer reads the options off the signature
    plan: Annotated[Path | None, typer.Argument(metavar="PLAN", help="The plan, a TOML file.")] = None,
    replay: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="Run a former run's plan, seed and defects again, instead of PLAN."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, help="Use this seed instead of the plan's.")
    ] = None,
    defect: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Plant this bug in the mock shop; may be repeated."),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=MOST, help="Send the load from so many processes of this machine.")
    ] = 1,
    expect_workers: Annotated[
        int, typer.Option(min=0, max=MOST, help="Wait for so many processes started with rehearse worker.")
    ] = 0,
    bind: Annotated[
        str, typer.Option(metavar="HOST[:PORT]", help="Address at which workers elsewhere join.")
    ] = f"{HOST}:{PORT}",
    within: Annotated[
        float, typer.Option(min=1, help="Give up waiting for workers after so many seconds.")
    ] = 300.0,
    out: Annotated[Path, typer.Option(help="Where the run's folder is made.")] = Path("runs"),
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the verdict only.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="Print verdict.json and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Rehearse a plan and return the exit code its verdict stands for."""
    checked, planted = _wanted(plan, replay, seed, defect or [])
    check_target(checked)
    check_locustfile(checked)
    defects = check_defects(checked, planted)
    for warning in (*warnings_of(checked), *adapter_warnings(checked)):
        warn(warning)
    silent = quiet or json
    crew = crew_of(workers, expect_workers, bind=bind, within_s=within)
    setup = Setup(defects=tuple(defects), crew=crew)
    outcome = watched(run_drill, checked, out=out, setup=setup, silent=silent)
    record = folder.read_json(outcome.run / folder.VERDICT, VerdictRecord)
    if json:
        say(msgspec.json.encode(record).decode())
    elif quiet:
        say(record.verdict.value)
    else:
        say(painted(outcome.run, record))
    return exit_code_of(outcome)


def exit_code_of(outcome: Outcome) -> int:
    """Say why a drill ended early, if it did, and return its exit code; 5 stands for healed alone."""
    unhealed = folder.read_json(outcome.run / folder.RUN, RunRecord).unhealed
    if outcome.tripped is None:
        return EXIT_CODES[outcome.verdict]
    tell(
        f"stopped {'and healed' if not unhealed else 'and NOT healed'}: {outcome.tripped.summary}"
        f" ({outcome.tripped.condition})."
    )
    return EXIT_FAILED if unhealed else EXIT_STOPPED


def _wanted(
    plan: Path | None, replay: Path | None, seed: int | None, defects: Sequence[str]
) -> tuple[Plan, Sequence[str]]:
    """Return the plan to rehearse and the bugs to plant: a file's, or a former run's."""
    if replay is None:
        if plan is None:
            raise typer.BadParameter("Missing argument 'PLAN': a plan, or --replay RUN.")
        return load_plan(plan, seed=seed), defects
    if plan is not None or seed is not None or defects:
        raise RehearsalError("--replay runs a run's own plan, seed and defects again; leave out the others.")
    before = again(replay)
    planted = ", ".join(before.defects) or "none"
    tell(f"again {replay}: seed {before.plan.seed}, defects: {planted}, the same schedule {before.sha256}.")
    return before.plan, before.defects
