"""`rehearse doctor`: say what a drill needs, what is missing, and the command that mends it."""

import os
from typing import Annotated

import typer

from rehearsal.cli.epilog import examples
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.pipeline.doctor import examine, mend


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "doctor",
        help="Say what is missing for a drill, and mend it.",
        epilog=examples("rehearse doctor", "rehearse doctor --mend"),
    )(doctor)


def doctor(
    mend_it: Annotated[bool, typer.Option("--mend", help="Fetch or build what is missing.")] = False,  # noqa: FBT002 - a flag
    quiet: Annotated[bool, typer.Option("--quiet", help="Say only what is wrong.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Print a line for each thing looked at; return 0 if nothing is missing."""
    if mend_it:
        mend(os.environ, lambda sentence: typer.echo(sentence, err=True))
    checks = examine(os.environ)
    for check in checks:
        if not (quiet and check.ok):
            typer.echo(f"{'ok  ' if check.ok else 'MISS'}  {check.name}: {check.sentence}")
    return EXIT_OK if all(check.ok for check in checks) else EXIT_FAILED
