"""Whether shoppers of somebody's own shop felt a broken link: by what there was none of before."""

from typing import Any

import pytest
from msgspec.structs import replace

from chaos.effects import fault_findings
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Outcome, Row, Step
from rehearsal.model.verdict import Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.fault_rows import OK, op, steps, timeline

FAIL: dict[str, Any] = {"outcome": Outcome.FAIL, "status": 200}


def slow(row_step: Step, done_s: float, took_s: float, **facts: Any) -> Row:
    """Return a request that took its time."""
    row = op(row_step, done_s, **facts)
    sent_ns = row.done_ns - round(took_s * NS_PER_S)
    return replace(row, due_ns=sent_ns, sent_ns=sent_ns)


@pytest.mark.parametrize(
    ("kind", "rows", "says"),
    [
        pytest.param(
            FaultKind.PAYMENT_UNREACHABLE,
            [op(Step.PAY, 12, **FAIL, error="no_payment")],
            "1 request of payment met it",
            id="a page that says no, in a 200",
        ),
        pytest.param(
            FaultKind.PAYMENT_UNREACHABLE,
            [op(Step.PAY, 5, **FAIL, error="declined"), op(Step.PAY, 12, **FAIL, error="declined")],
            "no request of payment met it",
            id="a word that was heard before",
        ),
        pytest.param(
            FaultKind.PAYMENT_UNREACHABLE,
            [op(Step.FLASH_BUY, 12, **FAIL, error="no_payment")],
            "no request of payment met it",
            id="at another step",
        ),
        pytest.param(
            FaultKind.DATABASE_DOWN,
            [op(Step.FLASH_BUY, 12, **FAIL, error="sold_out")],
            "no request met it",
            id="the shop's own rule",
        ),
        pytest.param(
            FaultKind.DATABASE_DOWN,
            [op(Step.PRODUCT, 12, outcome=Outcome.INFO, status=500, error="http_500")],
            "1 request met it",
            id="a server error",
        ),
        pytest.param(
            FaultKind.DATABASE_SLOW, [slow(Step.PRODUCT, 12, 0.7, **OK)], "1 request met it", id="late"
        ),
        pytest.param(
            FaultKind.DATABASE_SLOW,
            [slow(Step.PRODUCT, 5, 0.4, **OK), slow(Step.PRODUCT, 12, 0.7, **OK)],
            "no request met it",
            id="late, but a shop that was as slow before",
        ),
        pytest.param(
            FaultKind.PAYMENT_BLACK_HOLE,
            [slow(Step.PAY, 23, 9.0, outcome=Outcome.INFO, error="timeout")],
            "1 request of payment met it",
            id="waited till it was over",
        ),
        pytest.param(
            FaultKind.PAYMENT_SLOW,
            [slow(Step.PAY, 28, 5.0, **OK)],
            "no request of payment met it",
            id="late, but sent when it was over",
        ),
    ],
)
def test_what_is_felt(kind: FaultKind, rows: list[Row], says: str) -> None:
    """The fault holds from 10 to 20 s."""
    effect = judged(kind, rows)

    assert says in effect.summary
    assert effect.status is (Status.INCONCLUSIVE if says.startswith("no ") else Status.PASS)


def judged(kind: FaultKind, rows: list[Row], *, by_step: bool = True) -> Any:
    """Return the finding on a fault's effect."""
    placed = timeline(kind)
    frame = frame_of([*steps(kind), *rows], placed)
    return fault_findings(frame, placed, by_step=by_step, on_links=True)[0]


def test_a_stranger_s_requests() -> None:
    """No step is known by its name: any request may tell."""
    late = slow(Step.PRODUCT, 12, 2.0, **OK)

    assert "1 request met it" in judged(FaultKind.PAYMENT_SLOW, [late], by_step=False).summary
    assert "no request of payment met it" in judged(FaultKind.PAYMENT_SLOW, [late]).summary
