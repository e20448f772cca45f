"""Walks the plan's faults: inject, prove, hold, heal, prove; and heals whatever happens in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from chaos.drill import Drill, Evidence, Moving, Witnessed
from rehearsal.model.clock import NS_PER_MS, Clock, nanoseconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.fault_facts import FACTS, UNSTEADY
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.timeline import PlacedFault

EFFECT_BUDGET_S = 1.5
HEAL_BUDGET_S = 5.0
_RETRY_NS = 100 * NS_PER_MS


class FaultStep(StrEnum):
    """The steps of one fault; a row's note is the step, a colon and what was seen."""

    INJECT = "inject"
    EFFECT = "effect"
    FELT = "felt"
    HEAL = "heal"
    HEALED = "healed"


@dataclass(frozen=True, slots=True)
class Course:
    """What a walk goes by: time, and who is told.

    `wait` returns at a monotonic instant or raises Stopped. `record` takes rows, `enter` each step before it
    is made.
    """

    clock: Clock
    origin_ns: int
    wait: Callable[[int], None]
    record: Callable[[Row], None]
    enter: Callable[[ProtocolStep, str], object] = lambda _step, _fault: None


def walk(placed: Sequence[PlacedFault], drills: Sequence[Drill], course: Course) -> tuple[str, ...]:
    """Put every placed fault through its drill (same order, same length) and return what could not be healed.

    For each fault: wait for its start, inject, prove the effect (again for 1.5 s), hold to the window's end,
    ask who was hit, heal, prove that (again for 5 s). Whatever is raised, healing is tried, twice if need be,
    before it is raised again, with a note if healing failed. After a fault that could not be healed no other
    is injected.
    """
    for each, drill in zip(placed, drills, strict=True):
        course.wait(course.origin_ns + each.window.start_ns)
        problems = _Walk(each, drill, course).run()
        if problems:
            return problems
    return ()


@dataclass(frozen=True, slots=True)
class Sustained:
    """What became of a fault that was held for somebody: was it proven, and what could not be healed."""

    proven: bool
    problems: tuple[str, ...]


def through(placed: PlacedFault, drill: Drill, course: Course, meanwhile: Callable[[], None]) -> Sustained:
    """Break at once, do `meanwhile` for as long as that takes, and heal, as `walk` would.

    If the effect cannot be proven nothing is done meanwhile. The window of `placed` means nothing here.
    RehearsalError for a fault that moves by itself: it has no steady state. Delays that are drawn anew while
    others hold keep their first draw.
    """
    if placed.fault.kind in UNSTEADY:
        raise RehearsalError(f"{drill.name} comes and goes by itself, so nothing can be measured under it.")
    one = _Walk(placed, drill, course, meanwhile)
    problems = one.run()
    return Sustained(proven=one.proven == [True], problems=problems)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One fault's way through its drill. `meanwhile` takes the place of waiting for the window's end."""

    placed: PlacedFault
    drill: Drill
    course: Course
    meanwhile: Callable[[], None] | None = None
    proven: list[bool] = field(default_factory=list)

    def run(self) -> tuple[str, ...]:
        """Break, hold and heal; return what could not be healed."""
        try:
            self._break()
            self._hold()
        except BaseException as error:
            for problem in self._heal():
                error.add_note(problem)
            raise
        return self._heal()

    def _enter(self, step: ProtocolStep) -> None:
        self.course.enter(step, self.drill.name)

    def _now_ns(self) -> int:
        return self.course.clock.now_ns()

    def _break(self) -> None:
        self._enter(ProtocolStep.INJECT)
        sent_ns = self._now_ns()
        try:
            self.drill.inject()
        except BaseException as error:
            self._note(FaultStep.INJECT, sent_ns, Outcome.FAIL, _words(error))
            raise
        self._note(FaultStep.INJECT, sent_ns, Outcome.OK, self.drill.effect)
        self._enter(ProtocolStep.EFFECT)
        sent_ns = self._now_ns()
        seen = self._prove(self.drill.prove_effect, EFFECT_BUDGET_S, self.course.wait)
        self._note(FaultStep.EFFECT, sent_ns, _outcome(seen, unproven=Outcome.INFO), seen.saw)
        self.proven.append(seen.proven)

    def _hold(self) -> None:
        self._enter(ProtocolStep.HOLD)
        if self.meanwhile is None:
            self._await_end()
        elif all(self.proven):
            self.meanwhile()
        if isinstance(self.drill, Witnessed):
            sent_ns = self._now_ns()
            seen = _look(self.drill.felt)
            self._note(FaultStep.FELT, sent_ns, _outcome(seen, unproven=Outcome.INFO), seen.saw)

    def _await_end(self) -> None:
        until_ns = self.course.origin_ns + self.placed.window.end_ns
        if isinstance(self.drill, Moving):
            self.drill.hold(until_ns, self.course.clock, self.course.wait)
        self.course.wait(until_ns)

    def _heal(self) -> tuple[str, ...]:
        sent_ns = self._now_ns()
        try:
            self._enter(ProtocolStep.HEAL)
        finally:
            # Also on a full disk, where no step can be written down. And twice: a wedged control API may have
            # done what it did not answer, which the second try finds.
            reason = self._mend() and self._mend()
        if reason:
            self._note(FaultStep.HEAL, sent_ns, Outcome.FAIL, reason)
            return (f"{self.drill.name} could not be healed: {reason}",)
        self._note(FaultStep.HEAL, sent_ns, Outcome.OK, "mended")
        self._enter(ProtocolStep.HEALED)
        # Not course.wait: a stop must not cut the proof of the healing short.
        seen = self._prove(self.drill.prove_heal, HEAL_BUDGET_S, self.course.clock.sleep_until_ns)
        self._note(FaultStep.HEALED, sent_ns, _outcome(seen, unproven=Outcome.FAIL), seen.saw)
        self._enter(ProtocolStep.RECOVERY)
        return () if seen.proven else (f"{self.drill.name} was mended, but: {seen.saw}",)

    def _mend(self) -> str:
        """Heal; return why it failed, "" if it did not."""
        try:
            self.drill.heal()
        except Exception as error:  # noqa: BLE001 - whatever it was, the history must say that healing failed
            return _words(error)
        return ""

    def _prove(
        self, canary: Callable[[], Evidence], budget_s: float, sleep: Callable[[int], None]
    ) -> Evidence:
        deadline_ns = self._now_ns() + nanoseconds(budget_s)
        seen = _look(canary)
        while not seen.proven and self._now_ns() < deadline_ns:
            sleep(self._now_ns() + _RETRY_NS)
            seen = _look(canary)
        return seen

    def _note(self, step: FaultStep, sent_ns: int, outcome: Outcome, words: str) -> None:
        fault, origin_ns = self.placed.fault, self.course.origin_ns
        self.course.record(
            Row(
                kind=Kind.FAULT,
                f=self.drill.name,
                region=fault.region if FACTS[fault.kind].in_region else "",
                sent_ns=sent_ns - origin_ns,
                done_ns=self._now_ns() - origin_ns,
                outcome=outcome,
                note=f"{step}: {words}",
            )
        )


def _look(canary: Callable[[], Evidence]) -> Evidence:
    try:
        return canary()
    except RehearsalError as error:
        return Evidence(proven=False, saw=str(error))


def _outcome(seen: Evidence, *, unproven: Outcome) -> Outcome:
    return Outcome.OK if seen.proven else unproven


def _words(error: BaseException) -> str:
    return str(error) if isinstance(error, RehearsalError) else f"{type(error).__name__}: {error}"
