"""Judging visits that are sessions of an access log: arrivals as ours, requests by method and path only."""

from typing import Any

import pytest

from capacity.judge import judge_numbers
from capacity.scene import Scene
from capacity.starvation import Starved
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.plan import Fault, Forecast, PhaseKind, Sale, Traffic, VisitKind
from rehearsal.model.plan_capacity import Slo
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import drop, fault_step, health, op, phase, plan_of, told, visit

SLO = Slo(p95_ms=100.0, p99_ms=200.0, goodput=0.9)
PLAN = plan_of(
    phase("proof", kind=PhaseKind.PROOF),
    traffic=Traffic(log="access.log", normal_per_s=10.0, multiplier=5.0),
    forecast=Forecast(peak_per_s=10.0),
    sale=Sale(),
    slo={PhaseKind.PROOF: SLO},
)
LED_AWAY: dict[str, Any] = {"outcome": "fail", "error": "http_302", "status": 302}


def judged(account: dict[str, Any], *, first: dict[str, Any] | None = None) -> dict[str, Finding]:
    """Return the findings on 130 visits to a page, twice, and to the account, which is answered so."""
    rows: list[Row] = [health(second, "cpu", 0.2) for second in range(10)]
    for number in range(130):
        due_s = number / 13
        answer = first if first is not None and not number else account
        rows.append(visit(due_s, visit=number, f=VisitKind.LOGGED))
        rows += [op(due_s, f="GET /", visit=number, status=200) for _ in range(2)]
        rows.append(op(due_s, f="GET /account", visit=number, **answer))
    frame, timeline = told(PLAN, *rows)
    return {finding.check: finding for finding in judge_numbers(frame, PLAN, timeline, {"proof": 130})}


def test_a_log_proves_headroom() -> None:
    """Its visits arrive whether or not the shop keeps up, and all that is promised of them is judged."""
    findings = judged({"status": 200})

    assert {Status.PASS} == {finding.status for finding in findings.values()}
    assert {"headroom.proof", "ledger.balance", "slo.goodput", "slo.coverage"} <= set(findings)
    assert "slo.payment_success" not in findings


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_what_only_a_login_opens_is_unknown(status: int) -> None:
    """Neither GO, for nobody was served there, nor NO_GO, for the shop did as it should."""
    findings = judged({**LED_AWAY, "status": status, "error": f"http_{status}"})

    assert findings["slo.coverage"].status is Status.INCONCLUSIVE
    assert "GET /account was not served as in the log in any of 130 attempts" in (
        findings["slo.coverage"].summary
    )
    assert findings["slo.goodput"].status is Status.INCONCLUSIVE
    assert findings["headroom.proof"].status is Status.INCONCLUSIVE


def test_what_was_served_once_is_there() -> None:
    """From then on a redirect elsewhere is the shop's own mistake."""
    findings = judged(LED_AWAY, first={"status": 200})

    assert findings["slo.goodput"].status is Status.FAIL


def test_a_fault_is_measured_on_all_requests() -> None:
    """Nobody knows the steps; who came meanwhile is told by the visits, those not started too."""
    fault = Fault(kind=FaultKind.COMMAND, phase="proof", hold_s=2.0, recover_within_s=2.0)
    plan = PLAN.model_copy(update={"faults": (fault,)})
    rows = [
        fault_step(1.0, "command", "inject: broken"),
        fault_step(3.0, "command", "heal: mended"),
        visit(4.0, visit=1, f=VisitKind.LOGGED),
        drop(5.0, "pool_exhausted"),
        op(4.0, f="GET /", visit=1),
        op(4.5, f="GET /a", visit=1),
    ]
    frame, timeline = told(plan, *rows)
    scene = Scene(frame, plan, timeline, FinalReadings(), Starved({}))

    assert (scene.by_step, scene.due_ns.to_list()) == (False, [4 * 10**9, 5 * 10**9])
