"""A stage for the nemesis: a clock that moves only when somebody waits, and drills that do as told."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chaos.drill import Evidence
from chaos.nemesis import Course, walk
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Row
from rehearsal.model.plan import Fault
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.timeline import PlacedFault, Window

ORIGIN_NS = 1000 * NS_PER_S
HIT = Evidence(proven=True, saw="it is down")
MISS = Evidence(proven=False, saw="it is up")


@dataclass
class Stage:
    """A clock, a way to wait on it that can be stopped, and the rows written."""

    now: int = ORIGIN_NS
    stop_at_ns: int | None = None
    rows: list[Row] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)

    def now_ns(self) -> int:
        """Return the instant."""
        return self.now

    def sleep_until_ns(self, instant_ns: int) -> None:
        """Move to an instant."""
        self.now = max(self.now, instant_ns)

    def wait(self, instant_ns: int) -> None:
        """Move to an instant, unless somebody stops the drill before."""
        if self.stop_at_ns is not None and instant_ns >= self.stop_at_ns:
            raise Stopped("stopped")
        self.sleep_until_ns(instant_ns)

    def course(self) -> Course:
        """Return what a walk on this stage goes by."""
        record = self.rows.append
        return Course(clock=self, origin_ns=ORIGIN_NS, wait=self.wait, record=record, enter=self.enter)

    def enter(self, step: ProtocolStep, fault: str) -> None:
        """Note a step."""
        self.steps.append(f"{step} {fault}")

    def walk(self, *drills: "FakeDrill", kind: FaultKind = FaultKind.PAYMENT_UNREACHABLE) -> tuple[str, ...]:
        """Walk drills that start 10 s after one another and are held 5 s."""
        fault = Fault(kind=kind, phase="p", hold_s=5.0, recover_within_s=1.0)
        windows = [Window(n * 10 * NS_PER_S, (n * 10 + 5) * NS_PER_S) for n in range(1, len(drills) + 1)]
        return walk([PlacedFault(fault, window) for window in windows], drills, self.course())

    def notes(self) -> list[tuple[str, str]]:
        """Return each row's note and outcome."""
        return [(row.note, row.outcome) for row in self.rows]


@dataclass
class FakeDrill:
    """A drill whose steps do as told."""

    on_inject: Callable[[], None] = lambda: None
    on_effect: Callable[[], Evidence] = lambda: HIT
    on_heal: Callable[[], None] = lambda: None
    on_healed: Callable[[], Evidence] = lambda: HIT
    name: str = "payment_unreachable"
    effect: str = "No payment gets through."
    steps: list[str] = field(default_factory=list)

    def inject(self) -> None:
        """Break it."""
        self.steps.append("inject")
        self.on_inject()

    def prove_effect(self) -> Evidence:
        """Look."""
        self.steps.append("prove_effect")
        return self.on_effect()

    def heal(self) -> None:
        """Mend it."""
        self.steps.append("heal")
        self.on_heal()

    def prove_heal(self) -> Evidence:
        """Look again."""
        self.steps.append("prove_heal")
        return self.on_healed()


def raises(error: BaseException) -> Callable[[], None]:
    """Return a step that raises."""

    def step() -> None:
        raise error

    return step


def in_turn(*answers: Evidence | RehearsalError) -> Callable[[], Evidence]:
    """Return a canary that sees these in turn."""
    script = iter(answers)

    def canary() -> Evidence:
        answer = next(script)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return canary
