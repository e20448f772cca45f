"""The 1.3 rule: held and kept, held and broken, not held, not proven."""

from collections.abc import Collection

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from capacity.headroom import judge_headroom
from capacity.queueing import slo_capacity
from rehearsal.model.history import Row
from rehearsal.model.plan import PhaseKind
from rehearsal.model.plan_shop import Store, Target
from rehearsal.model.verdict import Finding, Status, verdict_of
from tests.capacity.conftest import SLO, op, phase, plan_of, told, visit

PROOF = phase("proof", kind=PhaseKind.PROOF)
KEPT = Finding(check="slo.goodput", subject="proof", status=Status.PASS, summary="kept")


def visits(count: int, late: Collection[int] = ()) -> list[Row]:
    """Return visits evenly over 10 s, each with three requests to a region, the last of which pays."""
    rows = []
    for i in range(count):
        due_s = 10 * i / count
        rows += [visit(due_s), op(due_s, f="route"), op(due_s, region="a"), op(due_s, region="b")]
        rows.append(op(due_s, f="pay", intent=f"pay:{i}", took_ms=190.0 if i in late else 20.0))
    return rows


def judged(count: int, *slos: Status) -> Finding:
    """Return the finding for so many visits in 10 s; 130 are asked for."""
    plan = plan_of(PROOF)
    frame, timeline = told(plan, *visits(count))
    return judge_headroom(frame, plan, timeline, [replace(KEPT, status=status) for status in slos])[0]


@pytest.mark.parametrize(
    ("count", "slos", "status", "words"),
    [
        pytest.param(130, [Status.PASS], Status.PASS, "1.30 times the forecast peak of 10", id="held, kept"),
        pytest.param(127, [Status.PASS], Status.PASS, "every SLO held", id="held but for a Poisson's whim"),
        pytest.param(126, [Status.PASS], Status.INCONCLUSIVE, "were not held", id="not held"),
        pytest.param(130, [Status.PASS, Status.FAIL], Status.FAIL, "broke slo.goodput", id="held, broken"),
        pytest.param(60, [Status.FAIL], Status.FAIL, "broke slo.goodput", id="broken at less than asked"),
        pytest.param(
            130, [Status.PASS, Status.INVALID], Status.INVALID, "not every SLO", id="a starved machine"
        ),
        pytest.param(
            130, [Status.PASS, Status.INCONCLUSIVE], Status.INCONCLUSIVE, "not every SLO", id="not judgeable"
        ),
        pytest.param(130, [], Status.INCONCLUSIVE, "states no SLO", id="no promise to keep"),
        pytest.param(0, [Status.INCONCLUSIVE], Status.INCONCLUSIVE, "were not held", id="nobody came"),
    ],
)
def test_proof(count: int, slos: list[Status], status: Status, words: str) -> None:
    """The rule is proven by holding the rate with every SLO kept, and by nothing else."""
    finding = judged(count, *slos)

    assert status is finding.status
    assert words in finding.summary


def test_without_a_proof_phase_nothing_is_proven() -> None:
    """A plan without a proof phase leaves the headroom unknown."""
    plan = plan_of()
    frame, timeline = told(plan, *visits(500))

    assert [f.status for f in judge_headroom(frame, plan, timeline, [KEPT])] == [Status.INCONCLUSIVE]


def test_another_phases_slo_does_not_count() -> None:
    """What breaks in another phase does not break the proof."""
    plan = plan_of(PROOF)
    frame, timeline = told(plan, *visits(130))
    other = replace(KEPT, subject="burst", status=Status.FAIL)

    assert [f.status for f in judge_headroom(frame, plan, timeline, [KEPT, other])] == [Status.PASS]


def test_the_model_stands_beside_the_proof() -> None:
    """For the mock shop the evidence holds the closed form's capacity, in visits a second."""
    plan = plan_of(PROOF, store=Store(servers=8, service_ms=20.0))
    frame, timeline = told(plan, *visits(130))
    evidence = judge_headroom(frame, plan, timeline, [KEPT])[0].evidence
    capacity_per_s = 2 * slo_capacity(0.99, SLO.p99_ms / 20.0, 8) / 0.020 / 3

    assert {
        "offered_per_s": 13.0,
        "forecast_per_s": 10.0,
        "required": 1.3,
        "requests_per_visit": 3.0,
        "model_capacity_visits_per_s": pytest.approx(capacity_per_s),
        "model_headroom": pytest.approx(capacity_per_s / 10),
    } == evidence


def test_no_model_is_known_of_somebody_elses_shop() -> None:
    """Another shop's capacity has no closed form, and none is claimed."""
    plan = plan_of(PROOF, target=Target(shop="url", url="http://127.0.0.1:1"))
    frame, timeline = told(plan, *visits(130))
    evidence = judge_headroom(frame, plan, timeline, [KEPT])[0].evidence

    assert list(evidence) == ["offered_per_s", "forecast_per_s", "required", "requests_per_visit"]


@pytest.mark.parametrize(
    ("late", "words"),
    [
        pytest.param(range(0), "", id="none late"),
        pytest.param(range(0, 130, 7), "p95 <= 100 ms: 95.13 % of 390 kept it", id="as measured only"),
    ],
)
def test_a_proof_is_none_while_its_lower_bound_is_too_low(late: range, words: str) -> None:
    """Nineteen late ones of 390 keep a p95 as measured; that the next 390 would, nobody knows."""
    plan = plan_of(PROOF)
    frame, timeline = told(plan, *visits(130, late))
    finding = judge_headroom(frame, plan, timeline, [KEPT])[0]

    assert finding.status is (Status.INCONCLUSIVE if words else Status.PASS)
    assert words in finding.summary


def test_batches_that_are_alike_do_not_matter_far_from_what_is_asked() -> None:
    """Two late ones in neighbouring batches, of 1,200: even an interval thrice as wide clears the p95."""
    plan = plan_of(PROOF)
    frame, timeline = told(plan, *visits(400, (19, 20)))

    assert judge_headroom(frame, plan, timeline, [KEPT])[0].status is Status.PASS


def test_too_few_requests_prove_nothing() -> None:
    """Fewer than 299 cannot show a p99, however good each of them was."""
    plan = plan_of(phase("proof", kind=PhaseKind.PROOF, duration_s=5.0))
    frame, timeline = told(plan, *(row for row in visits(130) if row.due_ns < 5_000_000_000))
    finding = judge_headroom(frame, plan, timeline, [KEPT])[0]

    assert finding.status is Status.INCONCLUSIVE
    assert "p99 <= 200 ms: not enough samples: 195 of 299" in finding.summary


@settings(deadline=None)  # a loaded machine is no counter-example
@given(st.lists(st.sampled_from(list(Status)), min_size=1, max_size=6))
def test_the_proof_is_as_good_as_its_worst_slo(slos: list[Status]) -> None:
    """A rate that was held is judged as `verdict_of` judges its SLOs, in whatever order they come."""
    finding = judged(130, *slos)
    expected = verdict_of([replace(KEPT, status=status) for status in slos])

    assert expected is verdict_of([finding])
