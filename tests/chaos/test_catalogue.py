import re
from typing import Any

import pytest

from chaos.catalogue import DEFINITIONS, check_fault, drill_of, drills_of
from chaos.drill import Moving, Witnessed
from rehearsal.model.fault_facts import FACTS, PAIRS
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Command, Fault, ToxicWish
from rehearsal.model.timeline import PlacedFault, Window

COMMAND = Command(inject="true", undo="true", prove="true", prove_healed="true")
LATENCY = ToxicWish(type="latency", attributes={"latency": 300})
OWN: dict[FaultKind, dict[str, Any]] = {
    FaultKind.TOXIC: {"listener": "pay_refund", "toxic": LATENCY},
    FaultKind.COMMAND: {"command": COMMAND},
}


def fault(kind: FaultKind, **facts: Any) -> Fault:
    """Return a fault of a plan."""
    return Fault(kind=kind, phase="burst", hold_s=1.0, recover_within_s=1.0, **facts)


def test_every_fault_of_a_plan_has_a_definition() -> None:
    """What a plan can name the harness can do."""
    assert set(FaultKind) == set(DEFINITIONS) | set(PAIRS) | set(OWN)


@pytest.mark.parametrize("kind", list(FaultKind))
def test_drill_bears_the_fault_s_name(shop: Any, kind: FaultKind) -> None:
    """Histories and findings find the drill's rows by the plan's word, and it has every power."""
    asked = fault(kind, **OWN.get(kind, {}))
    drill = drill_of(asked, shop.world)

    assert check_fault(asked, mock=True) == ""
    assert kind == drill.name
    assert drill.effect == FACTS[kind].effect
    assert isinstance(drill, Moving)
    assert isinstance(drill, Witnessed)


def test_drills_keep_the_order(shop: Any) -> None:
    """Drills come in the order of their faults."""
    kinds = [FaultKind.REGION_KILLED, FaultKind.PAYMENT_UNREACHABLE]
    placed = [PlacedFault(fault(kind), Window(0, 1)) for kind in kinds]

    assert kinds == [drill.name for drill in drills_of(placed, shop.world)]


@pytest.mark.parametrize(
    ("kind", "facts", "mistake"),
    [
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "pay_refund", "toxic": ToxicWish(type="latency", attributes={"latncy": 9})},
            r"attributes \['jitter', 'latency'\]; wrong or missing here: \['latency', 'latncy'\]",
            id="a misspelt attribute",
        ),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "pay_refund", "toxic": ToxicWish(type="latncy")},
            "no toxic 'latncy'; there are latency",
            id="a misspelt type",
        ),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "pay_refund", "toxic": ToxicWish(type="noop")},
            "does nothing",
            id="a toxic without effect",
        ),
        *(
            pytest.param(
                FaultKind.TOXIC,
                {"listener": "pay_refund", "toxic": ToxicWish(type=idle, attributes=attributes)},
                "does nothing",
                id=f"a {idle} of no time",
            )
            for idle, attributes in (
                ("latency", {"latency": 0}),
                ("slow_close", {"delay": 0}),
                ("slicer", {"average_size": 9, "delay": 0}),
            )
        ),
        pytest.param(
            FaultKind.COMMAND,
            {"command": COMMAND.model_copy(update={"undo": " "})},
            "has a blank command: undo",
            id="a blank command",
        ),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "pay", "toxic": LATENCY},
            "not 'pay'; there are edge_a",
            id="no listener",
        ),
        pytest.param(FaultKind.TOXIC, {"listener": "edge_a"}, "needs a table `toxic`", id="no toxic"),
        pytest.param(FaultKind.COMMAND, {}, "needs a table `command`", id="no command"),
        pytest.param(
            FaultKind.COMMAND,
            {"command": COMMAND, "listener": "edge_a"},
            "only the kind toxic",
            id="a stray listener",
        ),
        pytest.param(FaultKind.BOTS, {"command": COMMAND}, "only the kind command", id="a stray command"),
        pytest.param(FaultKind.BOTS, {"toxic": LATENCY}, "only the kind toxic", id="a stray toxic"),
        pytest.param(
            FaultKind.TOXIC,
            {"listener": "edge_a", "toxic": LATENCY, "command": COMMAND},
            "only the kind command",
            id="a toxic with a command",
        ),
    ],
)
def test_mistakes_in_a_plan(kind: FaultKind, facts: dict[str, Any], mistake: str) -> None:
    """What would be accepted and not done, or ignored, is refused with what would be right."""
    assert re.search(mistake, check_fault(fault(kind, **facts), mock=True))


@pytest.mark.parametrize("kind", [FaultKind.REGION_KILLED, FaultKind.TOXIC])
def test_another_shop_is_broken_by_commands_only(kind: FaultKind) -> None:
    """Nobody's processes are killed but our own."""
    assert "use the kind command" in check_fault(fault(kind, **OWN.get(kind, {})), mock=False)
    assert check_fault(fault(FaultKind.COMMAND, command=COMMAND), mock=False) == ""
