"""Each promise kept, broken, and not judgeable; and what a starved machine makes of a FAIL."""

from typing import Any

import pytest

from capacity.samples import payments_of, requests_of
from capacity.slo import judge_goodput, judge_payment_success, judge_percentile, judge_slos
from capacity.starvation import Starved
from rehearsal.model.history import Row
from rehearsal.model.plan import PhaseKind
from rehearsal.model.verdict import Finding, Status
from tests.capacity.conftest import op, phase, plan_of, told

CALM = Starved({})


def spread(n: int, *, slow: int = 0, took_ms: float = 500.0) -> list[Row]:
    """Return n requests over 10 s, the last `slow` of them taking `took_ms`, the others 20 ms."""
    return [op(10 * i / n, took_ms=took_ms if i >= n - slow else 20.0) for i in range(n)]


def judged(check: str, *rows: Row, starved: Starved = CALM) -> Finding:
    """Return one finding of the plan with a single normal phase of 10 s."""
    plan = plan_of()
    frame, timeline = told(plan, *rows)
    findings = {finding.check: finding for finding in judge_slos(frame, plan, timeline, starved)}
    return findings[check]


@pytest.mark.parametrize(
    ("n", "slow", "status", "words"),
    [
        pytest.param(0, 0, Status.INCONCLUSIVE, "no request was due", id="nothing was due"),
        pytest.param(10, 0, Status.PASS, "all 10 within the limit", id="few, and all of them fast"),
        pytest.param(
            58, 1, Status.INCONCLUSIVE, "not enough samples for a p95 (58 of 59)", id="few, one slow"
        ),
        pytest.param(59, 2, Status.PASS, "p95 response time 20 ms over 59", id="enough, 2 of 59 slow"),
        pytest.param(59, 3, Status.FAIL, "p95 response time 500 ms over 59", id="enough, 3 of 59 slow"),
    ],
)
def test_response_time(n: int, slow: int, status: Status, words: str) -> None:
    """A percentile is quoted only with enough samples; below, only all of them within the limit passes."""
    finding = judged("slo.response_time.p95", *spread(n, slow=slow))

    assert (status, True) == (finding.status, words in finding.summary)


def test_response_time_counts_from_the_due_time() -> None:
    """A request sent late and then answered at once was slow for the shopper."""
    rows = [op(i / 10, took_ms=500, lag_ms=499) for i in range(60)]

    assert Status.FAIL is judged("slo.response_time.p95", *rows).status


def test_a_request_without_end_has_no_finite_percentile() -> None:
    """A percentile that falls on requests without an end fails, and no number is invented for it."""
    rows = [op(1 + i / 100, done_ns=0) for i in range(60)]
    finding = judged("slo.response_time.p95", *rows)

    assert (finding.status, finding.measured) == (Status.FAIL, None)
    assert "for ever" in finding.summary


def test_p99_is_another_check_with_its_own_limit() -> None:
    """The p99 needs 299 samples and has its own limit and unit."""
    finding = judged("slo.response_time.p99", *spread(300, slow=4))

    assert (finding.status, finding.measured, finding.limit) == (Status.FAIL, 500.0, 200.0)


@pytest.mark.parametrize(
    ("bad", "n", "status"),
    [
        pytest.param(0, 0, Status.INCONCLUSIVE, id="no requests"),
        pytest.param(1, 10, Status.PASS, id="exactly the share asked for"),
        pytest.param(2, 10, Status.FAIL, id="one more is bad"),
    ],
)
def test_goodput(bad: int, n: int, status: Status) -> None:
    """Goodput is the share of good requests among those due."""
    rows = [op(1, outcome="info" if i < bad else "ok", error="timeout" if i < bad else "") for i in range(n)]
    finding = judged("slo.goodput", *rows)

    assert status is finding.status


def test_goodput_names_what_went_wrong() -> None:
    """The evidence counts bad answers by step and error, the commonest first."""
    rows = [
        op(1, f="pay", outcome="fail", error="declined"),
        op(1, f="pay", outcome="fail", error="declined"),
        op(1, f="order", outcome="info"),
    ]
    finding = judged("slo.goodput", *rows)

    assert list(finding.evidence["wrong"].items()) == [("pay declined", 2), ("order info", 1)]


@pytest.mark.parametrize(
    ("rows", "status", "measured"),
    [
        pytest.param([], Status.INCONCLUSIVE, None, id="no payments"),
        pytest.param([op(1, f="pay", intent="a")], Status.PASS, 1.0, id="paid at once"),
        pytest.param(
            [
                op(1, f="pay", intent="a", outcome="fail", error="payment_unavailable", channel="card"),
                op(2, f="pay", intent="a", channel="pay_later"),
            ],
            Status.PASS,
            1.0,
            id="the fallback channel counts",
        ),
        pytest.param(
            [op(1, f="pay", intent="a", outcome="info", error="timeout")], Status.FAIL, 0.0, id="never known"
        ),
        pytest.param(
            [op(1, f="pay", intent="a", outcome="fail", error="declined")], Status.FAIL, 0.0, id="declined"
        ),
        pytest.param(
            [op(1, f="pay", intent="a", outcome="fail", error="expired")], Status.FAIL, 0.0, id="expired"
        ),
    ],
)
def test_payment_success(rows: list[Row], status: Status, measured: float | None) -> None:
    """A payment succeeds if any attempt or query of its intent ends ok."""
    finding = judged("slo.payment_success", *rows)

    assert (status, measured) == (finding.status, finding.measured)


def test_a_payment_belongs_to_the_phase_it_began_in() -> None:
    """A payment that ends in the next phase counts where its first attempt was due."""
    plan = plan_of(phase("one"), phase("two", kind=PhaseKind.BURST))
    rows = [op(9, f="pay", intent="a", outcome="info", error="timeout"), op(12, f="query", intent="a")]
    frame, timeline = told(plan, *rows)
    findings = judge_slos(frame, plan, timeline, CALM)

    assert [(f.subject, f.measured) for f in findings if f.check == "slo.payment_success"] == [("one", 1.0)]


def test_each_phase_is_judged_by_itself() -> None:
    """Two phases of one kind are two sets of findings; a kind without an SLO has none."""
    plan = plan_of(phase("one"), phase("two"), phase("calm", kind=PhaseKind.WARMUP))
    frame, timeline = told(plan, op(1), op(11, outcome="fail", error="declined"), op(21, outcome="fail"))
    goodput = [f for f in judge_slos(frame, plan, timeline, CALM) if f.check == "slo.goodput"]

    assert [(f.subject, f.status) for f in goodput] == [("one", Status.PASS), ("two", Status.FAIL)]


def test_a_stall_makes_a_fail_invalid() -> None:
    """Where only the requests beside a starved second were slow, the machine is to blame, and named."""
    rows = [op(i / 10, took_ms=900 if 40 <= i < 60 else 20) for i in range(100)]
    finding = judged(
        "slo.response_time.p95", *rows, starved=Starved({4: "stalled 800 ms", 5: "stalled 300 ms"})
    )

    assert Status.INVALID is finding.status
    assert "the machine starved in seconds 4-5 (stalled 800 ms)" in finding.summary
    assert finding.evidence["starved_seconds"] == [4, 5]


def test_a_regression_beside_a_stall_is_still_a_fail() -> None:
    """Where the requests of the other seconds were far too slow as well, the shop is to blame."""
    rows = [op(i / 10, took_ms=900) for i in range(100)]
    finding = judged("slo.response_time.p95", *rows, starved=Starved({4: "stalled 800 ms"}))

    assert Status.FAIL is finding.status
    assert "without the machine's starved second 4 too" in finding.summary


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"took_ms": 110.0}, id="only a little beyond the limit"),
        pytest.param({"took_ms": 900.0, "n": 60}, id="too few requests in the other seconds"),
    ],
)
def test_an_unclear_fail_beside_a_stall_is_invalid(changes: dict[str, Any]) -> None:
    """A FAIL stands beside a stall only if the other seconds prove it by a margin and with enough samples."""
    n = changes.get("n", 100)
    rows = [op(10 * i / n, took_ms=changes["took_ms"]) for i in range(n)]
    finding = judged("slo.response_time.p95", *rows, starved=Starved({4: "stalled 800 ms"}))

    assert Status.INVALID is finding.status


def test_a_pass_beside_a_stall_stays_a_pass() -> None:
    """A promise kept in spite of a stall was kept."""
    finding = judged("slo.response_time.p95", *spread(100), starved=Starved({4: "stalled 800 ms"}))

    assert Status.PASS is finding.status


def test_refused_payments_beside_a_stall_are_still_a_fail() -> None:
    """Shares too are judged again without the starved seconds."""
    rows = [op(i / 2, f="pay", intent=f"i{i}", outcome="fail", error="declined") for i in range(20)]
    finding = judged("slo.payment_success", *rows, starved=Starved({4: "stalled 800 ms"}))

    assert Status.FAIL is finding.status


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        pytest.param(
            {"outcome": "fail", "error": "declined", "status": 200}, Status.FAIL, id="declined with a 200"
        ),
        pytest.param(
            {"outcome": "fail", "error": "declined", "status": 402}, Status.FAIL, id="declined with a 402"
        ),
        pytest.param({"outcome": "fail", "error": "busy", "status": 429}, Status.INVALID, id="turned away"),
        pytest.param(
            {"outcome": "fail", "error": "unavailable", "status": 503}, Status.INVALID, id="out of order"
        ),
        pytest.param({"outcome": "fail", "error": "connect_timeout"}, Status.INVALID, id="never sent"),
        pytest.param({"outcome": "info", "error": "timeout"}, Status.INVALID, id="never answered"),
    ],
)
def test_no_starved_machine_declines_a_card(rest: dict[str, Any], expected: Status) -> None:
    """Where every second starved nothing timed can be told; what the shop said in its own words can."""
    rows = [op(i / 2, f="pay", intent=f"i{i}", **rest) for i in range(20)]
    finding = judged(
        "slo.payment_success", *rows, starved=Starved(dict.fromkeys(range(12), "no idle processor"))
    )

    assert expected is finding.status
    assert ("declined 20" in finding.summary) is (expected is Status.FAIL)


def test_the_judges_stand_alone() -> None:
    """Each judge takes rows and a limit, and needs no plan."""
    frame, _ = told(plan_of(), op(1, f="pay", intent="a", took_ms=50))
    requests = requests_of(frame)
    findings = (
        judge_percentile(requests, phase="p", p=0.95, limit_ms=50.0),
        judge_goodput(requests, phase="p", limit=1.0),
        judge_payment_success(payments_of(requests), phase="p", limit=1.0),
    )

    assert {Status.PASS} == {finding.status for finding in findings}
