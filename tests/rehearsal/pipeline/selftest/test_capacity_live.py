"""The live self-test of capacity, without its processes."""

from typing import Any

import pytest

from rehearsal.model.capacity import Band, CapacityRecord, Found, Trial
from rehearsal.model.plan_check import check_plan
from rehearsal.model.verdict import Finding, Status, Verdict
from rehearsal.pipeline.capacity.plans import search_alone, sets_of, start_per_s
from rehearsal.pipeline.selftest.capacity_live import HEADROOM, LiveCase, plan_of, tried
from rehearsal.pipeline.selftest.capacity_simulated import Law
from tests.trials import plain_trial

CASE = LiveCase(law=Law.MM8)
TRUTH = CASE.truth_per_s


def trial(number: int = 1, invalid: str = "") -> Trial:
    """Return a trial of 1,000 requests."""
    return plain_trial(number=number, invalid=invalid)


def found(low: float | None, value: float | None, why: str = "") -> CapacityRecord:
    """Return a record of bounds as shares of the truth."""
    band = Band(low=low and low * TRUTH, value=value and value * TRUTH, high=None)
    return CapacityRecord(
        trials=(trial(), trial(2, "it starved")),
        found=(Found(slo_set="six services", capacity=band, why=why),),
    )


@pytest.mark.parametrize("law", list(Law))
@pytest.mark.parametrize("factor", [None, 1.45])
def test_every_case_has_a_plan(law: Law, factor: float | None) -> None:
    """One that can be searched, beginning far below the truth; with a forecast if there is a rule."""
    case = LiveCase(law=law, factor=factor)
    plan = search_alone(check_plan(plan_of(case), source=law.value, curves=()))

    assert plan.capacity is not None
    assert list(sets_of(plan, plan.capacity)) == ["six services"]
    assert start_per_s(plan, plan.capacity) == pytest.approx(case.truth_per_s / 4)
    assert (plan.forecast is None) is (factor is None)
    if plan.forecast and factor:
        assert plan.forecast.peak_per_s * factor == pytest.approx(case.truth_per_s)
    assert plan.capacity.search is (factor is None)


def test_the_truth_is_erlang_s() -> None:
    """Two stations of eight servers carry 6.933 erlangs each, in visits of two and a half requests."""
    assert pytest.approx(2 * 6.933123 / (CASE.service_ms / 1000) / 2.5, rel=1e-6) == TRUTH


@pytest.mark.parametrize(
    ("record", "holds"),
    [
        pytest.param(found(0.93, 0.98), True, id="near"),
        pytest.param(found(0.93, 1.09), True, id="the middle is a little high"),
        pytest.param(found(0.93, 1.11), False, id="the middle is too high"),
        pytest.param(found(0.88, 0.98), False, id="the bound is too low"),
        pytest.param(found(0.8, 0.85), False, id="both too low"),
        pytest.param(found(None, 0.98), False, id="no bound"),
        pytest.param(found(0.93, None), False, id="no middle"),
        pytest.param(found(None, None, "the generator was the limit"), True, id="the generator is named"),
        pytest.param(CapacityRecord(), False, id="nothing was found"),
    ],
)
def test_what_is_near_enough(record: CapacityRecord, holds: bool) -> None:
    """Ten percent, or a generator that is named."""
    assert tried(CASE, record, (), Verdict.GO).holds is holds


def test_the_figures_are_the_record_s() -> None:
    """Requests and trials are counted; the headroom is the finding's."""
    finding: Any = Finding(check=HEADROOM, status=Status.FAIL, summary="")
    result = tried(CASE, found(0.9, 1.0), (finding,), Verdict.NO_GO)

    assert (result.requests, result.trials, result.headroom) == (2000, 2, Status.FAIL)
    assert result.low_per_s == pytest.approx(0.9 * TRUTH)
    assert result.value_per_s == pytest.approx(TRUTH)
    assert result.invalid == ""
