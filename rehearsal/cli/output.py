"""Printing results: a reader who has gone must not change what the exit code says."""

import os
import sys

import typer


def say(text: str) -> None:
    """Print a result on standard output; if nobody reads it any more, go on in silence."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain at exit about what it could not flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell(sentence: str) -> None:
    """Say on standard error what is not the result itself."""
    typer.echo(f"rehearse: {sentence}", err=True)


def warn(sentence: str) -> None:
    """Print a warning on standard error."""
    typer.echo(f"rehearse: warning: {sentence}", err=True)
