"""The judges of faults and stages together: what a plan has is judged once; a starved machine is INVALID."""

from collections.abc import Sequence
from typing import Any

import pytest

from capacity.judge import judge_numbers
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.plan import Contingency, Fault, PhaseKind, Plan, Traffic
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import fault_step, health, phase, plan_of, told, visit
from tests.capacity.drilled import NO_ANSWER, OK, PHASES, cards, each_second, fault_of, steps

_JUDGED = ("recovery", "resilience", "attack", "limit", "shed", "contingency", "resources")
EVERYTHING = range(40)


def judged(plan: Plan, rows: Sequence[Row], readings: FinalReadings | None = None) -> list[Finding]:
    """Return what the judges of faults and stages find on a history."""
    frame, timeline = told(plan, *(row for fault in plan.faults for row in steps(fault)), *rows)
    findings = judge_numbers(frame, plan, timeline, {}, readings=readings or FinalReadings(orders=()))
    return [finding for finding in findings if finding.check.split(".")[0] in _JUDGED]


def shoppers(region: str = "b", **answer: Any) -> list[Row]:
    """Return visits, pages and payments in every second, answered by a region."""
    visits = [visit(second + i / 10) for second in EVERYTHING for i in range(10)]
    pages = each_second(EVERYTHING, "product", region=region, **answer)
    return [*visits, *pages, *cards(EVERYTHING, region=region, order_id="", **answer)]


def checks(findings: list[Finding]) -> set[str]:
    """Return the names of findings."""
    return {finding.check for finding in findings}


def test_a_lost_region_that_nobody_noticed() -> None:
    """Everything that can be asked of a lost region is asked once, and passes."""
    kind = FaultKind.REGION_KILLED
    rows = [*shoppers(), *each_second([*range(12), *range(20, 40)], "cart_view", region="a", **OK)]
    findings = judged(plan_of(*PHASES, faults=(fault_of(kind),)), rows)
    expected = {
        f"recovery.{kind}",
        f"recovery.{kind}.detect",
        f"recovery.{kind}.failback",
        f"recovery.{kind}.stale_clients",
        f"recovery.{kind}.metastable",
        f"resilience.{kind}.browse",
        f"resilience.{kind}.payment",
    }

    assert expected == checks(findings)
    assert [finding for finding in findings if finding.status is not Status.PASS] == []
    assert {"down"} == {finding.subject for finding in findings}


def down(fault: Fault, *, stalled: bool) -> dict[str, Status]:
    """Return the findings on payments that never come back; on a machine that stalled all the time or not."""
    bad = [*cards(range(12)), *cards(range(12, 40), **NO_ANSWER)]
    visits = [visit(second + i / 10) for second in EVERYTHING for i in range(10)]
    stalls = [health(second, "stall_ms", 900.0 if stalled and second >= 10 else 1.0) for second in EVERYTHING]
    findings = judged(plan_of(*PHASES, faults=(fault,)), [*visits, *bad, *stalls])
    return {finding.check: finding.status for finding in findings}


@pytest.mark.parametrize(
    ("stalled", "expected"),
    [pytest.param(False, Status.FAIL, id="calm"), pytest.param(True, Status.INVALID, id="stalled")],
)
def test_a_starved_machine_is_no_failure_of_the_shop(stalled: bool, expected: Status) -> None:
    """What fails in calm is INVALID if the machine stalled all along: timing says nothing there."""
    fault = fault_of(FaultKind.PAYMENT_BLACK_HOLE)
    found = down(fault, stalled=stalled)
    kind = fault.kind

    assert {
        f"recovery.{kind}": expected,
        f"recovery.{kind}.detect": expected,
        f"recovery.{kind}.amplification": Status.PASS,
        f"recovery.{kind}.metastable": expected,
        f"resilience.{kind}.payment": expected,
    } == found


def test_orders_are_looked_up_in_the_final_books() -> None:
    """An order that was acknowledged before the first fault and is not in the books is that fault's."""
    kind = FaultKind.REGION_KILLED
    first, second = fault_of(kind), fault_of(kind, phase="back", after_s=10.0)
    later = [fault_step(at_s, kind, note) for at_s, note in ((30, "inject"), (38, "heal"))]
    orders = [
        *each_second([5], "order", per_s=1, order_id="early"),
        *each_second([25], "order", per_s=1, order_id="between"),
        *each_second([39], "order", per_s=1, order_id="after all"),
    ]
    plan = plan_of(*PHASES, faults=(first, second))
    frame, timeline = told(plan, *steps(first), *later, *orders)
    findings = judge_numbers(frame, plan, timeline, {}, readings=FinalReadings(orders=()))
    lost = {finding.subject: finding.ids for finding in findings if finding.check.endswith("lost_orders")}

    assert lost == {"down": ("early",), "back": ("between", "after all")}


def test_stages_have_judges_of_their_own() -> None:
    """A phase of kind limit or shed and a contingency plan have a finding each, and no other SLO."""
    plan = plan_of(
        phase("reach", kind=PhaseKind.LIMIT),
        phase("shed", kind=PhaseKind.SHED),
        contingencies=(Contingency(name="switch", action="switch_region", phase="shed"),),
        slo=dict.fromkeys((PhaseKind.LIMIT, PhaseKind.SHED), plan_of().slo[PhaseKind.NORMAL]),
    )
    frame, timeline = told(plan, *shoppers()[:200])
    findings = judge_numbers(frame, plan, timeline, {})
    families = [f.check for f in findings if f.check.split(".")[0] in {*_JUDGED, "slo"}]

    assert families == ["limit.reach", "shed.shed", "contingency.switch"]


def test_a_strangers_requests_have_no_steps() -> None:
    """Of a closed model only recovery and metastability are judged."""
    traffic = Traffic(multiplier=1.0, locustfile="them.py", users=10)
    plan = plan_of(*PHASES, faults=(fault_of(FaultKind.REGION_KILLED),), traffic=traffic)
    findings = judged(plan, each_second(EVERYTHING, "/"))

    assert checks(findings) == {"recovery.region_killed", "recovery.region_killed.metastable"}


def test_an_attack_is_judged_as_one() -> None:
    """Bots have a finding of their own besides those of a fault."""
    findings = judged(plan_of(*PHASES, faults=(fault_of(FaultKind.BOTS),)), shoppers())

    assert "attack.bots" in checks(findings)
