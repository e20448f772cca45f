"""The rule of 1.3 as the report tells it."""

from typing import Any

import pytest

from rehearsal.model.verdict import Finding, Status
from reports.headroom import facts_of, headroom_of
from tests.reports.run_factory import plan_of


def proof(status: Status, **evidence: Any) -> Finding:
    """Return a headroom finding."""
    return Finding(check="headroom.proof", subject="headroom", status=status, summary="", evidence=evidence)


def test_held_rate_is_what_was_offered_and_passed() -> None:
    """Rate, ratio and model come from the finding's evidence, the rule from the plan."""
    found = [proof(Status.PASS, offered_per_s=39.0, model_capacity_visits_per_s=90)]
    headroom = headroom_of(plan_of(), found)

    assert headroom is not None
    assert headroom.is_held
    assert (headroom.offered_per_s, headroom.model_per_s) == (39.0, 90.0)
    assert headroom.required_per_s == pytest.approx(39.0)
    assert headroom.ratio == pytest.approx(1.3)


@pytest.mark.parametrize("status", [Status.FAIL, Status.INCONCLUSIVE, Status.INVALID])
def test_what_did_not_pass_was_not_held(status: Status) -> None:
    """An offered rate is not a held one."""
    headroom = headroom_of(plan_of(), [proof(status, offered_per_s=39.0)])

    assert headroom is not None
    assert not headroom.is_held


def test_a_proof_that_passed_counts_before_one_that_did_not() -> None:
    """Of several proof phases the held one is told."""
    found = [proof(Status.FAIL, offered_per_s=50.0), proof(Status.PASS, offered_per_s=39.0)]
    headroom = headroom_of(plan_of(), found)

    assert headroom is not None
    assert (headroom.is_held, headroom.offered_per_s) == (True, 39.0)


@pytest.mark.parametrize(
    "findings",
    [
        pytest.param([], id="no finding"),
        pytest.param([Finding(check="slo.goodput", status=Status.PASS, summary="")], id="none of the family"),
        pytest.param([proof(Status.INCONCLUSIVE)], id="no evidence"),
        pytest.param([proof(Status.INCONCLUSIVE, offered_per_s="39")], id="evidence that is no number"),
    ],
)
def test_what_is_not_known_stays_none(findings: list[Finding]) -> None:
    """No number is made up, and none goes into the signed facts."""
    headroom = headroom_of(plan_of(), findings)

    assert headroom is not None
    assert (headroom.offered_per_s, headroom.ratio, headroom.is_held) == (None, None, False)
    assert facts_of(headroom) == {"forecastPeakPerS": 30.0, "requiredHeadroom": 1.3, "held": False}


def test_facts_are_the_headroom_in_camel_case() -> None:
    """Annotations of the statement follow the spelling of in-toto."""
    facts = facts_of(headroom_of(plan_of(), [proof(Status.PASS, offered_per_s=45.0)]))

    assert facts == {
        "forecastPeakPerS": 30.0,
        "requiredHeadroom": 1.3,
        "offeredPerS": 45.0,
        "offeredOverForecast": 1.5,
        "held": True,
    }


def test_what_survives_holds_no_rate() -> None:
    """A scene that passed must not speak for a proof that failed."""
    survived = Finding(check="headroom.surviving", subject="region a gone", status=Status.PASS, summary="")
    failed = Finding(check="headroom.proof", status=Status.FAIL, summary="", evidence={"offered_per_s": 39.0})
    headroom = headroom_of(plan_of(), (survived, failed))

    assert headroom is not None
    assert headroom.status is Status.FAIL
    assert not headroom.is_held


def test_a_search_s_own_proof_holds_a_rate() -> None:
    """Without a proof phase, what its proof held is told; a phase of the plan's comes first."""
    searched = Finding(
        check="headroom.capacity", status=Status.PASS, summary="", evidence={"proof_per_s": 39.5}
    )
    alone = headroom_of(plan_of(), [searched])
    both = headroom_of(plan_of(), [searched, proof(Status.FAIL, offered_per_s=38.0)])

    assert alone is not None
    assert both is not None
    assert (alone.offered_per_s, alone.is_held) == (39.5, True)
    assert (both.offered_per_s, both.is_held) == (38.0, False)
