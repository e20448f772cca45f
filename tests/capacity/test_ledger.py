"""Planned = started + dropped, in every phase; whatever does not add up is the harness's fault."""

import pytest

from capacity.ledger import judge_ledger
from rehearsal.model.history import Row
from rehearsal.model.verdict import Status
from tests.capacity.conftest import drop, op, phase, plan_of, told, visit

TWO = plan_of(phase("one"), phase("two"))


@pytest.mark.parametrize(
    ("rows", "planned", "status", "words"),
    [
        pytest.param(
            [visit(1), drop(2, "aborted"), visit(12), op(1)],
            {"one": 2, "two": 1},
            Status.PASS,
            "planned 3 = started 2 + dropped 1",
            id="balanced, requests do not count",
        ),
        pytest.param([visit(1)], {"one": 2, "two": 0}, Status.INVALID, "one -1", id="a visit got lost"),
        pytest.param([visit(1), visit(2)], {"one": 1}, Status.INVALID, "one +1", id="a visit too many"),
        pytest.param([visit(1)], {"two": 1}, Status.INVALID, "two -1, one +1", id="in the wrong phase"),
        pytest.param([], {}, Status.INCONCLUSIVE, "no visit was planned", id="nothing planned"),
    ],
)
def test_ledger(rows: list[Row], planned: dict[str, int], status: Status, words: str) -> None:
    """The ledger balances phase by phase, or the run is INVALID."""
    frame, _ = told(TWO, *rows)
    finding = judge_ledger(frame, planned)

    assert status is finding.status
    assert words in finding.summary
