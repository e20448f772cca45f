"""Walks the plan's faults: inject, prove, hold, heal, prove; and heals whatever happens in between."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chaos.drill import Drill, Evidence
from rehearsal.model.clock import NS_PER_MS, Clock, nanoseconds
from rehearsal.model.errors import RehearsalError
from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import FaultKind
from rehearsal.model.timeline import PlacedFault

EFFECT_BUDGET_S = 1.5
HEAL_BUDGET_S = 5.0
_RETRY_NS = 100 * NS_PER_MS


class FaultStep(StrEnum):
    """The steps of one fault; a row's note is the step, a colon and what was seen."""

    INJECT = "inject"
    EFFECT = "effect"
    HEAL = "heal"
    HEALED = "healed"


def walk(
    placed: Sequence[PlacedFault],
    drills: Sequence[Drill],
    *,
    clock: Clock,
    origin_ns: int,
    wait: Callable[[int], None],
    record: Callable[[Row], None],
) -> tuple[str, ...]:
    """Put every placed fault through its drill (same order, same length) and return what could not be healed.

    `wait` returns at a monotonic instant or raises Stopped. For each fault: wait for its start, inject,
    prove the effect (again for 1.5 s), hold to the window's end, heal, prove that (again for 5 s). Whatever
    is raised, healing is tried, twice if need be, before it is raised again, with a note if healing failed.
    After a fault that could not be healed no other is injected.
    """
    for each, drill in zip(placed, drills, strict=True):
        wait(origin_ns + each.window.start_ns)
        problems = _Walk(each, drill, clock, origin_ns, wait, record).run()
        if problems:
            return problems
    return ()


@dataclass(frozen=True, slots=True)
class _Walk:
    """One fault's way through its drill."""

    placed: PlacedFault
    drill: Drill
    clock: Clock
    origin_ns: int
    wait: Callable[[int], None]
    record: Callable[[Row], None]

    def run(self) -> tuple[str, ...]:
        """Break, hold and heal; return what could not be healed."""
        try:
            self._break()
            self.wait(self.origin_ns + self.placed.window.end_ns)
        except BaseException as error:
            for problem in self._heal():
                error.add_note(problem)
            raise
        return self._heal()

    def _break(self) -> None:
        sent_ns = self.clock.now_ns()
        try:
            self.drill.inject()
        except BaseException as error:
            self._note(FaultStep.INJECT, sent_ns, Outcome.FAIL, _words(error))
            raise
        self._note(FaultStep.INJECT, sent_ns, Outcome.OK, self.drill.effect)
        sent_ns = self.clock.now_ns()
        seen = self._prove(self.drill.prove_effect, EFFECT_BUDGET_S, self.wait)
        self._note(FaultStep.EFFECT, sent_ns, _outcome(seen, unproven=Outcome.INFO), seen.saw)

    def _heal(self) -> tuple[str, ...]:
        sent_ns = self.clock.now_ns()
        # A wedged control API may have done what it did not answer: the second try finds it done.
        reason = self._mend() and self._mend()
        if reason:
            self._note(FaultStep.HEAL, sent_ns, Outcome.FAIL, reason)
            return (f"{self.drill.name} could not be healed: {reason}",)
        self._note(FaultStep.HEAL, sent_ns, Outcome.OK, "mended")
        # Not self.wait: a stop must not cut the proof of the healing short.
        seen = self._prove(self.drill.prove_heal, HEAL_BUDGET_S, self.clock.sleep_until_ns)
        self._note(FaultStep.HEALED, sent_ns, _outcome(seen, unproven=Outcome.FAIL), seen.saw)
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
        deadline_ns = self.clock.now_ns() + nanoseconds(budget_s)
        seen = _look(canary)
        while not seen.proven and self.clock.now_ns() < deadline_ns:
            sleep(self.clock.now_ns() + _RETRY_NS)
            seen = _look(canary)
        return seen

    def _note(self, step: FaultStep, sent_ns: int, outcome: Outcome, words: str) -> None:
        fault = self.placed.fault
        self.record(
            Row(
                kind=Kind.FAULT,
                f=self.drill.name,
                region=fault.region if fault.kind is FaultKind.REGION_KILLED else "",
                sent_ns=sent_ns - self.origin_ns,
                done_ns=self.clock.now_ns() - self.origin_ns,
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
