"""What an attack costs real shoppers: little, too much, and not known."""

from typing import Any

import pytest

from capacity.asks import asks_of
from capacity.attacks import judge_attack
from rehearsal.model.faults import FaultKind, Function
from rehearsal.model.history import Row
from rehearsal.model.verdict import Finding, Status
from tests.capacity.drilled import HELD, NO_ANSWER, drilled, each_second, fault_of

BUSY: dict[str, Any] = {"outcome": "fail", "error": "busy", "status": 429}


def judged(rows: list[Row], kind: FaultKind = FaultKind.BOTS, *, usual: float = 1.0) -> Finding | None:
    """Return the finding on an attack from 12 s to 20 s."""
    requests, drill = drilled(fault_of(kind), rows)
    return judge_attack(asks_of(requests), drill=drill, usual=dict.fromkeys(Function, usual))


def buys(good: int, **other: Any) -> list[Row]:
    """Return ten buys a second, so many of them good."""
    served = each_second(HELD, "flash_buy", per_s=good)
    return [
        *served,
        *(each_second([s + 0.001 for s in HELD], "flash_buy", per_s=10 - good, **other) if good < 10 else ()),
    ]


@pytest.mark.parametrize(
    ("rows", "usual", "status", "kept"),
    [
        pytest.param(buys(10), 1.0, Status.PASS, 1.0, id="nobody notices"),
        pytest.param(buys(9, **BUSY), 1.0, Status.PASS, 0.9, id="one in ten is turned away"),
        pytest.param(buys(7, **BUSY), 1.0, Status.FAIL, 0.7, id="three in ten are"),
        pytest.param(buys(7, **NO_ANSWER), 0.75, Status.PASS, 0.7 / 0.75, id="no worse than usual"),
        pytest.param(
            buys(9, outcome="fail", error="sold_out"), 1.0, Status.PASS, 1.0, id="sold out is an answer"
        ),
        pytest.param(buys(10, **BUSY)[:9], 1.0, Status.INCONCLUSIVE, None, id="nine asks"),
        pytest.param(buys(2, **BUSY), 0.3, Status.INCONCLUSIVE, None, id="broken before"),
    ],
)
def test_attack(rows: list[Row], usual: float, status: Status, kept: float | None) -> None:
    """Real shoppers must keep nine tenths of their goodput."""
    finding = judged(rows, usual=usual)

    assert finding is not None
    assert status is finding.status
    assert finding.measured == pytest.approx(kept)


@pytest.mark.parametrize(
    ("kind", "is_attack"),
    [
        pytest.param(FaultKind.SLOW_CLIENTS, True, id="slow clients"),
        pytest.param(FaultKind.REPLICATION_CUT_AND_BOTS, True, id="bots and a cut"),
        pytest.param(FaultKind.REGION_KILLED, False, id="a lost region"),
    ],
)
def test_what_is_an_attack(kind: FaultKind, is_attack: bool) -> None:
    """Attacks have a finding, alone or in a pair; other faults have none."""
    assert (judged(buys(10), kind) is not None) is is_attack
