"""`rehearse report`: judge a run again from its files if need be, and draw its report."""

from pathlib import Path
from typing import Annotated

import typer

from rehearsal.cli.epilog import examples
from rehearsal.pipeline.recover import report_again


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "report",
        help="Draw a run's report again; a run that never got that far is judged first.",
        epilog=examples("rehearse report runs/latest"),
    )(report)


def report(run: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")]) -> int:
    """Print where the report is."""
    typer.echo(str(report_again(run)))
    return 0
