"""A plan that goes on while it is rehearsed: each trial is a phase at its end, each pause before it another.

After every step the run's folder holds the plan and the schedule as far as they have come, so that whatever
happens the history can be judged from files; and building the schedule of that plan anew gives the same one,
for phases before do not depend on those after.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from rehearsal.model.clock import NS_PER_S
from rehearsal.model.plan import Mix, Phase, PhaseKind, Plan
from rehearsal.model.timeline import Timeline, Window, timeline_of
from rehearsal.rundir import folder
from scenarios.data_tables import require_rows
from scenarios.load_order import GROWTH, Growth
from scenarios.schedule import Schedule, build
from scenarios.test_data import Table
from scenarios.varied import stage_of

#: A phase's length is kept to the millisecond: a plan is read by people.
_TO_MS = 3


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is different in a trial's visits from the plan's: None where nothing is."""

    rules: int | None = None
    cart_lines: int | None = None
    mix: Mix | None = None


AS_PLANNED = Change()


class Growing:
    """The plan of a run and its schedule, as far as they have come. `plan` begins without a search."""

    def __init__(self, run: Path, plan: Plan, schedule: Schedule, tables: Sequence[Table] = ()) -> None:
        """Take the run's folder, the plan and schedule that begin it, and its test data."""
        self._run = run
        self._tables = tables
        self._trials = 0
        self.plan = plan
        self.schedule = schedule

    @property
    def timeline(self) -> Timeline:
        """Return where all phases lie so far."""
        return timeline_of(self.plan)

    def trial(
        self, rate_per_s: float, duration_s: float, *, not_before_s: float, change: Change = AS_PLANNED
    ) -> tuple[str, Window]:
        """Append a trial and return its name and window; it begins at `not_before_s` or when the last phase ends.

        RehearsalError if the test data have no row for each of its visits.
        """
        self._trials += 1
        name = f"trial {self._trials:02d}"
        pause_s = round(not_before_s - self.timeline.end_ns / NS_PER_S, _TO_MS)
        rest = [_rest(f"rest {self._trials:02d}", pause_s)] if pause_s > 0 else []
        trial = Phase(
            name=name,
            kind=PhaseKind.TRIAL,
            duration_s=round(duration_s, _TO_MS),
            rate=rate_per_s / self.plan.traffic.normal,
            mix=change.mix,
            rules=change.rules,
            cart_lines=change.cart_lines,
        )
        self._append([*rest, trial])
        return name, self.timeline.window_of(name)

    def _append(self, phases: list[Phase]) -> None:
        before, known = len(self.schedule.due_ns), len(self.plan.phases)
        plan = self.plan.model_copy(update={"phases": (*self.plan.phases, *phases)})
        schedule = build(plan)
        require_rows(self._tables, schedule)
        windows = timeline_of(plan).windows[known:]
        growth = Growth(
            phases=tuple(
                (phase.name, window.start_ns) for phase, window in zip(phases, windows, strict=True)
            ),
            first=before,
            due_ns=schedule.due_ns[before:],
            kind=schedule.kind[before:],
            varied=tuple(
                stage_of(window.start_ns, phase) for phase, window in zip(phases, windows, strict=True)
            ),
        )
        folder.write_json(self._run / folder.PLAN, plan.model_dump(mode="json"))
        folder.write_json(self._run / folder.SCHEDULE, schedule)
        with (self._run / GROWTH).open("ab") as file:
            file.write(msgspec.json.encode(growth) + b"\n")
        self.plan, self.schedule = plan, schedule


def _rest(name: str, duration_s: float) -> Phase:
    return Phase(name=name, kind=PhaseKind.REST, duration_s=duration_s)
