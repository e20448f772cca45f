"""`rehearse selftest data`: two load processes, many users; none used twice, and no secret written."""

import shutil
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say, tell
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.pipeline.selftest.data import WORKERS, DataTried, try_data

_USERS, _FEW = 200_000, 4_000
_PER_S, _FEW_PER_S = 800.0, 400.0


def register(selftest: typer.Typer) -> None:
    """Add the sub-verb."""
    selftest.command(
        "data",
        help=f"Let a shop book {_USERS:,} users from {WORKERS} load processes; see none used twice, and no "
        "secret in any file of the run, though shop and adapter let them slip.",
        epilog=examples("rehearse selftest data", "rehearse selftest data --quick --json"),
    )(data)


def data(
    out: Annotated[Path, typer.Option(help="Where the run's folder goes.")] = Path("runs/selftest-data"),
    quick: Annotated[bool, typer.Option("--quick", help=f"Only {_FEW:,} users, in half a minute.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Return 0 if each visit had a user of its own and no secret was found, else 1 and the folder stays."""
    users, per_s = (_FEW, _FEW_PER_S) if quick else (_USERS, _PER_S)
    if not json:
        tell(f"{users:,} users at {per_s:g} a second: this takes {users / per_s:.0f} seconds and a few more.")
    tried = try_data(users, per_s, out.absolute())
    if tried.holds:
        shutil.rmtree(out, ignore_errors=True)
    say(msgspec.json.encode(tried).decode() if json else words_of(tried))
    return EXIT_OK if tried.holds else EXIT_FAILED


def words_of(tried: DataTried) -> str:
    """Return the figures in three sentences."""
    found = ", ".join(tried.found) or "none"
    return (
        f"{tried.users:,} users, {tried.workers} load processes, {tried.seconds:.0f} s: the shop booked "
        f"{tried.booked:,}; used twice: {tried.twice}, missing: {tried.missing}, unknown: {tried.strange}, "
        f"not started: {tried.dropped}.\n"
        f"Secrets slipped into {tried.masked:,} rows and {tried.swept:,} times into other files, and were "
        "masked.\n"
        f"Files with a secret in them, of {tried.files}: {found}."
    )
