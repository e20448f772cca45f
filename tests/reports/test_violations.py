"""Violations and the steps that prove them."""

from typing import Any

import pytest

from rehearsal.model.verdict import Finding, Status
from reports.canvas import NARROW, WIDE, style
from reports.figure_proof import draw_proof, stretch_of
from reports.violations import ProofStep, Violation, violations_of

STEP = {"at_s": 2.0, "who": "shopper s1", "what": "paid", "kind": "ok"}


def finding(check: str = "invariant.I4.no_double_charge", **rest: Any) -> Finding:
    """Return a broken invariant with one step of proof."""
    given = {
        "status": Status.FAIL,
        "summary": "One was charged twice.",
        "evidence": {"proof": [STEP]},
        **rest,
    }
    return Finding(check=check, **given)


def step(at_s: float | None, who: str = "s1", number: int = 1) -> ProofStep:
    """Return a step."""
    return ProofStep(number=number, at_s=at_s, who=who, what="did it", kind="ok")


@pytest.mark.parametrize(
    "unproven",
    [
        pytest.param(finding(status=Status.PASS), id="an invariant that holds"),
        pytest.param(finding(status=Status.INCONCLUSIVE), id="an invariant that could not be told"),
        pytest.param(finding(evidence={}), id="a violation without a proof"),
        pytest.param(finding("slo.goodput"), id="a failed check that is no invariant"),
    ],
)
def test_only_broken_invariants_with_a_proof_are_violations(unproven: Finding) -> None:
    """Whatever else there is has its line among the findings and no timeline."""
    assert violations_of([unproven]) == ()


def test_the_steps_are_numbered_in_the_order_of_time() -> None:
    """What was read after the run comes last, however the judge listed it."""
    proof = [{**STEP, "at_s": None, "who": "books"}, {**STEP, "at_s": 3.0}, {**STEP, "at_s": 1.0}]

    [violation] = violations_of([finding(evidence={"proof": proof})])

    assert [(one.number, one.at_s) for one in violation.steps] == [(1, 1.0), (2, 3.0), (3, None)]
    assert violation.lanes == ("shopper s1", "books")


def test_a_violation_is_named_by_number_and_words() -> None:
    """The heading names the invariant; the slug tells two findings of one invariant apart."""
    [violation] = violations_of([finding(subject="flash sale")])

    assert (violation.title, violation.slug) == ("I4, no double charge", "i4-flash-sale")


@pytest.mark.parametrize(
    ("instants", "stretch"),
    [
        pytest.param([10.0, 20.0], (9.2, 20.8, 22.4), id="steps ten seconds apart"),
        pytest.param([10.0], (9.92, 11.0, 11.16), id="one step: a second is shown"),
        pytest.param([None], (0.0, 1.08, 1.24), id="nothing but books"),
        pytest.param([0.0, 10.0], (0.0, 10.8, 12.4), id="a step at the very start: nothing lies before it"),
    ],
)
def test_the_axis_covers_all_steps(instants: list[float | None], stretch: tuple[float, float, float]) -> None:
    """The axis has some air on both sides, and room at its end for what was read after the run."""
    assert stretch == pytest.approx(stretch_of([step(at_s) for at_s in instants]))


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_figure_has_a_lane_for_each_who_and_a_number_for_each_step(size: Any) -> None:
    """Long names are cut so that they fit beside the lanes; equal violations are drawn in equal bytes."""
    steps = (
        step(1.0),
        step(1.001, number=2),
        step(2.0, "the provider's ledger of captures", 3),
        step(None, "books", 4),
    )
    violation = Violation(slug="i4", title="I4, no double charge", summary="Twice.", steps=steps)

    with style("one"):
        drawn = draw_proof(violation, (), size, "one")
    with style("one"):
        again = draw_proof(violation, (), size, "one")

    assert drawn == again
    assert all(f">{word}<" in drawn for word in ("1", "2", "3", "4", "s1", "books"))
    assert "the provider's ledger of captures<" not in drawn
