"""All checks together: a good run, a starved one, and checks that crash."""

import pytest

from capacity.judge import judge_numbers
from rehearsal.model.history import Row
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.verdict import Finding, Status, Verdict, verdict_of
from tests.capacity.conftest import drop, health, op, phase, plan_of, told, visit

PROOF = phase("proof", kind=PhaseKind.PROOF)


def a_run(*, took_ms: float = 20.0) -> list[Row]:
    """Return 130 visits of 10 s, each with three requests, the last of them a payment."""
    rows: list[Row] = [health(second, "cpu", 0.2) for second in range(10)]
    for i in range(130):
        due_s = i / 13
        rows += [visit(due_s), op(due_s), op(due_s), op(due_s, f="pay", intent=f"i{i}", took_ms=took_ms)]
    return rows


def judged(*rows: Row, planned: int = 130) -> tuple[Finding, ...]:
    """Return all findings of a plan that is one proof phase."""
    plan = plan_of(PROOF)
    frame, timeline = told(plan, *rows)
    return judge_numbers(frame, plan, timeline, {"proof": planned})


def test_a_good_run_passes_every_check() -> None:
    """A good run is GO, check by check, in a stable order."""
    findings = judged(*a_run())
    expected = [
        "ledger.balance",
        "generator.send_lag",
        "generator.dropped",
        "generator.adapter",
        "generator.sockets",
        "generator.machine",
        "slo.coverage",
        "slo.response_time.p95",
        "slo.response_time.p99",
        "slo.goodput",
        "slo.payment_success",
        "headroom.proof",
    ]

    assert expected == [finding.check for finding in findings]
    assert Verdict.GO is verdict_of(findings)


@pytest.mark.parametrize(
    ("rows", "planned", "expected"),
    [
        pytest.param(a_run(took_ms=900.0), 130, Verdict.NO_GO, id="a slow shop"),
        pytest.param(
            [*a_run(), *(op(5 + i / 100, took_ms=900.0) for i in range(100)), health(5, "stall_ms", 900)],
            130,
            Verdict.INVALID,
            id="a stalled machine",
        ),
        pytest.param(a_run(), 131, Verdict.INVALID, id="a ledger that does not balance"),
        pytest.param([], 0, Verdict.INCONCLUSIVE, id="nothing happened"),
    ],
)
def test_verdicts(rows: list[Row], planned: int, expected: Verdict) -> None:
    """A slow shop is NO_GO, a harness at fault INVALID, an empty run INCONCLUSIVE."""
    actual = verdict_of(judged(*rows, planned=planned))

    assert expected is actual


def test_a_history_that_cannot_be_read_crashes_no_judgement() -> None:
    """Each family reports its own crash on a history without its columns, and nothing passes."""
    plan: Plan = plan_of(PROOF)
    frame, timeline = told(plan, op(1))
    findings = judge_numbers(frame.drop("sent_ns", "kind"), plan, timeline, {"proof": 1})

    assert {Status.INCONCLUSIVE} == {finding.status for finding in findings}
    assert [finding.check for finding in findings] == [
        "ledger.balance",
        "generator",
        "slo",
        "recovery",
        "resources",
        "headroom.proof",
    ]


def test_a_load_process_that_dies_in_a_search_spoils_the_run() -> None:
    """After the proof too, when only scenes are left: every trial from there on lacks its visits."""
    plan = plan_of(
        phase("normal"), phase("rest 01", kind=PhaseKind.REST), phase("trial 01", kind=PhaseKind.TRIAL)
    )
    calm = (*(op(second + 0.5) for second in range(10)), *(visit(second + 0.5) for second in range(10)))
    watched = [health(second + 0.1, "cpu", 0.1) for second in range(30)]
    frame, timeline = told(plan, *calm, visit(25.0), drop(26.0, "aborted"), *watched)
    findings = judge_numbers(frame, plan, timeline, {"normal": 10, "rest 01": 0, "trial 01": 2})
    (lost,) = (each for each in findings if each.check == "generator.aborted")

    assert (lost.subject, lost.status) == ("search", Status.INVALID)
    assert verdict_of(findings) is Verdict.INVALID


@pytest.mark.parametrize(
    ("kind", "judged"),
    [(PhaseKind.WARMUP, False), (PhaseKind.NORMAL, True)],
    ids=["a warm-up promises nothing", "a normal hour is judged"],
)
def test_a_machine_that_starved_before_a_search_spoils_what_is_judged_there(
    kind: PhaseKind, judged: bool
) -> None:
    """Each trial is held against the machine by itself."""
    plan = plan_of(phase("before", kind=kind), phase("rest 01", kind=PhaseKind.REST))
    calm = (*(op(second + 0.5) for second in range(10)), *(visit(second + 0.5) for second in range(10)))
    busy = [health(second + 0.1, "cpu", 0.999) for second in range(10)]
    frame, timeline = told(plan, *calm, *busy)
    findings = judge_numbers(frame, plan, timeline, {"before": 10, "rest 01": 0})
    machine = [each.status for each in findings if each.check == "generator.machine"]

    assert machine == ([Status.INVALID] if judged else [])


def test_trials_are_in_the_ledger_and_nowhere_else() -> None:
    """They are driven beyond the limit on purpose, so what they dropped and missed accuses nobody."""
    plan = plan_of(
        phase("normal"), phase("rest 01", kind=PhaseKind.REST), phase("trial 01", kind=PhaseKind.TRIAL)
    )
    calm = (*(op(second + 0.5) for second in range(10)), *(visit(second + 0.5) for second in range(10)))
    driven = (op(25.0, took_ms=9000.0, lag_ms=800.0), visit(25.0), drop(26.0, "pool_exhausted"))
    watched = [health(second + 0.1, "cpu", 0.1) for second in range(30)]
    frame, timeline = told(plan, *calm, *driven, *watched)
    planned = {"normal": 10, "rest 01": 0, "trial 01": 2}
    findings = {each.check: each for each in judge_numbers(frame, plan, timeline, planned)}

    assert findings["ledger.balance"].status is Status.PASS
    assert findings["ledger.balance"].evidence["planned"] == 12
    assert findings["generator.dropped"].status is Status.PASS
    assert findings["generator.machine"].evidence == {"seconds": {}}
    assert {each.subject for each in findings.values()} <= {"", "normal"}
