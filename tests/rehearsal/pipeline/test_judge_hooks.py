"""What is said of a plan's own commands once the run is over."""

from collections.abc import Callable

import pytest

from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Hooks
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Status
from rehearsal.pipeline.judge_hooks import hook_findings
from rehearsal.rundir.history_file import frame_of

NONE = Hooks()
BOTH = Hooks(before="true", after="true")


def told(step: ProtocolStep, outcome: Outcome = Outcome.OK, note: str = "it ended") -> Row:
    """Return the row of a command that took half a second."""
    return Row(kind=Kind.PROTOCOL, f=step, sent_ns=0, done_ns=500_000_000, outcome=outcome, note=note)


BEGUN = told(ProtocolStep.AFTER, note="")
WELL = [told(ProtocolStep.BEFORE), BEGUN, told(ProtocolStep.AFTER)]
BROKEN = [
    told(ProtocolStep.BEFORE),
    BEGUN,
    told(ProtocolStep.AFTER, Outcome.FAIL, "code 3: gone"),
]


@pytest.mark.parametrize(
    ("hooks", "rows", "expected"),
    [
        pytest.param(NONE, [], [], id="no hooks"),
        pytest.param(BOTH, WELL, [(Status.PASS, "before in 0.5 s, after in 0.5 s")], id="both well"),
        pytest.param(
            Hooks(after="true"), [told(ProtocolStep.AFTER)], [(Status.PASS, "well: after in")], id="one"
        ),
        pytest.param(BOTH, BROKEN, [(Status.INCONCLUSIVE, "code 3: gone. Carry it out")], id="it failed"),
        pytest.param(
            BOTH,
            WELL[:2],
            [(Status.INCONCLUSIVE, "hooks.after was not carried out. Carry it out")],
            id="it began and was never over",
        ),
        pytest.param(
            BOTH, [*BROKEN, told(ProtocolStep.AFTER)], [(Status.PASS, "after in 0.5 s")], id="it was repeated"
        ),
    ],
)
def test_a_clean_up_that_failed_keeps_a_run_from_being_signed(
    make_plan: Callable[..., Plan], hooks: Hooks, rows: list[Row], expected: list[tuple[Status, str]]
) -> None:
    """Test orders that are still in the shop are no failure of the shop's, but no green light either."""
    found = hook_findings(frame_of(rows, timeline_of(make_plan())), hooks)

    assert [status for status, _ in expected] == [finding.status for finding in found]
    assert all(words in finding.summary for (_, words), finding in zip(expected, found, strict=True)), found
