from typing import Any

import pytest

from chaos.catalogue import DRILLS, drill_of, drills_of
from rehearsal.model.plan import Fault, FaultKind
from rehearsal.model.timeline import PlacedFault, Window


def fault(kind: FaultKind) -> Fault:
    """Return a fault of a plan."""
    return Fault(kind=kind, phase="burst", hold_s=1.0, recover_within_s=1.0)


def test_every_fault_of_a_plan_has_a_drill() -> None:
    """What a plan can name the harness can do."""
    assert set(FaultKind) == set(DRILLS)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_drill_bears_the_fault_s_name(shop: Any, kind: FaultKind) -> None:
    """Histories and findings find the drill's rows by the plan's word."""
    assert kind == drill_of(fault(kind), shop.world).name


def test_drills_keep_the_order(shop: Any) -> None:
    """Drills come in the order of their faults."""
    kinds = [FaultKind.REGION_KILLED, FaultKind.PAYMENT_UNREACHABLE]
    placed = [PlacedFault(fault(kind), Window(0, 1)) for kind in kinds]

    assert kinds == [drill.name for drill in drills_of(placed, shop.world)]
