"""`rehearse init`: a plan and an adapter to begin with."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.model.errors import EXIT_OK
from rehearsal.pipeline.starter import FILES, write_starter


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "init",
        help="Write a folder with a commented plan and an adapter to begin with; they work as they are.",
        epilog=examples("rehearse init my-sale", "rehearse init black-friday --out rehearsals"),
    )(init)


def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The plan's name, and the new folder's.")],
    out: Annotated[Path, typer.Option(help="Where the folder is made.")] = Path(),
) -> int:
    """Write the folder, and say what to type next."""
    folder = write_starter(name, out)
    say(f"{folder} holds {', '.join(FILES)}. They rehearse the mock shop as they are; see that it works:")
    say("")
    say(f"  cd {quote(str(folder))}")
    say("  rehearse store up --plan plan.toml      in another terminal, in the same folder")
    say("  rehearse doctor --target plan.toml      one visit of each kind, step by step")
    say("  rehearse drill plan.toml                forty seconds, then a report")
    say("")
    say("Then make storefront.py and plan.toml your own shop's; README.md there says in which order.")
    return EXIT_OK
