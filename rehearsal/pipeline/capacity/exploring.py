"""Which searches are made, in which order: each SLO set, the proof, what survives, and other dimensions."""

from functools import partial

from capacity.found import missed_at, proven
from capacity.full import with_resource
from capacity.margin import REQUIRED
from capacity.proof import goal_of, hold
from capacity.search import Goal, drive, search
from chaos.nemesis import Sustained
from rehearsal.model.capacity import Band, Found, Survived, Swept, Trial, Wanted
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import BrokenOff, RehearsalError, Stopped, Tripped
from rehearsal.model.plan import Plan
from rehearsal.model.plan_capacity import Dimension, Surviving
from rehearsal.model.protocol import ProtocolStep
from rehearsal.pipeline.capacity.growing import AS_PLANNED, Growing
from rehearsal.pipeline.capacity.measuring import STEADY_S, Bench, Measuring
from rehearsal.pipeline.capacity.plans import capacity_of, searches, sets_of, start_per_s
from rehearsal.pipeline.capacity.record_file import RecordFile
from rehearsal.pipeline.capacity.scenes import changes, gone, words
from rehearsal.pipeline.mock_resources import units_of
from rehearsal.pipeline.performance import Search, Stage

#: What broke at so much less than a proof asks for need not be held: the queue would take minutes to drain.
#: What broke nearer may have done so by chance, in one of many trials; a verdict rests on the rate itself.
_HOPELESS = 1.25

#: What ends the run, not only the search.
ENDS = (Stopped, BrokenOff, Tripped)


def search_of(plan: Plan, growing: Growing) -> Search | None:
    """Return the search that a plan asks for, None if it asks for none; `growing` is the plan without it."""
    return partial(explore, plan=plan, growing=growing) if searches(plan) else None


def explore(stage: Stage, *, plan: Plan, growing: Growing) -> tuple[str, ...]:
    """Make all searches that a plan asks for and keep what they come to; return what could not be healed.

    A shop that does not come to rest, or test data that run out, end the search, and the record says so.
    """
    exploration, problems, stopped = Exploration(stage, plan, growing), tuple[str, ...](), ""
    try:
        problems = exploration.run()
    except ENDS:
        raise
    except RehearsalError as error:
        stopped = str(error)
    growing.close((stage.clock.now_ns() - stage.origin_ns) / NS_PER_S)
    exploration.file.note(stopped=stopped, unread=stage.gauges.told)
    return problems


class Exploration:
    """All searches of one run, on one load."""

    def __init__(self, stage: Stage, plan: Plan, growing: Growing) -> None:
        """Take what the searches are made on, and the plan with and without them."""
        self._stage = stage
        self._plan = plan
        self._wanted = capacity_of(plan)
        self._sets = sets_of(plan, self._wanted)
        self._required = plan.forecast.headroom if plan.forecast else REQUIRED
        self._units = units_of(plan)
        self.file = RecordFile(stage.run)
        bench = Bench(
            run=stage.run,
            growing=growing,
            load=stage.load,
            clock=stage.clock,
            origin_ns=stage.origin_ns,
            halt=stage.halt,
            look=stage.look,
            sets=self._sets,
            most_s=self._wanted.most_s,
            used=lambda window: stage.gauges.means(window.start_ns, window.end_ns),
        )
        self._measuring = Measuring(bench)

    def run(self) -> tuple[str, ...]:
        """Search, prove, and search again with something gone or different."""
        self._stage.enter(ProtocolStep.SEARCH, "")
        self._stage.watcher.stage("Searching for capacity.")
        self._measuring.settle()
        self.file.note(limits=self._stage.gauges.limits)
        first = next(iter(self._sets))
        for slo_set in self._sets if self._wanted.search else (first,):
            found = self._search(slo_set, known=self.file.record.trials)
            self.file.note(found=(*self.file.record.found, found))
        proved = self._proved(self.file.record.found[0], self._required)
        self.file.note(found=(proved, *self.file.record.found[1:]))
        problems = [problem for each in self._wanted.surviving for problem in self._survive(first, each)]
        if not problems:
            for dimension in self._wanted.dimensions:
                self._sweep(first, dimension)
        return tuple(problems)

    def _search(self, slo_set: str, scene: str = "", *, known: tuple[Trial, ...] = ()) -> Found:
        wanted = self._wanted
        if not wanted.search:
            return Found(slo_set=slo_set, scene=scene, capacity=Band(), why="only the proof was made")
        goal = Goal(
            slo_set=slo_set,
            scene=scene,
            start_per_s=start_per_s(self._plan, wanted),
            trial_requests=wanted.trial_requests,
            confirm_requests=wanted.confirm_requests,
            most_requests=wanted.most_requests,
            most_s=wanted.most_s,
            width=wanted.width,
            back_off=wanted.back_off,
            least_s=STEADY_S,
            known=known,
        )
        found = drive(search(goal), self._measure)
        record = self.file.record
        return with_resource(found, record.trials, record.limits, self._units)

    def _measure(self, wanted: Wanted) -> Trial:
        trial = self._measuring.measure(wanted)
        self.file.add(trial)
        self._stage.watcher.trial(trial)
        return trial

    def _proved(self, found: Found, required: float) -> Found:
        """Hold what the forecast asks for, unless a trial far below it broke beyond doubt.

        A rate that was held beyond doubt is a lower bound of the capacity itself.
        """
        if self._plan.forecast is None:
            return found
        goal = goal_of(
            found.slo_set,
            peak_per_s=self._plan.forecast.peak_per_s,
            required=required,
            capacity=self._wanted,
            scene=found.scene,
        )
        broken_per_s = missed_at(self._believed(found.scene), found.slo_set)
        if broken_per_s is not None and broken_per_s < goal.rate_per_s / _HOPELESS:
            return found
        self._stage.watcher.stage(
            f"Holding {goal.rate_per_s:.1f} visits/s, {required:g} times the forecast peak."
        )
        outcome = drive(hold(goal), self._measure)
        if outcome.trials and not found.scene:
            self.file.note(proof=outcome.trials[-1].number)
        return proven(found, goal.rate_per_s, outcome.status, outcome.trials)

    def _believed(self, scene: str) -> list[Trial]:
        return [each for each in self.file.record.trials if each.wanted.scene == scene and not each.invalid]

    def _survive(self, slo_set: str, surviving: Surviving) -> tuple[str, ...]:
        """Search again while something is gone; return what could not be healed."""
        self._stage.watcher.stage(f"Searching again: {surviving.name}.")
        found: list[Found] = []

        def meanwhile() -> None:
            one = self._search(slo_set, surviving.name)
            found.append(self._proved(one, surviving.required or self._required))

        sustained, why = Sustained(proven=False, problems=()), ""
        try:
            sustained = gone(surviving, self._stage, meanwhile)
        except ENDS:
            raise
        except RehearsalError as error:
            why = str(error)
        if not (why or sustained.proven):
            why = "the fault was injected, but its effect could not be proven"
        row = Survived(
            scene=surviving.name,
            fault=surviving.kind,
            found=found[0] if found else None,
            required=surviving.required or self._required,
            proven=bool(found),
            why=why,
        )
        self.file.note(surviving=(*self.file.record.surviving, row))
        return sustained.problems

    def _sweep(self, slo_set: str, dimension: Dimension) -> None:
        for value, change in changes(self._plan, dimension):
            scene = words(dimension.name, value)
            self._stage.watcher.stage(f"Searching again: {scene}.")
            self._measuring.change = change
            found = self._search(slo_set, scene)
            self.file.note(
                dimensions=(
                    *self.file.record.dimensions,
                    Swept(dimension=dimension.name, value=value, found=found),
                )
            )
        self._measuring.change = AS_PLANNED
