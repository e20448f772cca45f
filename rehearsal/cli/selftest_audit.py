"""`rehearse selftest audit`: find one violation among ten million operations."""

from typing import Annotated

import msgspec
import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say, warn
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK
from rehearsal.pipeline.selftest.clean_readings import PLANTED
from rehearsal.pipeline.selftest.vast import MOST_MIB, MOST_S, Vast, try_vast

_OPS, _FEW = 10_000_000, 200_000


def register(selftest: typer.Typer) -> None:
    """Add the sub-verb."""
    selftest.command(
        "audit",
        help="Plant one violation among ten million clean operations and see it found, in time and memory.",
        epilog=examples(
            "rehearse selftest audit",
            "rehearse selftest audit --plant I5 --json",
            "rehearse selftest audit --quick",
            also=f"What can be planted: {', '.join(PLANTED)}.",
        ),
    )(audit)


def audit(
    ops: Annotated[int, typer.Option(min=100, max=50_000_000, help="So many operations.")] = _OPS,
    plant: Annotated[str, typer.Option(help="The invariant that is broken once.")] = "I4",
    quick: Annotated[bool, typer.Option("--quick", help=f"Only {_FEW:,} operations.")] = False,  # noqa: FBT002 - a flag
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON and nothing else.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Return 0 if the violation was found within 60 s and 2 GiB, else 1."""
    vast = try_vast(_FEW if quick else ops, plant, (lambda _: None) if json else warn)
    say(msgspec.json.encode(vast).decode() if json else words_of(vast))
    return EXIT_OK if vast.holds else EXIT_FAILED


def words_of(vast: Vast) -> str:
    """Return the outcome in two sentences."""
    found = "found" if vast.found else "NOT found"
    broken = ", ".join(vast.broken) or "none"
    return (
        f"Planted in {vast.ops:,} operations: {PLANTED[vast.planted]} ({vast.order_id}). It was {found}; "
        f"invariants called broken: {broken}.\n"
        f"The audit took {vast.seconds:.1f} s ({MOST_S:g} allowed) and at most {vast.peak_mib:,.0f} MiB "
        f"({MOST_MIB:,.0f} allowed)."
    )
