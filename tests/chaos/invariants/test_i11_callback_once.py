"""I11 seen failing: a callback that took effect twice, delivered once or often."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i11_callback_once import check
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.readings import EventReading, FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, event, readings, told

FAULT = Fault(kind=FaultKind.CALLBACK_REPEATED, phase="burst", hold_s=1.0, recover_within_s=1.0)
REPEATING = PLAN.model_copy(update={"faults": (FAULT,)})


def judged(*events: EventReading, plan: Plan = PLAN) -> Finding:
    """Return the finding on callbacks alone."""
    return check(Books.of(told(), readings(*events)), plan)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param((event("o1", received=2, effects=2),), id="came twice, and took effect twice"),
        pytest.param((event("o1", effects=2),), id="came once, and took effect twice"),
        pytest.param((event("o1"), event("o1")), id="kept in two places, each with an effect"),
    ],
)
def test_effects(events: tuple[EventReading, ...]) -> None:
    """More than one effect of an event is a FAIL naming the event."""
    finding = judged(event("o2", received=5), *events)

    assert (finding.status, finding.ids) == (Status.FAIL, ("ev-o1",))


@pytest.mark.parametrize(
    ("events", "words"),
    [
        pytest.param(
            (event("o1", received=5),), "1 of them came more than once", id="five times, one effect"
        ),
        pytest.param((event("o1", received=2, effects=0),), "1 of them", id="an event that changes nothing"),
        pytest.param((event("o1"),), "none of them came more than once", id="once"),
    ],
)
def test_once(events: tuple[EventReading, ...], words: str) -> None:
    """At most one effect is a PASS that says whether it was put to the test."""
    finding = judged(*events)

    assert (finding.status, words in finding.summary) == (Status.PASS, True)


@pytest.mark.parametrize(
    ("events", "status"),
    [
        pytest.param((event("o1"),), Status.INCONCLUSIVE, id="none came twice"),
        pytest.param((event("o1", received=2),), Status.PASS, id="one came twice"),
        pytest.param((event("o1", effects=2),), Status.FAIL, id="broken all the same"),
    ],
)
def test_a_plan_that_repeats_callbacks_wants_to_see_some(
    events: tuple[EventReading, ...], status: Status
) -> None:
    """With the fault in the plan, callbacks that all came once prove nothing."""
    assert status is judged(*events, plan=REPEATING).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(), "reading the callback events", id="not read"),
        pytest.param(readings(), "no callback came", id="none came"),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without events nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)
