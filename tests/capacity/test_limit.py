"""The limit: the rate below the first bend, at least so much, and nothing known."""

from typing import Any

import polars as pl
import pytest

from capacity.limit import judge_limit
from capacity.samples import requests_of
from capacity.starvation import Starved
from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Row
from rehearsal.model.plan import Phase, PhaseKind
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import op, plan_of, told

BUSY: dict[str, Any] = {"outcome": "fail", "error": "busy", "status": 429}
#: Four steps of five seconds, at 10, 20, 30 and 40 visits/s.
REACH = Phase(name="reach", kind=PhaseKind.LIMIT, duration_s=20.0, start=1.0, end=4.0, steps=4)
RATES = {range(step * 5, step * 5 + 5): 10 * (step + 1) for step in range(4)}


def due_s() -> list[float]:
    """Return when visits were due."""
    return [second + i / rate for seconds, rate in RATES.items() for second in seconds for i in range(rate)]


def judged(
    *,
    bad_from_s: float = 100,
    slow_from_s: float = 100,
    slo: Slo | None = None,
    starved: Starved | None = None,
    phase: Phase = REACH,
    asked: bool = True,
) -> Finding:
    """Return the finding when every fifth request fails, or all are slow, from some second on."""
    rows: list[Row] = [
        op(
            at_s,
            **(
                BUSY
                if at_s >= bad_from_s and i % 5 == 0
                else {"took_ms": 900.0 if at_s >= slow_from_s else 20.0}
            ),
        )
        for i, at_s in enumerate(due_s() if asked else [])
    ]
    frame, timeline = told(plan_of(phase), *rows)
    return judge_limit(
        requests_of(frame),
        pl.Series([nanoseconds(at_s) for at_s in due_s()]),
        placed=(phase, timeline.window_of(phase.name)),
        slo=slo,
        starved=starved or Starved({}),
    )


SLO = Slo(p95_ms=300.0, p99_ms=500.0, goodput=0.7)


@pytest.mark.parametrize(
    ("finding", "measured", "bent"),
    [
        pytest.param(judged(), 40.0, None, id="it never bends"),
        pytest.param(judged(bad_from_s=15), 30.0, 40.0, id="goodput bends at the last step"),
        pytest.param(judged(bad_from_s=15, slo=SLO), 40.0, None, id="the plan asks for less"),
        pytest.param(judged(slow_from_s=10, slo=SLO), 20.0, 30.0, id="p99 bends"),
        pytest.param(judged(slow_from_s=10), 40.0, None, id="slow answers are good ones without a promise"),
        pytest.param(
            judged(bad_from_s=15, starved=Starved({17: "stalled"})),
            30.0,
            None,
            id="the machine starved there",
        ),
    ],
)
def test_limit(finding: Finding, measured: float, bent: float | None) -> None:
    """The number is the highest rate below the first bend; it is never a FAIL."""
    assert finding.status is Status.PASS
    assert (finding.measured, finding.evidence["bent_at_per_s"]) == (measured, bent)
    assert ("at least" in finding.summary) is (bent is None)


def test_a_limit_below_all_that_was_offered() -> None:
    """A shop that bends at once has not shown what it can bear."""
    finding = judged(bad_from_s=0)

    assert finding.status is Status.INCONCLUSIVE
    assert (finding.measured, finding.evidence["bent_at_per_s"]) == (0.0, 10.0)
    assert "up to 0.0 visits/s and bent at 10.0" in finding.summary


def test_a_slope_is_cut_by_seconds() -> None:
    """Without steps each two seconds are a part of their own."""
    slope = Phase(name="reach", kind=PhaseKind.LIMIT, duration_s=20.0, start=1.0, end=4.0)
    finding = judged(phase=slope, bad_from_s=15)

    assert len(finding.evidence["cuts"]) == 10
    assert finding.evidence["cuts"][0]["rate_per_s"] == 10.0


@pytest.mark.parametrize(
    "finding",
    [
        pytest.param(judged(asked=False), id="nothing was asked"),
        pytest.param(
            judged(bad_from_s=0, starved=Starved(dict.fromkeys(range(20), "stalled"))), id="starved all along"
        ),
    ],
)
def test_unknown(finding: Finding) -> None:
    """No requests, or none that can be laid at the shop's door, give no number."""
    assert (finding.status, finding.measured) == (Status.INCONCLUSIVE, None)
