"""`rehearse verify`: check a run's signature and every digest, step by step."""

import os
from pathlib import Path
from typing import Annotated

import typer

from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from reports.keys import key_path, load_private
from reports.verify import verify_run


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "verify",
        help="Check a run's signature and that no signed file has changed.",
        epilog="Examples:  rehearse verify runs/latest",
    )(verify)


def verify(run: Annotated[Path, typer.Argument(help="The run's folder.")]) -> int:
    """Print each step; return 0 if all hold, else 1."""
    path = key_path(os.environ)
    own = load_private(path).public_key() if path.exists() else None
    steps = verify_run(run, trusted=own)
    for number, step in enumerate(steps, start=1):
        typer.echo(f"{number:2}. {'ok  ' if step.ok else 'FAIL'}  {step.sentence}")
    good = all(step.ok for step in steps)
    typer.echo("The evidence holds." if good else "The evidence does not hold.")
    return EXIT_OK if good else EXIT_FAILED
