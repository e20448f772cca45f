"""`rehearse worker`: send a part of another machine's drill."""

import os
import sys
from typing import Annotated

import typer

from rehearsal.cli.address import address_of
from rehearsal.cli.epilog import examples
from scenarios.driver import worker_command


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "worker",
        help="Send a part of the load of a drill that runs on another machine; ends with the drill.",
        epilog=examples(
            "rehearse worker --master 10.0.0.5",
            "rehearse worker --master loadbox:6000 --within 600",
            "ssh -N -L 5557:127.0.0.1:5557 loadbox & rehearse worker --master 127.0.0.1",
            also="The drill says how many it awaits: rehearse drill PLAN --expect-workers N --bind ADDRESS. "
            "Both need the same version of the harness; an adapter of yours must be importable here too, "
            "from this folder or the environment.",
        ),
    )(worker)


def worker(
    master: Annotated[
        str, typer.Option(metavar="HOST[:PORT]", help="Where the drill waits for its workers.")
    ],
    within: Annotated[float, typer.Option(min=1, help="Give up connecting after so many seconds.")] = 60.0,
) -> None:
    """Become a load process of the drill at `master`.

    This process is replaced, not accompanied: whatever ends it ends the load, and nothing is left behind.
    """
    host, port = address_of(master, option="--master")
    argv = worker_command(host, port, within_s=within)
    # The folder a person works in may hold an adapter; installed or not, our own packages come along.
    path = os.pathsep.join(entry for entry in sys.path if entry)
    os.execve(sys.executable, argv, {**os.environ, "PYTHONPATH": path})  # noqa: S606 - our own command line
