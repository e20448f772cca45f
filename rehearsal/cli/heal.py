"""`rehearse heal`: undo whatever dead runs left behind."""

import os

import typer

from chaos.heal import Healed, heal_leases
from chaos.lease import state_dir
from rehearsal.cli.epilog import examples
from rehearsal.model.errors import EXIT_FAILED, EXIT_OK, EXIT_USAGE
from rehearsal.pipeline.complete import complete_quietly


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "heal",
        help="Undo whatever a dead run left behind: faults, processes, leases.",
        epilog=examples(
            "rehearse heal",
            also="Exit codes: 0 nothing is left, 1 something is or may be, 2 a run still goes on and was "
            "left alone.",
        ),
    )(heal)


def heal() -> int:
    """Print what was healed; return 1 if something is left, 2 if a run still goes on and was left alone.

    Of a lease that nobody can read it is not known what is left: 1.
    """
    summary = heal_leases(state_dir(os.environ), complete_quietly)
    for healed in summary.healed:
        typer.echo(f"{healed.run_id}: {_sentence(healed)}")
    for sentence in (*summary.set_aside, *summary.refused):
        typer.echo(sentence, err=True)
    if not (summary.healed or summary.refused or summary.set_aside):
        typer.echo("Nothing to heal.")
    if any(healed.owes for healed in summary.healed):
        typer.echo("Not all is mended. Once it can be, run: rehearse heal", err=True)
        return EXIT_FAILED
    if summary.set_aside:
        return EXIT_FAILED
    return EXIT_USAGE if summary.refused else EXIT_OK


def _sentence(healed: Healed) -> str:
    if healed.by_supervisor:
        return "its supervisor has healed it."
    ended = ", ".join(healed.processes) or "none"
    opened = ", ".join(healed.listeners) or "none"
    text = f"listeners healed: {opened}; processes ended: {ended}; strays: {len(healed.strays)}."
    return " ".join((text, *healed.problems))
