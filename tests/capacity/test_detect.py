"""Time to detect: dealt with in time, too late, never, and not to be told."""

from typing import Any

import pytest

from capacity.asks import asks_of
from capacity.detect import judge_detection
from rehearsal.model.faults import FaultKind, Function
from rehearsal.model.history import Row
from rehearsal.model.verdict import Finding, Status
from tests.capacity.drilled import HELD, NO_ANSWER, OK, REFUSED, cards, drilled, each_second, fault_of

USUAL: dict[str, float] = dict.fromkeys(Function, 1.0)


def judged(rows: list[Row], kind: FaultKind = FaultKind.PAYMENT_BLACK_HOLE, **fault: Any) -> Finding | None:
    """Return the finding on a fault held from 12 s to 20 s, five seconds allowed."""
    requests, drill = drilled(fault_of(kind, **fault), rows)
    return judge_detection(asks_of(requests), drill=drill, usual=USUAL)


def until(seconds: int, after: dict[str, Any]) -> list[Row]:
    """Return payments that get no answer for so many seconds of the fault, and then another."""
    return [*cards(HELD[:seconds], **NO_ANSWER), *cards(HELD[seconds:], **after)]


@pytest.mark.parametrize(
    ("rows", "status", "measured"),
    [
        pytest.param(until(0, REFUSED), Status.PASS, 0.0, id="refused fast at once"),
        pytest.param(until(3, REFUSED), Status.PASS, 3.0, id="refused fast from the fourth second on"),
        pytest.param(until(5, OK), Status.PASS, 5.0, id="routed around it, just in time"),
        pytest.param(until(6, REFUSED), Status.FAIL, 6.0, id="a second too late"),
        pytest.param(until(8, OK), Status.FAIL, None, id="never"),
        pytest.param(until(2, {**REFUSED, "took_ms": 1500.0}), Status.FAIL, None, id="refused, but slowly"),
        pytest.param(
            until(1, {"outcome": "info", "error": "pending", "status": 202}),
            Status.PASS,
            1.0,
            id="told to wait",
        ),
    ],
)
def test_detection(rows: list[Row], status: Status, measured: float | None) -> None:
    """Detected is when shoppers are served, told to wait, or refused fast; five seconds are allowed."""
    finding = judged(rows)

    assert finding is not None
    assert (status, measured) == (finding.status, finding.measured)


def test_errors_that_must_go_on_are_measured_by_the_promise() -> None:
    """Where every other answer is lost as long as the fault holds, it is enough that most are served."""
    rows = [
        row
        for second in HELD
        for row in (*cards([second], per_s=6), *cards([second + 0.001], per_s=4, **NO_ANSWER))
    ]
    finding = judged(rows)

    assert finding is not None
    assert (finding.status, finding.measured) == (Status.PASS, 0.0)


def test_a_fault_too_short_to_tell_is_inconclusive() -> None:
    """Nobody can be too late who had less time than is allowed."""
    finding = judged(until(8, OK), recover_within_s=9.0)

    assert finding is not None
    assert (finding.status, finding.measured) == (Status.INCONCLUSIVE, None)


def test_a_function_that_the_fault_does_not_touch_is_not_looked_at() -> None:
    """Pages that fail under a fault of payments are told by the matrix; too few payments tell nothing."""
    finding = judged([*each_second(HELD, "product", **NO_ANSWER), *cards([12], per_s=9)])

    assert finding is None
