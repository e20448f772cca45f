"""Overload: refused at once, refused slowly, not refused, and no overload at all."""

from typing import Any

import pytest

from capacity.samples import requests_of
from capacity.shed import judge_shedding
from rehearsal.model.history import Row
from rehearsal.model.plan import PhaseKind
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import op, phase, plan_of, told

SLO = Slo(p95_ms=300.0, p99_ms=500.0, goodput=0.9, payment_success=0.9)
SHED = phase("shed", kind=PhaseKind.SHED)
BUSY: dict[str, Any] = {"outcome": "fail", "error": "busy", "status": 429}
FAILED: dict[str, Any] = {"outcome": "info", "error": "timeout"}


def asked(count: int, f: str = "order", **rest: Any) -> list[Row]:
    """Return requests spread over the phase."""
    return [op(10 * i / count, f=f, **rest) for i in range(count)]


def judged(rows: list[Row], slo: Slo | None = SLO) -> Finding:
    """Return the finding on a phase of ten seconds."""
    frame, _ = told(plan_of(SHED), *rows)
    return judge_shedding(requests_of(frame), phase="shed", slo=slo)


@pytest.mark.parametrize(
    ("rows", "status", "unit"),
    [
        pytest.param(
            [*asked(300), *asked(100, **BUSY)], Status.PASS, "ms", id="refused fast, the others served"
        ),
        pytest.param(
            [*asked(300), *asked(400, took_ms=1500.0, **BUSY)], Status.FAIL, "ms", id="refused slowly"
        ),
        pytest.param(
            [*asked(300, took_ms=800.0), *asked(100, **BUSY)],
            Status.FAIL,
            "ms",
            id="those admitted wait too long",
        ),
        pytest.param(
            [*asked(300), *asked(60, **FAILED), *asked(100, **BUSY)],
            Status.FAIL,
            "share",
            id="those admitted fail",
        ),
        pytest.param(
            [*asked(300), *asked(300, "product", took_ms=2000.0), *asked(50, **BUSY)],
            Status.PASS,
            "ms",
            id="looking around may get worse",
        ),
        pytest.param(
            [*asked(400), *asked(30, "pay", intent="p", outcome="info"), *asked(100, **BUSY)],
            Status.FAIL,
            "share",
            id="payments that were admitted come to nothing",
        ),
        pytest.param(asked(400, took_ms=2500.0), Status.FAIL, "ms", id="nobody refused, everybody waits"),
        pytest.param(asked(400), Status.INCONCLUSIVE, "", id="nobody refused, nobody waits"),
        pytest.param([], Status.INCONCLUSIVE, "", id="nobody came"),
        pytest.param(
            [*asked(20), *asked(20, took_ms=1500.0, **BUSY)],
            Status.INCONCLUSIVE,
            "ms",
            id="too few for a percentile",
        ),
        pytest.param([*asked(20), *asked(20, **BUSY)], Status.PASS, "ms", id="few, and all of them in time"),
    ],
)
def test_shedding(rows: list[Row], status: Status, unit: str) -> None:
    """Too many are refused within a second, the others served within the plan's SLO."""
    finding = judged(rows)

    assert (status, unit) == (finding.status, finding.unit)


def test_without_an_slo_nothing_is_promised() -> None:
    """What those admitted may expect only the plan can say."""
    finding = judged([*asked(300), *asked(100, **BUSY)], slo=None)

    assert (finding.status, finding.evidence) == (Status.INCONCLUSIVE, {"refused": 100, "admitted": 300})
