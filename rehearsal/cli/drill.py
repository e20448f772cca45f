"""`rehearse drill`: rehearse a plan and say whether the promotion may open."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from rehearsal.cli.display import watching
from rehearsal.cli.output import say, warn
from rehearsal.cli.verdict_text import verdict_text
from rehearsal.model.clock import SystemClock
from rehearsal.model.plan import Plan
from rehearsal.model.plan_check import warnings_of
from rehearsal.model.verdict import EXIT_CODES
from rehearsal.pipeline.defects import check_defects
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.plans import check_target, load_plan
from rehearsal.pipeline.run import Outcome, run_drill
from rehearsal.pipeline.watcher import Nobody, Unshaken, Watcher
from rehearsal.rundir import folder
from rehearsal.rundir.record import VerdictRecord


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "drill",
        help="Rehearse a plan: load, faults, audit, signed report.",
        epilog="Examples:  rehearse drill scenarios/plans/flash_sale.toml  |  "
        "rehearse drill my-sale.toml --seed 7 --out /tmp/runs  |  "
        "rehearse drill scenarios/plans/flash_sale.toml --defect oversell_race",
    )(drill)


def drill(
    plan: Annotated[Path, typer.Argument(help="The plan, a TOML file.")],
    seed: Annotated[
        int | None, typer.Option(min=0, max=2**63 - 1, help="Use this seed instead of the plan's.")
    ] = None,
    defect: Annotated[
        list[str] | None, typer.Option(help="Plant this bug in the mock shop; may be repeated.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Where the run's folder is made.")] = Path("runs"),
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the verdict only.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="Print verdict.json and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Rehearse a plan and return the exit code its verdict stands for."""
    checked = load_plan(plan, seed=seed)
    check_target(checked)
    defects = check_defects(checked, defect or [])
    for warning in warnings_of(checked):
        warn(warning)
    silent = quiet or json
    outcome = _rehearse(checked, out=out, defects=defects, silent=silent)
    record = folder.read_json(outcome.run / folder.VERDICT, VerdictRecord)
    if json:
        say(msgspec.json.encode(record).decode())
    elif quiet:
        say(record.verdict.value)
    else:
        say(_painted(outcome.run, record))
    return EXIT_CODES[outcome.verdict]


def _painted(run: Path, record: VerdictRecord) -> str:
    console = Console(highlight=False)
    width = console.width if console.is_terminal else None
    with console.capture() as captured:
        console.print(verdict_text(run, record, width), soft_wrap=True)
    return captured.get().rstrip("\n")


def _rehearse(plan: Plan, *, out: Path, defects: Sequence[str], silent: bool) -> Outcome:
    halt = Halt()
    show: AbstractContextManager[Watcher] = (
        nullcontext(Nobody()) if silent else watching(plan, Console(stderr=True))
    )
    with halt.on_signals(), show as watcher:
        return run_drill(
            plan, out=out, defects=defects, clock=SystemClock(), halt=halt, watcher=Unshaken(watcher)
        )
