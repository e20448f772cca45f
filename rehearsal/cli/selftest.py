"""`rehearse selftest`: show that the harness finds what it is there to find, and accuses nobody else."""

import os
import shlex
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console

from rehearsal.cli import selftest_audit, selftest_capacity, selftest_data, selftest_kill
from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.cli.selftest_text import matrix, showing, summary_words
from rehearsal.model.clock import SystemClock
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, RehearsalError, Stopped
from rehearsal.pipeline.defects import known_defects
from rehearsal.pipeline.halt import Halt
from rehearsal.pipeline.selftest.case import Case
from rehearsal.pipeline.selftest.cases import SEEDS, chosen, clean_cases, defect_cases
from rehearsal.pipeline.selftest.ledger import Ledger, version_of_sources
from rehearsal.pipeline.selftest.runner import Runner
from rehearsal.pipeline.selftest.summary import Summary, results_of, summary_of, told
from rehearsal.pipeline.selftest.trial import Trial

#: Drills side by side for each processor: a drill of the selftest keeps a third of one busy.
_JOBS_A_CPU = 2.5


def register(app: typer.Typer) -> None:
    """Add the verb with its sub-verbs."""
    selftest = typer.Typer(
        help="Show that the harness itself works.",
        epilog=examples("rehearse selftest defects --quick", "rehearse selftest kill --help"),
        no_args_is_help=True,
    )
    selftest.callback()(lambda: None)
    selftest.command(
        "defects",
        help="Plant each bug in the mock shop and see it caught; put the correct shop through every "
        "fault and see no alarm.",
        epilog=examples(
            "rehearse selftest defects",
            "rehearse selftest defects --quick --json",
            "rehearse selftest defects --only oversell_race --only region_killed-3",
            also="A second call goes on where the first one ended. Exit codes: 0 every bug was caught and "
            "the correct shop never accused, else 1.",
        ),
    )(defects)
    selftest_kill.register(selftest)
    selftest_audit.register(selftest)
    selftest_data.register(selftest)
    selftest_capacity.register(selftest)
    app.add_typer(selftest, name="selftest")


def defects(
    out: Annotated[Path, typer.Option(help="Where results and the folders of bad cases go.")] = Path(
        "runs/selftest"
    ),
    only: Annotated[
        list[str] | None,
        typer.Option(help="A bug, a kind of fault, a case, or one of defect and clean; may be repeated."),
    ] = None,
    seeds: Annotated[str, typer.Option(metavar="A-B", help="Spread the cases over these seeds.")] = (
        f"{SEEDS[0]}-{SEEDS[-1]}"
    ),
    jobs: Annotated[int, typer.Option(min=0, max=64, help="So many drills side by side; 0: to suit.")] = 0,
    quick: Annotated[bool, typer.Option("--quick", help="Every third case, in five minutes.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Run the cases and return 0 if every bug was caught and the correct shop never accused."""
    spread = seeds_of(seeds)
    cases = (*defect_cases(tuple(known_defects()), spread), *clean_cases(spread))
    cases = chosen(cases, only=only or (), quick=quick)
    ledger = Ledger(out, version_of_sources())
    at_once = jobs or int(_JOBS_A_CPU * (os.cpu_count() or 1))
    try:
        _run(cases, out=out, ledger=ledger, jobs=at_once, silent=json)
    except Stopped as error:
        raise Stopped(f"{error} Go on with the same command: what is done stays done in {out}.") from None
    summary = summary_of(results_of(cases, ledger))
    _tell(summary, as_json=json)
    return EXIT_OK if summary.holds else EXIT_FAILED


def seeds_of(text: str) -> tuple[int, ...]:
    """Return the seeds of `3`, `1-10` or `1,4,7`; RehearsalError if it is none of these."""
    first, dash, last = text.partition("-")
    try:
        seeds = range(int(first), int(last) + 1) if dash else [int(part) for part in text.split(",")]
    except ValueError:
        raise RehearsalError(f"--seeds {shlex.quote(text)} is neither 1-10 nor 1,4,7.") from None
    if not seeds or min(seeds) < 0:
        raise RehearsalError(f"--seeds {shlex.quote(text)} names no seed; write 1-10 or 1,4,7.")
    return tuple(dict.fromkeys(seeds))


def _run(cases: tuple[Case, ...], *, out: Path, ledger: Ledger, jobs: int, silent: bool) -> None:
    halt = Halt()
    with halt.on_signals(), showing(cases, ledger, Console(stderr=True, quiet=silent)) as watch:
        runner = Runner(
            out=out, jobs=jobs, ledger=ledger, start=Trial, clock=SystemClock(), halt=halt, watch=watch
        )
        runner.run(cases)


def _tell(summary: Summary, *, as_json: bool) -> None:
    if as_json:
        say(msgspec.json.encode(told(summary)).decode())
        return
    console = Console(highlight=False)
    console.print(matrix(summary))
    console.print(summary_words(summary))
