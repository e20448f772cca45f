"""The walk, on a clock that moves only when somebody waits."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chaos.drill import Evidence
from chaos.nemesis import Course, walk
from rehearsal.model.clock import NS_PER_MS, NS_PER_S, Clock
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.model.faults import FaultKind
from rehearsal.model.history import Kind
from rehearsal.model.plan import Fault
from rehearsal.model.protocol import ProtocolStep
from rehearsal.model.timeline import PlacedFault, Window
from tests.chaos.stage import HIT, MISS, ORIGIN_NS, FakeDrill, Stage, in_turn, raises


def test_a_good_walk() -> None:
    """Four rows a fault, on the run's clock, each saying what was seen."""
    stage, drill = Stage(), FakeDrill()

    assert stage.walk(drill) == ()
    assert drill.steps == ["inject", "prove_effect", "heal", "prove_heal"]
    assert stage.notes() == [
        ("inject: No payment gets through.", "ok"),
        ("effect: it is down", "ok"),
        ("heal: mended", "ok"),
        ("healed: it is down", "ok"),
    ]
    assert {Kind.FAULT} == {row.kind for row in stage.rows}
    assert [row.sent_ns for row in stage.rows] == [10 * NS_PER_S, 10 * NS_PER_S, 15 * NS_PER_S, 15 * NS_PER_S]


def test_region_is_named() -> None:
    """Only a region's fault carries a region."""
    payment, region = Stage(), Stage()
    payment.walk(FakeDrill())
    region.walk(FakeDrill(), kind=FaultKind.REGION_KILLED)

    assert {row.region for row in payment.rows} == {""}
    assert {row.region for row in region.rows} == {"a"}


def test_effect_is_looked_for_again() -> None:
    """A canary may fly before the fault bites; the time it took is in the row."""
    stage = Stage()
    stage.walk(FakeDrill(on_effect=in_turn(MISS, Unwell, HIT)))
    effect = stage.rows[1]

    assert (effect.note, effect.outcome) == ("effect: it is down", "ok")
    assert effect.done_ns - effect.sent_ns == 200 * NS_PER_MS


Unwell = RehearsalError("the API is wedged")


@pytest.mark.parametrize(
    ("seen", "note"),
    [
        pytest.param(MISS, "effect: it is up", id="the canary was served"),
        pytest.param(Unwell, "effect: the API is wedged", id="the canary could not be sent"),
    ],
)
def test_effect_that_never_shows(seen: Evidence | RehearsalError, note: str) -> None:
    """After 1.5 s the effect counts as unproven, the fault is held all the same, and healed."""
    stage, drill = Stage(), FakeDrill(on_effect=in_turn(*[seen] * 16))

    assert stage.walk(drill) == ()
    assert stage.notes()[1] == (note, "info")
    assert stage.rows[1].done_ns == round(11.5 * NS_PER_S)
    assert stage.rows[2].sent_ns == 15 * NS_PER_S


def test_failing_injection_is_healed_and_raised() -> None:
    """What broke half-way is mended before the error goes on."""
    stage, drill = Stage(), FakeDrill(on_inject=raises(RehearsalError("second listener is stuck")))

    with pytest.raises(RehearsalError, match="second listener is stuck"):
        stage.walk(drill)

    assert drill.steps == ["inject", "heal", "prove_heal"]
    assert stage.notes()[0] == ("inject: second listener is stuck", "fail")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("bug"), SystemExit()])
def test_whatever_is_raised_is_healed(error: BaseException) -> None:
    """Even what no one foresaw leaves no fault behind."""
    stage, drill = Stage(), FakeDrill(on_inject=raises(error))

    with pytest.raises(type(error)):
        stage.walk(drill)

    assert drill.steps[-2:] == ["heal", "prove_heal"]


def test_unforeseen_canary_is_healed() -> None:
    """A canary with a bug stops the walk, healed."""
    stage, drill = Stage(), FakeDrill(on_effect=in_turn())

    with pytest.raises(StopIteration):
        stage.walk(drill)

    assert drill.steps == ["inject", "prove_effect", "heal", "prove_heal"]


@pytest.mark.parametrize(
    ("stop_at_s", "steps"),
    [
        pytest.param(5, [], id="before the fault"),
        pytest.param(15, ["inject", "prove_effect", "heal", "prove_heal"], id="while it is held"),
    ],
)
def test_stop(stop_at_s: int, steps: list[str]) -> None:
    """A stop ends the waiting, not the healing."""
    stage, drill = Stage(stop_at_ns=ORIGIN_NS + stop_at_s * NS_PER_S), FakeDrill()

    with pytest.raises(Stopped):
        stage.walk(drill)

    assert steps == drill.steps


def test_stop_does_not_cut_the_proof_of_healing_short() -> None:
    """The proof of healing is looked for again even after a stop."""
    stage = Stage(stop_at_ns=ORIGIN_NS + 15 * NS_PER_S)
    drill = FakeDrill(on_healed=in_turn(MISS, MISS, HIT))

    with pytest.raises(Stopped) as stopped:
        stage.walk(drill)

    assert not hasattr(stopped.value, "__notes__")
    assert stage.notes()[-1] == ("healed: it is down", "ok")


def test_failing_heal_ends_the_walk() -> None:
    """After a fault that could not be mended no other is injected, and the caller is told."""
    stage, second = Stage(), FakeDrill()

    problems = stage.walk(FakeDrill(on_heal=raises(ValueError("bug"))), second)

    assert problems == ("payment_unreachable could not be healed: ValueError: bug",)
    assert stage.notes()[-1] == ("heal: ValueError: bug", "fail")
    assert second.steps == []


def test_healing_is_tried_twice() -> None:
    """A healing that fails once, as with a control API that was busy, is no failure."""
    answers = iter([RehearsalError("the API is wedged"), None])

    def heal() -> None:
        answer = next(answers)
        if answer:
            raise answer

    stage, drill = Stage(), FakeDrill(on_heal=heal)

    assert stage.walk(drill) == ()
    assert drill.steps == ["inject", "prove_effect", "heal", "heal", "prove_heal"]
    assert stage.notes()[2:] == [("heal: mended", "ok"), ("healed: it is down", "ok")]


@pytest.mark.parametrize("step", [ProtocolStep.EFFECT, ProtocolStep.HEAL])
def test_a_step_that_cannot_be_written_down(step: ProtocolStep) -> None:
    """A disk that is full keeps nothing broken."""
    stage, drill = Stage(), FakeDrill()

    def enter(entered: ProtocolStep, _fault: str) -> None:
        if entered in {step, ProtocolStep.HEAL}:
            raise OSError("disk full")

    course = Course(clock=stage, origin_ns=ORIGIN_NS, wait=stage.wait, record=stage.rows.append, enter=enter)
    fault = Fault(kind=FaultKind.PAYMENT_UNREACHABLE, phase="p", hold_s=5.0, recover_within_s=1.0)
    with pytest.raises(OSError, match="disk full"):
        walk([PlacedFault(fault, Window(0, NS_PER_S))], [drill], course)

    assert "heal" in drill.steps


def test_unproven_heal_ends_the_walk() -> None:
    """Mended by its own account is not enough: after 5 s without proof it counts as not healed."""
    stage, second = Stage(), FakeDrill()

    problems = stage.walk(FakeDrill(on_healed=lambda: MISS), second)

    assert problems == ("payment_unreachable was mended, but: it is up",)
    assert stage.notes()[-1] == ("healed: it is up", "fail")
    assert stage.rows[-1].done_ns == 20 * NS_PER_S
    assert second.steps == []


def test_failing_heal_after_a_stop_is_noted() -> None:
    """The stop goes on to the caller and carries what could not be mended."""
    stage = Stage(stop_at_ns=ORIGIN_NS + 15 * NS_PER_S)

    with pytest.raises(Stopped) as stopped:
        stage.walk(FakeDrill(on_heal=raises(RehearsalError("the API is wedged"))))

    assert stopped.value.__notes__ == ["payment_unreachable could not be healed: the API is wedged"]


def test_drills_must_match_faults() -> None:
    """A fault without a drill is a programming error, not a fault left out."""
    stage = Stage()

    with pytest.raises(ValueError, match="zip"):
        walk(
            [],
            [FakeDrill()],
            stage.course(),
        )


def test_each_step_is_told_before_it_is_made() -> None:
    """Whoever reads the protocol after a death knows what was being done."""
    stage = Stage()
    stage.walk(FakeDrill())

    steps = ("inject", "effect", "hold", "heal", "healed", "recovery")
    assert stage.steps == [f"{step} payment_unreachable" for step in steps]


@dataclass
class Flapping(FakeDrill):
    """A drill that moves while it is held, and counts whom it hit."""

    on_felt: Callable[[], Evidence] = lambda: HIT

    def hold(self, until_ns: int, clock: Clock, wait: Callable[[int], None]) -> None:
        """Move once, half-way."""
        wait((clock.now_ns() + until_ns) // 2)
        self.steps.append("moved")

    def felt(self) -> Evidence:
        """Look at the shop's counts."""
        self.steps.append("felt")
        return self.on_felt()


@pytest.mark.parametrize(
    ("felt", "row"),
    [
        pytest.param(lambda: HIT, ("felt: it is down", "ok"), id="somebody was hit"),
        pytest.param(lambda: MISS, ("felt: it is up", "info"), id="nobody was hit"),
        pytest.param(in_turn(Unwell), ("felt: the API is wedged", "info"), id="the counts cannot be read"),
    ],
)
def test_optional_powers(felt: Callable[[], Evidence], row: tuple[str, str]) -> None:
    """A drill that moves is left to do so until the window's end; who was hit is asked before healing."""
    stage, drill = Stage(), Flapping(on_felt=felt)

    assert stage.walk(drill) == ()
    assert drill.steps == ["inject", "prove_effect", "moved", "felt", "heal", "prove_heal"]
    assert stage.notes()[2] == row
    assert stage.rows[2].sent_ns == 15 * NS_PER_S


def test_stop_while_moving() -> None:
    """A stop inside a drill's own moves is healed as any other."""
    stage, drill = Stage(stop_at_ns=ORIGIN_NS + 12 * NS_PER_S), Flapping()

    with pytest.raises(Stopped):
        stage.walk(drill)

    assert drill.steps == ["inject", "prove_effect", "heal", "prove_heal"]
