"""Acknowledged orders that are lost: counted, dated, and laid at the right fault's door."""

from typing import Any

import pytest

from capacity.rpo import judge_lost_orders
from rehearsal.model.clock import nanoseconds
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.readings import OrderReading
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import op
from tests.capacity.drilled import drilled, fault_of

UNTIL_HEALED = Window(0, nanoseconds(20))


def order(order_id: str, status: str = "paid") -> OrderReading:
    """Return an order of the final books."""
    return OrderReading(
        order_id=order_id,
        shopper="s",
        intent="i",
        status=status,
        channel="card",
        total_cents=100,
        region="a",
        lines=(),
    )


def told(due_s: float, order_id: str, f: str = "order", **rest: Any) -> Row:
    """Return an answer about an order."""
    return op(due_s, f=f, order_id=order_id, took_ms=0.0, **rest)


def judged(
    rows: list[Row], orders: tuple[OrderReading, ...] | None, acknowledged: Window = UNTIL_HEALED
) -> Finding | None:
    """Return the finding on a fault injected at 12 s."""
    requests, drill = drilled(fault_of(FaultKind.REGION_KILLED), rows)
    return judge_lost_orders(requests, drill=drill, acknowledged=acknowledged, orders=orders)


@pytest.mark.parametrize(
    ("rows", "orders", "status", "lost", "age_s"),
    [
        pytest.param([told(1, "x")], (order("x"),), Status.PASS, (), 0.0, id="there it is"),
        pytest.param(
            [told(1, "x")], (order("x", "expired"),), Status.PASS, (), 0.0, id="never paid, and expired"
        ),
        pytest.param([told(10, "x")], (), Status.FAIL, ("x",), 2.0, id="gone, two seconds old"),
        pytest.param(
            [told(13, "x", "flash_buy")], (), Status.FAIL, ("x",), 0.0, id="taken during the fault, gone"
        ),
        pytest.param(
            [told(1, "x"), told(9, "x", "pay")],
            (order("x", "pending_payment"),),
            Status.FAIL,
            ("x",),
            3.0,
            id="there, but unpaid again",
        ),
        pytest.param(
            [told(1, "x", "query")], (order("x", "cancelled"),), Status.PASS, (), 0.0, id="cancelled since"
        ),
        pytest.param(
            [told(1, "x"), told(2, "y")], (), Status.FAIL, ("x", "y"), 11.0, id="the oldest says how far back"
        ),
        pytest.param([told(1, "x", outcome="info")], (), None, (), 0.0, id="nobody was told anything"),
        pytest.param([told(1, "x")], None, Status.INCONCLUSIVE, (), 0.0, id="the books cannot be read"),
        pytest.param([told(30, "x")], (), Status.INCONCLUSIVE, (), 0.0, id="acknowledged after this fault"),
    ],
)
def test_lost_orders(
    rows: list[Row],
    orders: tuple[OrderReading, ...] | None,
    status: Status | None,
    lost: tuple[str, ...],
    age_s: float,
) -> None:
    """Nothing that a shopper was told may be gone from the books."""
    finding = judged(rows, orders)

    assert status is (finding and finding.status)
    assert lost == (finding.ids if finding else ())
    assert age_s == pytest.approx(finding.evidence.get("age_s", 0.0) if finding else 0.0)
