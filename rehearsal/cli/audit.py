"""`rehearse audit`: the invariants of a run once more, from its files."""

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rehearsal.cli.epilog import examples
from rehearsal.cli.output import columns, folded, say
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
    if json:
        say(msgspec.json.encode(findings).decode())
    else:
        width = columns()
        say("\n".join(_told(finding, width) for finding in findings))
    return EXIT_CODES[verdict_of(findings)]


def _told(finding: Finding, width: int | None) -> str:
    check = finding.check.removeprefix("invariant.")
    line = folded(f"{finding.status.value:<13} ", f"{check}  {finding.summary}", width)
    return "\n".join([line, *(_step(entry, width) for entry in finding.evidence.get("proof", ()))])


def _step(entry: dict[str, object], width: int | None) -> str:
    at_s = entry["at_s"]
    when = f"{at_s:9.3f} s" if isinstance(at_s, float) else f"{'afterwards':>11}"
    return folded(f"  {when}  ", f"{entry['who']}: {entry['what']}", width)
