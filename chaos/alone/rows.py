"""Which faults of the catalogue can be had without our own shop: those that strike links."""

from dataclasses import replace

from chaos.catalogue import DEFINITIONS, definition_of
from chaos.faults.composed import Definition
from chaos.faults.links import OnLinks
from chaos.faults.mechanism import Mechanism
from rehearsal.model.fault_facts import FACTS
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Fault

#: What makes these faults what they are is no link: a killed process, a region that a director leads past.
_MORE_THAN_LINKS = frozenset(
    {
        FaultKind.PAYMENT_POOL_DOWN,
        FaultKind.PAYMENT_FAILOVER,
        FaultKind.REFUND_UNREACHABLE,
        FaultKind.ROUTING_STALE,
        FaultKind.SURVIVOR_OVERLOADED,
        FaultKind.REGION_FAILBACK,
        FaultKind.REGION_CUTOVER,
        FaultKind.REGION_DEPENDENCY_LOST,
    }
)


def kinds_among(codes: str) -> tuple[FaultKind, ...]:
    """Return the faults whose code begins with one of these letters and that strike links alone."""
    return tuple(
        kind
        for kind, definition in DEFINITIONS.items()
        if FACTS[kind].code[0] in codes and kind not in _MORE_THAN_LINKS and _links(definition)
    )


def described(kind: FaultKind) -> str:
    """Return in words what is done to a listener."""
    names = ("the listener",)
    return "; ".join(each.does for each in _there(DEFINITIONS[kind], names))


def on_listeners(fault: Fault, names: tuple[str, ...]) -> Definition:
    """Return how a fault is brought about on listeners of somebody's own, or by a command."""
    definition = definition_of(fault)
    return Definition(_there(definition, names)) if _links(definition) else definition


def _links(definition: Definition) -> tuple[Mechanism, ...]:
    return tuple(each for each in definition.breaks if isinstance(each, OnLinks))


def _there(definition: Definition, names: tuple[str, ...]) -> tuple[Mechanism, ...]:
    return tuple(replace(each, patterns=names) for each in _links(definition))  # type: ignore[type-var]
