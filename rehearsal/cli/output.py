"""Printing results: a reader who has gone must not change what the exit code says."""

import os
import sys
import textwrap

import typer
from rich.console import Console

#: Below this many columns lines are not made shorter: a word or two a line is harder to read than a fold.
_NARROWEST = 40


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


def columns() -> int | None:
    """Return how wide the terminal is; None if standard output is none, for pipes and logs stay unbroken."""
    console = Console()
    return max(console.width, _NARROWEST) if console.is_terminal else None


def folded(head: str, words: str, width: int | None) -> str:
    """Return words after `head`, broken between words at `width` columns and kept clear of the head's."""
    if width is None:
        return head + words
    lines = textwrap.wrap(
        words,
        width=width,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines) or head.rstrip()
