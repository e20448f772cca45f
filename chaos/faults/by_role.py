"""How a fault is brought about on the links of somebody's own shop: by whom the link leads to."""

from collections.abc import Callable, Iterable

from chaos import toxics
from chaos.faults.composed import Definition
from chaos.faults.links import Disable, Flap, Poison
from chaos.faults.mechanism import Mechanism
from chaos.toxics import toxic_of
from rehearsal.model.faults import FaultKind
from rehearsal.model.link_check import ROLE_OF, struck
from rehearsal.model.plan import Fault, ToxicWish
from rehearsal.model.plan_shop import Link

Names = tuple[str, ...]

#: A link carries all that the shop asks at its end, so each strikes every request there; delays are those of
#: the mock shop's faults. The mechanisms prove themselves: no cent is paid at a provider that is not ours.
MECHANISMS: dict[FaultKind, Callable[[Names], Mechanism]] = {
    FaultKind.PAYMENT_UNREACHABLE: Disable,
    FaultKind.PAYMENT_BLACK_HOLE: lambda names: Poison(names, (toxics.requests_lost(),)),
    FaultKind.ANSWER_LOST_AFTER_CAPTURE: lambda names: Poison(names, (toxics.answers_lost(),)),
    FaultKind.RESET_AFTER_CAPTURE: lambda names: Poison(names, (toxics.answers_reset(),), recycle=True),
    FaultKind.PAYMENT_SLOW: lambda names: Poison(names, (toxics.answers_late(3000, jitter_ms=1000),)),
    FaultKind.PAYMENT_BROWN_OUT: lambda names: Poison(
        names,
        (
            toxics.answers_throttled(1),
            toxics.answers_sliced(average_bytes=10, variation_bytes=3, delay_us=50_000),
        ),
    ),
    FaultKind.PAYMENT_FLAPPING: Flap,
    FaultKind.REGION_SLOW: lambda names: Poison(names, (toxics.answers_late(800, jitter_ms=200),)),
    FaultKind.REGION_FLAPPING: Flap,
    FaultKind.DATABASE_DOWN: Disable,
    FaultKind.DATABASE_SLOW: lambda names: Poison(names, (toxics.answers_late(300),)),
}


def described_on_links(kind: FaultKind) -> str:
    """Return in words what a fault does to a plan's links, "" if links are not enough for it."""
    if kind is FaultKind.TOXIC:
        return "the plan's `toxic` on the link that `listener` names"
    if kind not in MECHANISMS:
        return ""
    return MECHANISMS[kind]((f"every link of the role {ROLE_OF[kind]}",)).does


def definition_on(fault: Fault, links: Iterable[Link]) -> Definition:
    """Return how a fault that is neither pair nor command is brought about on a plan's links."""
    names = tuple(link.name for link in struck(fault, tuple(links)))
    if fault.kind is FaultKind.TOXIC:
        return Definition((Poison(names, (toxic_of(fault.toxic or ToxicWish(type="")),)),))
    return Definition((MECHANISMS[fault.kind](names),))
