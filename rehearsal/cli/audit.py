"""`rehearse audit`: the invariants of a run once more, from its files."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import say
from rehearsal.model.verdict import EXIT_CODES, Finding, verdict_of
from rehearsal.pipeline.audit import audit_run
from rehearsal.rundir import folder


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(
        "audit",
        help="Judge a run's business invariants once more, from its files; write nothing.",
        epilog=examples(
            "rehearse audit runs/latest",
            "rehearse audit runs/latest --json",
            also="Exit codes: 0 all hold, 1 one is broken, 3 one is not known.",
        ),
    )(audit)


def audit(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run's folder.")],
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,  # noqa: FBT002 - a flag
) -> int:
    """Print a line for each invariant; return 0 if all hold, 1 if one is broken, 3 if one is not known."""
    folder.require_run(run)
    findings = audit_run(run)
    say(msgspec.json.encode(findings).decode() if json else "\n".join(map(_told, findings)))
    return EXIT_CODES[verdict_of(findings)]


def _told(finding: Finding) -> str:
    check = finding.check.removeprefix("invariant.")
    proof = "".join(f"\n{'':14}{_step(entry)}" for entry in finding.evidence.get("proof", ()))
    return f"{finding.status.value:<13} {check}  {finding.summary}{proof}"


def _step(entry: dict[str, object]) -> str:
    at_s = entry["at_s"]
    when = f"{at_s:9.3f} s" if isinstance(at_s, float) else f"{'afterwards':>11}"
    return f"{when}  {entry['who']}: {entry['what']}"
