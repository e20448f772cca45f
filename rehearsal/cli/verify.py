"""`rehearse verify`: check a run's signature and every digest, step by step."""

import os
from pathlib import Path
from typing import Annotated

import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, RehearsalError
from rehearsal.rundir import folder
from reports.keys import PublicKey, key_path, load_private, load_public
from reports.verify import verify_run


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "verify",
        help="Check a run's signature and that no signed file has changed.",
        epilog=examples(
            "rehearse verify runs/latest",
            "rehearse verify runs/latest --key theirs.pub.pem",
            also="Exit codes: 0 all holds, 1 something does not.",
        ),
    )(verify)


def verify(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    key: Annotated[Path | None, typer.Option(help="The public key to trust; yours if you have one.")] = None,
) -> int:
    """Print each step; return 0 if all hold, else 1. RunDirError (exit code 2) if it is no run's folder."""
    trusted = _trusted(key)
    folder.require_run(run)
    steps = verify_run(run, trusted=trusted)
    for step in steps:
        say(f"{step.number:2}. {'ok  ' if step.ok else 'FAIL'}  {step.sentence}")
    good = all(step.ok for step in steps)
    say(_conclusion(good=good, known=trusted is not None))
    return EXIT_OK if good else EXIT_FAILED


def _conclusion(*, good: bool, known: bool) -> str:
    if not good:
        return "The evidence does not hold."
    if not known:
        return "The folder is whole. Whose key signed it was not checked: name the one you trust with --key."
    return "The evidence holds."


def _trusted(named: Path | None) -> PublicKey | None:
    if named is not None:
        try:
            return load_public(named.read_bytes())
        except OSError as error:
            raise RehearsalError(f"The key {named} cannot be read: {error.strerror}.") from None
    own = key_path(os.environ)
    return load_private(own).public_key() if own.exists() else None
