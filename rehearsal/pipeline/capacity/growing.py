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
_MOMENT_S = 0.001


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is different in a trial's visits from the plan's: None where nothing is."""

    rules: int | None = None
    cart_lines: int | None = None
    mix: Mix | None = None


AS_PLANNED = Change()


class Growing:
    """The plan of a run and its schedule, as far as they have come. The plan always ends with a rest.

    How long that rest is is known when the next trial begins, or at the end: until then it is a moment.
    """

    def __init__(self, run: Path, plan: Plan, schedule: Schedule, tables: Sequence[Table] = ()) -> None:
        """Take the run's folder, the plan that begins it (`resting`), its schedule, and its test data."""
        self._run = run
        self._tables = tables
        self._trials = 0
        self.plan = plan
        self.schedule = schedule

    @property
    def timeline(self) -> Timeline:
        """Return where all phases lie so far; the last is taken to go on."""
        return timeline_of(self.plan)

    def trial(
        self, rate_per_s: float, duration_s: float, *, not_before_s: float, change: Change = AS_PLANNED
    ) -> tuple[str, Window]:
        """Append a trial, at `not_before_s` or a moment after the last; return its name and window.

        RehearsalError if the test data have no row for each of its visits.
        """
        self._trials += 1
        trial = Phase(
            name=f"trial {self._trials:02d}",
            kind=PhaseKind.TRIAL,
            duration_s=round(duration_s, _TO_MS),
            rate=rate_per_s / self.plan.traffic.normal,
            mix=change.mix,
            rules=change.rules,
            cart_lines=change.cart_lines,
        )
        plan = self._rested(not_before_s)
        self._go_on(plan.model_copy(update={"phases": (*plan.phases, trial, _rest(self._trials + 1))}))
        return trial.name, self.timeline.window_of(trial.name)

    def close(self, at_s: float) -> None:
        """Say when the last rest ended, and with it the run."""
        self._keep(self._rested(at_s), self.schedule)

    def _rested(self, until_s: float) -> Plan:
        """Return the plan so far, its last rest as long as it was."""
        begun_s = self.timeline.windows[-1].start_ns / NS_PER_S
        length_s = max(_MOMENT_S, round(until_s - begun_s, _TO_MS))
        rest = self.plan.phases[-1].model_copy(update={"duration_s": length_s})
        return self.plan.model_copy(update={"phases": (*self.plan.phases[:-1], rest)})

    def _go_on(self, plan: Plan) -> None:
        before = len(self.schedule.due_ns)
        schedule = build(plan)
        require_rows(self._tables, schedule)
        new = list(zip(plan.phases, timeline_of(plan).windows, strict=True))[len(self.plan.phases) :]
        growth = Growth(
            phases=tuple((phase.name, window.start_ns) for phase, window in new),
            first=before,
            due_ns=schedule.due_ns[before:],
            kind=schedule.kind[before:],
            varied=tuple(stage_of(window.start_ns, phase) for phase, window in new),
        )
        self._keep(plan, schedule)
        with (self._run / GROWTH).open("ab") as file:
            file.write(msgspec.json.encode(growth) + b"\n")

    def _keep(self, plan: Plan, schedule: Schedule) -> None:
        folder.write_json(self._run / folder.PLAN, plan.model_dump(mode="json"))
        folder.write_json(self._run / folder.SCHEDULE, schedule)
        self.plan, self.schedule = plan, schedule


def resting(plan: Plan) -> Plan:
    """Return a plan with a rest at its end, from which a search can go on.

    What visits of the last phase still ask for after it is due in the rest, so it must be known beforehand.
    """
    return plan.model_copy(update={"phases": (*plan.phases, _rest(1))})


def _rest(number: int) -> Phase:
    return Phase(name=f"rest {number:02d}", kind=PhaseKind.REST, duration_s=_MOMENT_S)
