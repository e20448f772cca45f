"""Which drill answers to which fault of a plan."""

from collections.abc import Callable, Iterable

from chaos.drill import Drill
from chaos.payment_outage import AnswerLostAfterCapture, ProviderUnreachable
from chaos.region_failure import RegionKilled
from chaos.world import World
from rehearsal.model.plan import Fault, FaultKind
from rehearsal.model.timeline import PlacedFault

DRILLS: dict[FaultKind, Callable[[World, Fault], Drill]] = {
    FaultKind.PAYMENT_UNREACHABLE: lambda world, _: ProviderUnreachable(world),
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: lambda world, _: AnswerLostAfterCapture(world),
    FaultKind.REGION_KILLED: lambda world, fault: RegionKilled(world, fault.region),
}


def drill_of(fault: Fault, world: World) -> Drill:
    """Return the drill for one fault of a plan."""
    return DRILLS[fault.kind](world, fault)


def drills_of(placed: Iterable[PlacedFault], world: World) -> tuple[Drill, ...]:
    """Return the drills for placed faults, in their order."""
    return tuple(drill_of(each.fault, world) for each in placed)
