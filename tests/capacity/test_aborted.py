"""A load process that died: which phases are worth nothing, and what the shop is not to blame for."""

from typing import Any

import pytest
from msgspec.structs import replace

from capacity.aborted import judge_aborted, judge_aborted_trials
from capacity.samples import payments_of, requests_of
from rehearsal.model.history import Row
from rehearsal.model.plan import PhaseKind
from rehearsal.model.verdict import Status
from tests.capacity.conftest import drop, op, phase, plan_of, told

LOST = "worker 1 of 2 was lost at 12.3 s: killed by SIGKILL"


def aborted(due_s: float, visit: int = 0) -> Row:
    """Return a visit that died with its process."""
    return replace(drop(due_s, "aborted"), visit=visit, note=LOST)


@pytest.mark.parametrize(
    ("count", "planned", "expected"),
    [
        pytest.param(1, 1000, Status.PASS, id="one in a thousand is as planned"),
        pytest.param(2, 1000, Status.INVALID, id="two in a thousand are not"),
        pytest.param(1, 0, Status.INVALID, id="what was not planned cannot be aborted"),
    ],
)
def test_a_phase_that_lost_its_load_is_invalid(count: int, planned: int, expected: Status) -> None:
    """The limit is a thousandth of the phase's planned visits."""
    frame, timeline = told(plan_of(), *(aborted(1 + i) for i in range(count)))
    (finding,) = judge_aborted(frame, timeline, {"normal": planned})

    assert (finding.status, finding.subject) == (expected, "normal")


def test_only_the_phases_concerned_are_named_with_worker_and_seconds() -> None:
    """A person reads who died, when, and what is worth nothing for it."""
    plan = plan_of(phase("one"), phase("two"), phase("three"))
    frame, timeline = told(plan, aborted(12.5), aborted(13.1), aborted(13.9), aborted(19.0), aborted(20.0))
    two, three = judge_aborted(frame, timeline, {"one": 9, "two": 40, "three": 40})

    assert two.summary == (
        f"two: 4 of 40 planned visits (10.00 %) were aborted in seconds 12-13, 19 ({LOST})"
    )
    assert (three.subject, three.evidence["seconds"]) == ("three", [20])


def test_a_search_that_lost_load_is_invalid_and_says_so_once() -> None:
    """The trial that lost most tells who died; the phases before the search are told by themselves."""
    plan = plan_of(
        phase("warm-up", kind=PhaseKind.WARMUP),
        phase("trial 01", kind=PhaseKind.TRIAL),
        phase("trial 02", kind=PhaseKind.TRIAL),
    )
    frame, timeline = told(plan, aborted(5), aborted(19.5), aborted(25, 1), aborted(26, 2))
    (finding,) = judge_aborted_trials(frame, timeline, {"warm-up": 10, "trial 01": 10, "trial 02": 10})

    assert (finding.check, finding.subject, finding.status) == (
        "generator.aborted",
        "search",
        Status.INVALID,
    )
    assert finding.summary == (
        f"trial 02: 2 of 10 planned visits (20.00 %) were aborted in seconds 25-26 ({LOST});"
        " 2 trials in all lost visits so"
    )


def test_a_search_that_lost_nothing_has_nothing_to_say() -> None:
    """What died in another phase is that one's."""
    plan = plan_of(phase("warm-up", kind=PhaseKind.WARMUP), phase("trial 01", kind=PhaseKind.TRIAL))
    frame, timeline = told(plan, aborted(5), op(12))

    assert judge_aborted_trials(frame, timeline, {"warm-up": 10, "trial 01": 10}) == ()


def test_a_whole_run_has_nothing_to_say() -> None:
    """Other drops are judged elsewhere."""
    frame, timeline = told(plan_of(), drop(1, "pool_exhausted"), op(2))

    assert judge_aborted(frame, timeline, {"normal": 1}) == ()


def test_a_stop_without_a_cause_is_called_one() -> None:
    """Drops of a run that was stopped carry no note."""
    frame, timeline = told(plan_of(), drop(1, "aborted"))

    assert "(the run was stopped)" in judge_aborted(frame, timeline, {"normal": 1})[0].summary


def test_a_payment_nobody_was_left_to_ask_about_is_nobodys_failure() -> None:
    """Pending when the process died: no bad answer, no unpaid payment. What failed before, failed."""
    pending: dict[str, Any] = {"f": "pay", "outcome": "info", "error": "pending"}
    frame, _ = told(
        plan_of(),
        op(1, visit=0, intent="pay:0", **pending),
        op(1, visit=1, intent="pay:1", **pending),
        op(2, visit=2, intent="pay:2", **pending),
        op(3, visit=2, intent="pay:2", f="query"),
        op(2, visit=3, f="product", outcome="info", error="timeout"),
        *(aborted(1, visit) for visit in (0, 2, 3)),
    )
    requests = requests_of(frame)
    goods = dict(zip(requests["visit"], requests["good"], strict=True))

    assert goods == {1: False, 2: True, 3: False}
    assert dict(payments_of(requests).select("intent", "ok").iter_rows()) == {"pay:1": False, "pay:2": True}
