"""A fault held for as long as somebody measures under it."""

import pytest

from chaos.drill import Evidence
from chaos.nemesis import Sustained, through
from rehearsal.model.clock import Clock
from rehearsal.model.errors import RehearsalError, Stopped
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault
from rehearsal.model.timeline import PlacedFault, Window
from tests.chaos.stage import MISS, FakeDrill, Stage, raises


def placed(kind: FaultKind = FaultKind.PAYMENT_UNREACHABLE) -> PlacedFault:
    """Return a fault in a window that means nothing."""
    return PlacedFault(Fault(kind=kind, phase="p", hold_s=1.0, recover_within_s=1.0), Window(0, 0))


PLACED = placed()


class MovingDrill(FakeDrill):
    """A drill that has moves to make while it holds, as all have that are composed."""

    def hold(self, until_ns: int, clock: Clock, wait: object) -> None:
        """Move."""


def test_what_is_broken_is_healed_when_the_measuring_is_over() -> None:
    """Inject, prove, measure, heal, prove; nothing waits for a window's end."""
    stage, drill, measured = Stage(), FakeDrill(), []

    done = through(PLACED, drill, stage.course(), lambda: measured.append(list(drill.steps)))

    assert done == Sustained(proven=True, problems=())
    assert measured == [["inject", "prove_effect"]]
    assert drill.steps == ["inject", "prove_effect", "heal", "prove_heal"]


def test_nothing_is_measured_under_a_fault_that_did_not_bite() -> None:
    """A capacity under nothing would be called a capacity under the fault."""
    stage, drill, measured = Stage(), FakeDrill(on_effect=lambda: MISS), []

    done = through(PLACED, drill, stage.course(), lambda: measured.append(1))

    assert done == Sustained(proven=False, problems=())
    assert measured == []
    assert drill.steps[-2:] == ["heal", "prove_heal"]


@pytest.mark.parametrize("error", [Stopped("Ctrl-C"), RehearsalError("the shop is gone")], ids=str)
def test_a_measuring_that_breaks_off_leaves_nothing_broken(error: Exception) -> None:
    """Whatever is raised is raised again, after the healing."""
    stage, drill = Stage(), FakeDrill()

    with pytest.raises(type(error), match=str(error)):
        through(PLACED, drill, stage.course(), raises(error))

    assert drill.steps[-2:] == ["heal", "prove_heal"]


def test_what_cannot_be_healed_is_told() -> None:
    """Nothing more may be measured then."""
    stage, drill = Stage(), FakeDrill(on_healed=lambda: Evidence(proven=False, saw="still down"))

    done = through(PLACED, drill, stage.course(), lambda: None)

    assert done.problems == ("payment_unreachable was mended, but: still down",)


def test_a_fault_that_moves_by_itself_is_refused() -> None:
    """Under flapping there is no steady state, and nothing is injected."""
    drill, flapping = MovingDrill(), placed(FaultKind.PAYMENT_FLAPPING)

    with pytest.raises(RehearsalError, match="comes and goes by itself"):
        through(flapping, drill, Stage().course(), lambda: None)

    assert drill.steps == []


def test_a_fault_that_could_move_is_held_still() -> None:
    """Each composed drill can; what is steady by its kind is measured under, as it was injected."""
    drill = MovingDrill()

    assert through(PLACED, drill, Stage().course(), lambda: None).proven
    assert drill.steps == ["inject", "prove_effect", "heal", "prove_heal"]
