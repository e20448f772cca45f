"""What is gone or different while capacity is searched for again."""

from collections.abc import Callable, Iterator

from chaos.catalogue import drill_of
from chaos.nemesis import Course, Sustained, through
from rehearsal.model.plan import Fault, Mix, PhaseKind, Plan
from rehearsal.model.plan_capacity import Dimension, Surviving
from rehearsal.model.timeline import PlacedFault, Window
from rehearsal.pipeline.capacity.growing import Change
from rehearsal.pipeline.performance import Stage

#: Under a fault nothing is held for a planned time; a plan's fault must name one.
_HELD_S = 1.0


def gone(surviving: Surviving, stage: Stage, meanwhile: Callable[[], None]) -> Sustained:
    """Break something, do `meanwhile`, and heal.

    RehearsalError if the kind cannot be held, or cannot be brought about in this shop.
    """
    fault = Fault(
        kind=surviving.kind,
        phase=PhaseKind.CAPACITY,
        after_s=0.0,
        hold_s=_HELD_S,
        recover_within_s=_HELD_S,
        region=surviving.region,
    )
    course = Course(
        clock=stage.clock,
        origin_ns=stage.origin_ns,
        wait=lambda instant_ns: stage.halt.wait_until(instant_ns, stage.clock, stage.look),
        record=stage.record,
        enter=stage.enter,
    )
    now_ns = stage.clock.now_ns() - stage.origin_ns
    placed = PlacedFault(fault, Window(now_ns, now_ns))
    return through(placed, drill_of(fault, stage.world), course, meanwhile)


def changes(plan: Plan, dimension: Dimension) -> Iterator[tuple[float, Change]]:
    """Yield each value of a dimension and what it changes in the plan's visits."""
    for value in dimension.values:
        match dimension.name:
            case "rules":
                yield value, Change(rules=int(value))
            case "cart_lines":
                yield value, Change(cart_lines=int(value))
            case "flash_share":
                yield value, Change(mix=with_flash_share(plan.traffic.mix or _NOBODY, value))


_NOBODY = Mix(browse=1.0, cart=0.0, flash_sale=0.0)


def with_flash_share(mix: Mix, share: float) -> Mix:
    """Return a mix with another share of flash-sale visits; the others keep their proportions."""
    others = mix.browse + mix.cart
    part = mix.browse / others if others else 1.0
    return Mix(browse=(1 - share) * part, cart=(1 - share) * (1 - part), flash_sale=share)


def words(dimension: str, value: float) -> str:
    """Return a scene's name, as trials and tables have it."""
    return f"{dimension.replace('_', ' ')} {value:g}"
