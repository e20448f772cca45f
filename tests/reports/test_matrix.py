"""The resiliency matrix and the table of recoveries: each finding stands in its own cell."""

from typing import Any

import pytest

from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault
from rehearsal.model.verdict import Finding, Status
from reports.fault_story import FaultStory
from reports.matrix import matrix_of
from reports.recovery import MEASURES, of_family, recoveries_of


def story(*findings: Finding, phase: str = "down", letter: str = "A") -> FaultStory:
    """Return the story of a provider that cannot be reached."""
    fault = Fault(kind=FaultKind.PAYMENT_UNREACHABLE, phase=phase, hold_s=5.0, recover_within_s=5.0)
    rest: dict[str, Any] = {"injected_s": 1.0, "mended_s": 6.0, "steps": ()}
    return FaultStory(letter=letter, title="provider down", fault=fault, findings=findings, **rest)


def finding(check: str, subject: str = "down") -> Finding:
    """Return a finding that passes."""
    return Finding(check=check, subject=subject, status=Status.PASS, summary=check)


def test_a_cell_of_the_matrix_is_the_finding_on_that_function() -> None:
    """Functions come in the order in which shoppers meet them; one without a finding stays empty."""
    browse, pay = (finding(f"resilience.payment_unreachable.{name}") for name in ("browse", "payment"))

    [row] = matrix_of([story()], [pay, browse])

    assert (browse, None, None, None, pay) == row.cells


def test_two_faults_of_one_kind_keep_their_findings_apart() -> None:
    """The phase tells them apart."""
    first, second = (finding("resilience.payment_unreachable.browse", phase) for phase in ("down", "again"))

    rows = matrix_of([story(), story(phase="again", letter="B")], [second, first])

    assert [first, second] == [row.cells[0] for row in rows]


@pytest.mark.parametrize(
    "check",
    ["resilience.region_killed.browse", "recovery.payment_unreachable", "slo.goodput"],
    ids=["another fault", "another family", "no fault at all"],
)
def test_a_fault_nothing_was_compared_for_has_no_row(check: str) -> None:
    """An empty row would look like a promise kept."""
    assert matrix_of([story()], [finding(check)]) == ()


def test_a_cell_of_the_recoveries_is_the_finding_on_that_measure() -> None:
    """The bare name is the time to recover; the others are told by their last word."""
    recovered, detect = (finding(f"recovery.payment_unreachable{end}") for end in ("", ".detect"))

    [row] = recoveries_of([story(recovered, detect)])

    assert {"": recovered, "detect": detect} == {
        name: cell for name, cell in zip(MEASURES, row.cells, strict=True) if cell is not None
    }


def test_a_fault_nothing_was_measured_of_has_no_row() -> None:
    """Findings on effect and healing are told elsewhere."""
    assert recoveries_of([story(finding("fault.payment_unreachable.effect"))]) == ()


def test_families_are_told_by_the_first_word() -> None:
    """`limit` is a family; `limits_other` is another."""
    wanted, other = finding("limit.stairs"), finding("limits.stairs")

    assert (wanted,) == of_family([other, wanted], "limit", "shed")
