"""An endpoint that is not there, and steps nobody came to: never GO, and not the shop's failure either."""

from typing import Any

import pytest

from capacity.coverage import absent_of
from capacity.judge import judge_numbers
from capacity.paths import PATHS
from capacity.samples import requests_of
from rehearsal.model.history import Row
from rehearsal.model.plan import PhaseKind, VisitKind
from rehearsal.model.verdict import Finding, Status, Verdict, verdict_of
from tests.capacity.conftest import health, op, phase, plan_of, told, visit

NOT_FOUND: dict[str, Any] = {"outcome": "fail", "error": "unknown", "status": 404, "took_ms": 1.0}
PROOF = phase("proof", kind=PhaseKind.PROOF)


def cart(number: int, **changed: dict[str, Any]) -> list[Row]:
    """Return a cart visit; `changed` says of a step what its row says otherwise, None that it is left out."""
    due_s = number / 13
    rows = [visit(due_s, visit=number, f="cart")]
    for step in ("product", "cart_add", "order", "pay", "logistics"):
        facts = {"visit": number, "intent": f"i{number}", "status": 200, **changed.get(step, {})}
        rows += [] if facts.pop("left_out", False) else [op(due_s, f=step, **facts)]
    return rows


def run_of(*visits: list[Row]) -> tuple[Finding, ...]:
    """Return all findings on 130 visits in a proof phase; the visits given, again and again."""
    plan = plan_of(PROOF)
    machine = [health(second, "cpu", 0.2) for second in range(10)]
    frame, timeline = told(plan, *machine, *(row for rows in visits for row in rows))
    return judge_numbers(frame, plan, timeline, {"proof": len(visits)})


def statuses(findings: tuple[Finding, ...]) -> dict[str, Status]:
    """Return the status of each SLO and of the headroom by name."""
    return {
        finding.check.removeprefix("slo."): finding.status
        for finding in findings
        if finding.check.startswith(("slo", "headroom"))
    }


def many(**changed: dict[str, Any]) -> list[list[Row]]:
    """Return 130 equal cart visits."""
    return [cart(number, **changed) for number in range(130)]


def test_a_whole_path_is_go() -> None:
    """Where every step was reached there is nothing to say against it."""
    findings = run_of(*many())

    assert Verdict.GO is verdict_of(findings)
    assert statuses(findings)["coverage"] is Status.PASS


@pytest.mark.parametrize("step", ["product", "cart_add", "order", "pay", "logistics"])
@pytest.mark.parametrize("status", [404, 405, 410])
def test_a_renamed_endpoint_is_inconclusive(step: str, status: int) -> None:
    """Neither GO, for nobody was served there, nor NO_GO, for the shop was never asked."""
    findings = run_of(*many(**{step: {**NOT_FOUND, "status": status}}))
    told = next(finding for finding in findings if finding.check == "slo.coverage")

    assert Verdict.INCONCLUSIVE is verdict_of(findings)
    assert {Status.INCONCLUSIVE} == set(statuses(findings).values()) - {Status.PASS}
    assert f"{step} was not found in any of 130 attempts" in told.summary
    assert {step: 130} == told.evidence["absent"]


def test_what_was_left_out_is_named_in_the_other_findings() -> None:
    """A reader of the goodput alone learns why it is not known."""
    findings = run_of(*many(order=NOT_FOUND))
    goodput = next(finding for finding in findings if finding.check == "slo.goodput")

    assert goodput.summary == (
        "Proof: 520 of 520 requests got a good answer (100.00 %, asked 90.00 %);"
        " but order was not found in any"
        " of 130 attempts, so this says nothing of the whole path."
    )


def test_a_shop_that_fails_besides_is_still_no_go() -> None:
    """An absent step excuses its own answers, and no others."""
    findings = run_of(*many(order=NOT_FOUND, product={"took_ms": 900.0}))

    assert Verdict.NO_GO is verdict_of(findings)
    assert statuses(findings)["response_time.p95"] is Status.FAIL
    assert statuses(findings)["goodput"] is Status.INCONCLUSIVE


@pytest.mark.parametrize(
    "rest",
    [
        pytest.param({"status": 200}, id="one attempt was served"),
        pytest.param({"status": 409, "outcome": "fail", "error": "sold_out"}, id="one was refused"),
        pytest.param({"status": 402, "outcome": "fail", "error": "declined"}, id="one was declined"),
        pytest.param({"status": 410, "outcome": "fail", "error": "sold_out"}, id="gone may mean sold out"),
    ],
)
def test_a_step_that_was_reached_once_is_there(rest: dict[str, Any]) -> None:
    """From then on a 404 is the shop's own mistake: goodput fails as for any other error."""
    findings = run_of(*many(order=NOT_FOUND)[:-1], cart(129, order=rest))

    assert Status.FAIL is statuses(findings)["goodput"]
    assert Verdict.NO_GO is verdict_of(findings)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], {}, id="nothing was asked"),
        pytest.param([op(f="pay", outcome="fail", status=404)], {"pay": 1}, id="not found"),
        pytest.param([op(f="pay", outcome="info", status=503)], {}, id="broken, but there"),
        pytest.param([op(f="pay", outcome="fail", status=0, error="connect_refused")], {}, id="never left"),
        pytest.param(
            [op(f="pay", outcome="fail", status=404), op(f="pay", outcome="info", status=502)],
            {"pay": 2},
            id="a broken proxy is no sign that it is there",
        ),
        pytest.param(
            [op(f="pay", outcome="fail", status=404), op(f="pay", outcome="info", status=202)],
            {},
            id="accepted once",
        ),
    ],
)
def test_absent_steps(rows: list[Row], expected: dict[str, int]) -> None:
    """A step is absent if a 404 was all that was ever heard of it."""
    frame, _ = told(plan_of(), *rows)

    assert expected == absent_of(requests_of(frame)).attempts


def test_payments_are_not_judged_if_nobody_can_ask_for_them() -> None:
    """A pending payment that cannot be followed is not a failed one."""
    pending = {"outcome": "info", "error": "pending", "status": 202}
    lost = [op(1, f="query", visit=n, intent=f"i{n}", **NOT_FOUND) for n in range(130)]
    findings = run_of(*many(pay=pending, logistics={"left_out": True}), lost)

    assert Status.INCONCLUSIVE is statuses(findings)["payment_success"]
    assert Status.INCONCLUSIVE is statuses(findings)["goodput"]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param(("cart_add", "order", "pay", "logistics"), ["cart_add"], id="needs no other step"),
        pytest.param(("order", "pay", "logistics"), ["order"], id="a step whose forerunner succeeded"),
        pytest.param(("logistics",), ["logistics"], id="the last step"),
    ],
)
def test_steps_without_a_sample_are_inconclusive(changed: tuple[str, ...], expected: list[str]) -> None:
    """Visits were started, none came to the step: a plan or adapter that measures less than it says."""
    findings = run_of(*many(**{step: {"left_out": True} for step in changed}))
    told = next(finding for finding in findings if finding.check == "slo.coverage")

    assert Verdict.INCONCLUSIVE is verdict_of(findings)
    assert {"cart": expected} == told.evidence["missing"]
    assert f"none of 130 cart visits came to {expected[0]}" in told.summary


def test_a_step_is_not_expected_after_a_failure() -> None:
    """Why nobody paid is told by the orders that failed: a shop that refuses them all is NO_GO."""
    declined = {"outcome": "fail", "error": "empty_cart", "status": 409}
    left_out = {"left_out": True}
    findings = run_of(*many(order=declined, pay=left_out, logistics=left_out))

    assert Status.PASS is statuses(findings)["coverage"]
    assert Verdict.NO_GO is verdict_of(findings)


def test_steps_in_the_next_phase_count_for_the_visit() -> None:
    """A visit that began in a phase may pay after its end."""
    plan = plan_of(phase("one"), phase("two", kind=PhaseKind.WARMUP))
    rows = [visit(9, visit=1, f="flash_sale"), op(9, visit=1), op(9.5, visit=1, f="flash_buy")]
    late = [op(11, visit=1, f="pay", intent="i"), op(12, visit=1, f="logistics")]
    frame, timeline = told(plan, *rows, *late)
    findings = {finding.check: finding for finding in judge_numbers(frame, plan, timeline, {"one": 1})}

    assert Status.PASS is findings["slo.coverage"].status


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([], "no visit was started", id="no visits"),
        pytest.param(
            [op(1, f="/a"), op(1, f="/b", outcome="fail", status=404)],
            "/b was not found in any of 1 attempts",
            id="requests without visits",
        ),
        pytest.param([visit(1, f="tour")], "none of 1 tour visits came to any step", id="a kind of its own"),
    ],
)
def test_a_phase_without_steps(rows: list[Row], expected: str) -> None:
    """Nothing seen is nothing known."""
    plan = plan_of()
    frame, timeline = told(plan, *rows)
    findings = {finding.check: finding for finding in judge_numbers(frame, plan, timeline, {})}

    assert Status.INCONCLUSIVE is findings["slo.coverage"].status
    assert expected in findings["slo.coverage"].summary


def test_requests_without_visits_are_a_load_too() -> None:
    """Where the load tells of requests only, each kind of them must have reached something."""
    plan = plan_of()
    frame, timeline = told(plan, op(1, f="/a"), op(1, f="/b", status=200))
    findings = {finding.check: finding for finding in judge_numbers(frame, plan, timeline, {})}

    assert Status.PASS is findings["slo.coverage"].status
    assert "each of 2 kinds of requests" in findings["slo.coverage"].summary


def test_every_kind_of_visit_has_a_path() -> None:
    """A plan cannot name a kind whose steps nobody looks for; those of a log are not known beforehand."""
    assert {kind.value for kind in VisitKind} - {VisitKind.LOGGED} <= set(PATHS)
