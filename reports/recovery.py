"""What shoppers met of each fault, in numbers, a row a fault; and the other judgements with numbers. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.model.verdict import Finding
from reports.fault_story import FaultStory

#: The measures of a row, in the order of the table: the check's last part, and the column's heading.
MEASURES = {
    "detect": "detected",
    "": "recovered",
    "lost_orders": "orders lost",
    "failback": "dip after healing",
    "stale_clients": "last old client",
    "amplification": "requests for each meant",
    "metastable": "back at the same load",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRow:
    """One fault's findings on recovery, one for each of MEASURES; None where nothing was measured."""

    letter: str
    title: str
    cells: tuple[Finding | None, ...]


def recoveries_of(stories: Sequence[FaultStory]) -> tuple[RecoveryRow, ...]:
    """Return a row for each fault of which anything was measured."""
    rows = tuple(
        RecoveryRow(
            letter=story.letter,
            title=story.title,
            cells=tuple(_cell(story, measure) for measure in MEASURES),
        )
        for story in stories
    )
    return tuple(row for row in rows if any(row.cells))


def of_family(findings: Sequence[Finding], *families: str) -> tuple[Finding, ...]:
    """Return the findings of some families, in their order."""
    return tuple(finding for finding in findings if finding.check.split(".")[0] in families)


def _cell(story: FaultStory, measure: str) -> Finding | None:
    wanted = ".".join(part for part in ("recovery", story.fault.kind, measure) if part)
    return next((finding for finding in story.findings if finding.check == wanted), None)
