"""The command line: `rehearse VERB`. Errors are a sentence on standard error and an exit code."""

import contextlib
import os
import sys
from collections.abc import Callable
from typing import Any

import click
import typer

from rehearsal import __version__
from rehearsal.cli import (
    audit,
    capacity,
    doctor,
    drill,
    faults,
    heal,
    init,
    links,
    replay,
    report,
    selftest,
    store,
    verify,
    worker,
)
from rehearsal.cli.epilog import examples
from rehearsal.model.errors import EXIT_FAILED, EXIT_STOPPED, EXIT_USAGE, RehearsalError

#: Typer brings a click of its own since 0.16; its wrong options are not those of the package click.
_USAGE: tuple[type[click.ClickException], ...] = (
    click.ClickException,
    *(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException"),
)

app = typer.Typer(
    name="rehearse",
    help="Rehearse an online shop's promotion before it opens: expected peak, real faults, business audit, "
    "signed verdict.",
    epilog=examples(
        "rehearse drill scenarios/plans/flash_sale.toml",
        "rehearse faults",
        also="Exit codes: 0 GO or success, 1 NO_GO or a check failed, 2 bad usage or plan, 3 INCONCLUSIVE, "
        "4 INVALID, 5 stopped and healed.",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

for verb in (
    init,
    drill,
    capacity,
    worker,
    replay,
    verify,
    audit,
    report,
    heal,
    doctor,
    store,
    links,
    faults,
    selftest,
):
    verb.register(app)


@app.callback(invoke_without_command=True)
def _root(
    version: bool = typer.Option(False, "--version", help="Print the version and exit.", is_eager=True),  # noqa: FBT001, FBT003 - typer reads the signature
) -> None:
    if version:
        typer.echo(f"rehearse {__version__}")
        raise typer.Exit


def main(argv: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(run(lambda: app(argv, standalone_mode=False)))


def run(command: Callable[[], Any]) -> int:
    """Call a command; return its exit code, having said in one sentence what went wrong if anything did."""
    try:
        result = command()
    except RehearsalError as error:
        _complain(str(error))
        left = getattr(error, "__notes__", ())
        for note in left:
            _complain(f"But {note} What still stands is undone by: rehearse heal")
        # A drill that was stopped and could not be healed is not one that was stopped and healed.
        return EXIT_FAILED if left and error.exit_code == EXIT_STOPPED else error.exit_code
    except _USAGE as error:
        error.show()
        return EXIT_USAGE
    except (click.Abort, typer.Abort, KeyboardInterrupt):
        _complain("stopped.")
        return EXIT_STOPPED
    except BrokenPipeError:
        # The reader of our output has gone: nothing is left to say, and Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_USAGE
    except OSError as error:
        _complain(f"{error}. Free space, or change permissions, and run it again.")
        return EXIT_USAGE
    return result if isinstance(result, int) else 0


def _complain(sentence: str) -> None:
    """Say it on standard error, if that is still there: after a hangup the exit code must tell alone."""
    with contextlib.suppress(OSError):
        typer.echo(f"rehearse: {sentence}", err=True)
