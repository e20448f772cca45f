"""Which drill answers to which fault of a plan, and what a plan may get wrong about it."""

from collections.abc import Iterable

from chaos.drill import Drill
from chaos.faults.by_role import definition_on
from chaos.faults.composed import Composed, Definition, Together
from chaos.faults.links import Poison
from chaos.faults.others import OTHER_DEFINITIONS
from chaos.faults.payment import PAYMENT_DEFINITIONS
from chaos.faults.region import REGION_DEFINITIONS
from chaos.faults.shell import Shell
from chaos.faults.site import Site
from chaos.toxics import toxic_of
from chaos.world import LISTENERS, World
from rehearsal.model.fault_facts import FACTS, PAIRS
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Command, Fault, ToxicWish
from rehearsal.model.timeline import PlacedFault

_OWN_WORDS = {
    FaultKind.TOXIC: ("the plan's `toxic` on its `listener`", "open the listener and remove toxics"),
    FaultKind.COMMAND: ("the plan's command `inject`", "the plan's command `undo`"),
}

#: How each fault is brought about, proven and healed; pairs are two of these, and a plan brings its own.
DEFINITIONS: dict[FaultKind, Definition] = {**PAYMENT_DEFINITIONS, **REGION_DEFINITIONS, **OTHER_DEFINITIONS}


def drill_of(fault: Fault, world: World) -> Drill:
    """Return the drill for one fault of a plan that `check_fault` has passed."""
    if world.links and fault.kind is not FaultKind.COMMAND:
        return Composed(definition_on(fault, world.links.values()), Site(world, fault))
    if fault.kind not in PAIRS:
        return Composed(definition_of(fault), Site(world, fault))
    first, second = (fault.model_copy(update={"kind": part}) for part in PAIRS[fault.kind])
    parts = (
        Composed(definition_of(first), Site(world, first)),
        Composed(definition_of(second), Site(world, second)),
    )
    return Together(fault.kind.value, FACTS[fault.kind].effect, parts)


def drills_of(placed: Iterable[PlacedFault], world: World) -> tuple[Drill, ...]:
    """Return the drills for placed faults, in their order."""
    return tuple(drill_of(each.fault, world) for each in placed)


def definition_of(fault: Fault) -> Definition:
    """Return how a fault that is no pair is brought about; KeyError for a pair."""
    if fault.kind is FaultKind.TOXIC:
        return Definition((Poison((fault.listener,), (toxic_of(fault.toxic or ToxicWish(type="")),)),))
    if fault.kind is FaultKind.COMMAND and fault.command is not None:
        return Definition((Shell(fault.command),))
    return DEFINITIONS[fault.kind]


def described(kind: FaultKind) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return in words how a fault is brought about, step by step, and how it is undone, in that order."""
    if kind in _OWN_WORDS:
        does, undoes = _OWN_WORDS[kind]
        return (does,), (undoes,)
    breaks = [each for part in PAIRS.get(kind, (kind,)) for each in DEFINITIONS[part].breaks]
    return tuple(each.does for each in breaks), tuple(each.undoes for each in reversed(breaks))


def check_fault(fault: Fault, *, mock: bool) -> str:
    """Return in words what is wrong with a fault of a plan, "" if nothing is; `mock`: in our own shop."""
    if fault.kind is FaultKind.COMMAND:
        return _command(fault.command) or _strange(fault, toxic=True)
    if not mock:
        return f"{fault.kind} can be injected only into a shop the harness started; use the kind command"
    if fault.kind is FaultKind.TOXIC:
        return _toxic(fault.listener, fault.toxic) or _strange(fault, command=True)
    return _strange(fault, toxic=True, command=True)


def _command(command: Command | None) -> str:
    if command is None:
        return "needs a table `command` with inject, undo, prove and prove_healed"
    blank = [
        name for name in ("inject", "undo", "prove", "prove_healed") if not getattr(command, name).strip()
    ]
    return f"has a blank command: {', '.join(blank)}" if blank else ""


def _toxic(listener: str, wish: ToxicWish | None) -> str:
    if listener not in LISTENERS:
        return f"needs a listener of the mock shop, not {listener!r}; there are {', '.join(LISTENERS)}"
    if wish is None:
        return "needs a table `toxic` with type, stream and attributes"
    try:
        toxic = toxic_of(wish)
    except ValueError as error:
        return str(error).rstrip(".")
    return "has a toxic that does nothing" if toxic.idle else ""


def _strange(fault: Fault, *, toxic: bool = False, command: bool = False) -> str:
    """Return what a fault has that belongs to another kind: it would be ignored."""
    if toxic and (fault.toxic or fault.listener):
        return f"has a toxic or a listener, which only the kind {FaultKind.TOXIC} uses"
    if command and fault.command:
        return f"has a command, which only the kind {FaultKind.COMMAND} uses"
    return ""
