"""Contingency plans on a run that lasts no time: its origin lies far back."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from rehearsal.model.clock import SystemClock, nanoseconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Kind, Row
from rehearsal.model.plan import Contingency, Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.pipeline.contingency import Appointment, Contingencies, appointments

LONG_AGO_S = 3600.0


def plan_b(name: str = "switch", phase: str = "down", after_s: float = 2.0) -> Contingency:
    """Return a contingency plan."""
    return Contingency(name=name, action="switch_region", phase=phase, after_s=after_s)


@dataclass
class Deed:
    """Remembers what was asked of it; `fails` raises at that step."""

    fails: str = ""
    error: type[Exception] = RehearsalError
    asked: list[str] = field(default_factory=list)

    def do(self) -> str:
        """Carry it out."""
        return self._take("do")

    def undo(self) -> str:
        """Go back."""
        return self._take("undo")

    def _take(self, step: str) -> str:
        self.asked.append(step)
        if step == self.fails:
            raise self.error(f"{step} failed")
        return f"{step} went well"


def walked(deed: Deed, *, begin_s: float = 1.0, undo_s: float = 2.0) -> list[Row]:
    """Return the rows of one plan whose appointments are so far after an origin of an hour ago."""
    rows: list[Row] = []
    clock = SystemClock()
    origin_ns = clock.now_ns() - nanoseconds(LONG_AGO_S)
    placed = Appointment(plan_b(), nanoseconds(begin_s), nanoseconds(undo_s))
    contingencies = Contingencies(
        [placed], lambda *_: deed, clock=clock, origin_ns=origin_ns, record=rows.append
    )
    with contingencies:
        if undo_s < LONG_AGO_S:
            for thread in contingencies._threads:
                thread.join()
    return rows


def notes(rows: list[Row]) -> list[tuple[str, str]]:
    """Return what the rows say."""
    return [(row.note, row.outcome) for row in rows]


def test_when_each_is_due(make_plan: Callable[..., Plan], plan_text: str) -> None:
    """Begun so long into its phase, undone at its end, the earlier first."""
    plan = make_plan(plan_text)
    timeline = timeline_of(plan)
    down, back = timeline.window_of("down"), timeline.window_of("back")
    placed = appointments([plan_b("b", "back", 0.0), plan_b("a", "down", 2.0)], timeline)

    assert [(each.contingency.name, each.begin_ns, each.undo_ns) for each in placed] == [
        ("a", down.start_ns + nanoseconds(2.0), down.end_ns),
        ("b", back.start_ns, back.end_ns),
    ]


def test_a_plan_is_carried_out_and_undone() -> None:
    """Three rows of its name, each saying what was done."""
    rows = walked(Deed())

    assert {(row.kind, row.f) for row in rows} == {(Kind.PLAN_B, "switch")}
    assert notes(rows) == [
        ("begin: switch_region", "ok"),
        ("done: do went well", "ok"),
        ("undo: undo went well", "ok"),
    ]
    assert all(row.done_ns >= row.sent_ns >= nanoseconds(LONG_AGO_S - 60) for row in rows)


@pytest.mark.parametrize("error", [RehearsalError, OSError])
@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        ("do", [("done: do failed", "fail"), ("undo: undo went well", "ok")]),
        ("undo", [("done: do went well", "ok"), ("undo: undo failed", "fail")]),
    ],
)
def test_a_step_that_fails(fails: str, expected: list[tuple[str, str]], error: type[Exception]) -> None:
    """It is written down; what failed half-way is undone all the same."""
    assert notes(walked(Deed(fails, error)))[1:] == expected


def test_a_run_that_ends_before_its_turn() -> None:
    """Then nothing is begun, and nothing has to be undone."""
    deed = Deed()

    assert (walked(deed, begin_s=2 * LONG_AGO_S, undo_s=3 * LONG_AGO_S), deed.asked) == ([], [])


def test_a_run_that_ends_in_between() -> None:
    """What was begun is undone, whatever ended the run."""
    rows: list[Row] = []
    clock, deed = SystemClock(), Deed()
    origin_ns = clock.now_ns() - nanoseconds(LONG_AGO_S)
    placed = Appointment(plan_b(), 0, nanoseconds(2 * LONG_AGO_S))
    contingencies = Contingencies(
        [placed], lambda *_: deed, clock=clock, origin_ns=origin_ns, record=rows.append
    )
    with contingencies:
        while len(deed.asked) < 1:
            clock.sleep_until_ns(clock.now_ns() + 1)

    assert deed.asked == ["do", "undo"]
