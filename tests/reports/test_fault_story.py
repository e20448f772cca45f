"""Faults as they really happened."""

from typing import Any

import pytest

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Fault
from rehearsal.model.timeline import Timeline, timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from reports.fault_story import FaultStory, stories_of, title_of
from tests.reports.run_factory import plan_of

DOWN = Fault(kind=FaultKind.PAYMENT_UNREACHABLE, phase="provider down", hold_s=8.0, recover_within_s=6.0)
START_S = 44.0  # a second into "provider down"


def timeline(*faults: Fault) -> Timeline:
    """Return the shipped phases with these faults."""
    return timeline_of(plan_of().model_copy(update={"faults": faults}))


def step(at_s: float, note: str, outcome: str = "ok", f: str = "payment_unreachable") -> Row:
    """Return a row of the nemesis that took a tenth of a second."""
    at_ns = int(at_s * NS_PER_S)
    return Row(
        kind=Kind.FAULT, f=f, sent_ns=at_ns, done_ns=at_ns + NS_PER_S // 10, outcome=outcome, note=note
    )


def story(*rows: Row) -> FaultStory:
    """Return the story of the one fault."""
    placed = timeline(DOWN)
    (told,) = stories_of(frame_of(rows, placed), placed, ())
    return told


def test_a_fault_is_in_force_from_injection_to_mending() -> None:
    """From where the injection began to where the mending was done, whatever the plan said."""
    told = story(
        step(44.2, "inject: no card can be charged"),
        step(44.4, "effect: refused"),
        step(52.0, "heal: mended"),
        step(52.0, "healed: served"),
    )

    assert (told.injected_s, told.mended_s) == (44.2, 52.1)
    assert [(one.name, one.saw) for one in told.steps] == [
        ("inject", "no card can be charged"),
        ("effect", "refused"),
        ("heal", "mended"),
        ("healed", "served"),
    ]


@pytest.mark.parametrize(
    ("rows", "injected_s"),
    [
        pytest.param((), None, id="no trace at all"),
        pytest.param((step(44.2, "inject"),), 44.2, id="only injected"),
        pytest.param((step(44.2, "inject"), step(52.0, "heal: no", "fail")), 44.2, id="mending failed"),
        pytest.param((step(44.2, "inject", f="region_killed"),), None, id="another fault's rows"),
        pytest.param((step(20.0, "inject"),), None, id="rows long before its window"),
    ],
)
def test_what_the_history_does_not_show_is_none(rows: tuple[Row, ...], injected_s: float | None) -> None:
    """A fault that was never mended has no end, one that left no trace no beginning."""
    told = story(*rows)

    assert (told.injected_s, told.mended_s) == (injected_s, None)


def test_two_faults_of_a_kind_keep_their_rows_apart() -> None:
    """Rows belong to the window they lie in; letters follow the windows, not the plan's order."""
    later = DOWN.model_copy(update={"phase": "answer lost"})
    placed = timeline(later, DOWN)
    rows = (step(44.2, "inject: first"), step(60.2, "inject: second"))
    told = stories_of(frame_of(rows, placed), placed, ())

    assert [(one.letter, one.fault.phase) for one in told] == [("A", "provider down"), ("B", "answer lost")]
    assert [[done.saw for done in one.steps] for one in told] == [["first"], ["second"]]


def test_findings_go_to_the_fault_they_judge() -> None:
    """By kind and phase; the recovery among them is found."""
    mine: dict[str, Any] = {"status": Status.PASS, "summary": "", "subject": "provider down"}
    findings = (
        Finding(check="fault.payment_unreachable.effect", **mine),
        Finding(check="recovery.payment_unreachable", measured=1.5, **mine),
        Finding(check="recovery.region_killed", **mine),
        Finding(check="slo.goodput", **mine),
        Finding(check="recovery.payment_unreachable", **{**mine, "subject": "burst"}),
    )
    placed = timeline(DOWN)
    (told,) = stories_of(frame_of((), placed), placed, findings)

    assert told.findings == findings[:2]
    assert told.recovery == findings[1]


def test_without_findings_there_is_no_recovery() -> None:
    """Nothing is made up."""
    assert story().recovery is None


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (FaultKind.PAYMENT_UNREACHABLE, "payment provider unreachable"),
        (FaultKind.ANSWER_LOST_AFTER_CAPTURE, "answer lost after capture"),
        (FaultKind.REGION_KILLED, "region B lost"),
    ],
)
def test_faults_have_titles_in_words(kind: FaultKind, title: str) -> None:
    """Every kind has one; a region's names the region."""
    fault = Fault(kind=kind, phase="burst", hold_s=1.0, recover_within_s=1.0, region="b")

    assert title == title_of(fault)


def test_another_shop_s_fault_names_no_region() -> None:
    """On the links of a user's own shop nothing is known of regions."""
    fault = Fault(kind=FaultKind.REGION_SLOW, phase="provider down", hold_s=1.0, recover_within_s=1.0)
    placed = timeline(fault)
    (told,) = stories_of(frame_of((), placed), placed, (), has_regions=False)

    assert told.title == "region slow but healthy"
