"""The resiliency matrix: what shoppers were promised under each fault, and what the drill saw. Pure.

After Shopify's resiliency matrix (Eskildsen, Building and Testing Resilient Ruby on Rails Applications,
2015), filled in from the history instead of by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rehearsal.model.faults import Function
from rehearsal.model.verdict import Finding
from reports.fault_story import FaultStory

_FAMILY = "resilience"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One fault: the finding on each function, in the order of `Function`; None where none was made."""

    letter: str
    title: str
    cells: tuple[Finding | None, ...]


def matrix_of(stories: Sequence[FaultStory], findings: Sequence[Finding]) -> tuple[MatrixRow, ...]:
    """Return a row for each fault of which anything was compared."""
    found = {(finding.check, finding.subject): finding for finding in findings}
    rows = tuple(
        MatrixRow(
            letter=story.letter,
            title=story.title,
            cells=tuple(
                found.get((f"{_FAMILY}.{story.fault.kind}.{function}", story.fault.phase))
                for function in Function
            ),
        )
        for story in stories
    )
    return tuple(row for row in rows if any(row.cells))
