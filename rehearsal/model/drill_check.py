"""What a plan's faults, contingency plans, stop conditions and end of sale contradict. Pure."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from rehearsal.model.faults import FaultKind
from rehearsal.model.link_check import fault_mistake
from rehearsal.model.plan import Contingency, Fault, Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.model.toml_places import Path

#: Says in words what is wrong with a fault by itself, "" if nothing is; the flag: in our own shop.
FaultMistake = Callable[[Fault, bool], str]

_OURS = "can be done only in a shop the harness started (target.shop = mock); use action = command"


def drills(plan: Plan, mistake_of: FaultMistake) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of all these tables, each with its place."""
    yield from _faults(plan, mistake_of)
    yield from _contingencies(plan)
    yield from _stop(plan)
    yield from _sale_ends(plan)


def _faults(plan: Plan, mistake_of: FaultMistake) -> Iterator[tuple[Path, str]]:
    durations = {phase.name: phase.duration_s for phase in plan.phases}
    known = [fault.phase in durations for fault in plan.faults]
    for number, fault in enumerate(plan.faults):
        path: Path = ("faults", number)
        if words := fault_words(plan, fault, mistake_of):
            yield path, words
        if not known[number]:
            yield (*path, "phase"), f"names no phase: {fault.phase!r}"
        elif fault.after_s + fault.hold_s > durations[fault.phase]:
            yield path, f"ends after its phase: after_s + hold_s is more than {durations[fault.phase]:g}"
    if all(known) and plan.faults:
        yield from _overlaps(plan)


def fault_words(plan: Plan, fault: Fault, mistake_of: FaultMistake) -> str:
    """Return in words why a fault cannot be brought about in the plan's shop, "" if it can."""
    if plan.target.shop == "mock" or fault.kind is FaultKind.COMMAND:
        return mistake_of(fault, plan.target.shop == "mock")
    if plan.links:
        words = fault_mistake(fault, plan.links)
        # Its toxic is as any other.
        return words or (mistake_of(fault, False) if fault.kind is FaultKind.TOXIC else "")  # noqa: FBT003 - not our own shop
    if fault.kind is FaultKind.TOXIC and plan.target.toxiproxy:
        return mistake_of(fault, False) if fault.listener else "needs a listener of target.toxiproxy"  # noqa: FBT003 - not our own shop
    return (
        f"of the kind {fault.kind} can be injected only into a shop the harness started "
        "(target.shop = mock) or on [[links]] of the plan; or use the kind command, or toxic with "
        "target.toxiproxy"
    )


def _overlaps(plan: Plan) -> Iterator[tuple[Path, str]]:
    placed = list(enumerate(timeline_of(plan).faults))
    placed.sort(key=lambda item: item[1].window.start_ns)
    for (_, before), (number, after) in pairwise(placed):
        if after.window.start_ns < before.window.end_ns:
            yield (
                ("faults", number),
                f"begins before {before.fault.kind} has ended; faults come one at a time",
            )


def _contingencies(plan: Plan) -> Iterator[tuple[Path, str]]:
    durations = {phase.name: phase.duration_s for phase in plan.phases}
    seen: set[str] = set()
    for number, each in enumerate(plan.contingencies):
        path: Path = ("contingencies", number)
        if each.name in seen:
            yield (*path, "name"), f"is used twice: {each.name!r}"
        seen.add(each.name)
        if each.phase not in durations:
            yield (*path, "phase"), f"names no phase: {each.phase!r}"
        elif each.after_s >= durations[each.phase]:
            yield (*path, "after_s"), f"is past the end of its phase, which lasts {durations[each.phase]:g} s"
        elif not any(_holds(fault, each) for fault in plan.faults):
            yield path, "begins while no fault holds: it would have nothing to restore"
        yield from _action(path, each, ours=plan.target.shop == "mock")


def _holds(fault: Fault, each: Contingency) -> bool:
    """Tell whether a fault is to hold when a contingency plan begins; a fault ends with its phase."""
    return fault.phase == each.phase and fault.after_s <= each.after_s < fault.after_s + fault.hold_s


def _action(path: Path, each: Contingency, *, ours: bool) -> Iterator[tuple[Path, str]]:
    if each.action == "command":
        if not each.run.strip():
            yield (*path, "run"), "is missing: the command to carry out"
        return
    if not ours:
        yield (*path, "action"), _OURS
    for key in ("run", "undo"):
        if getattr(each, key):
            yield (*path, key), f"has no use with action = {each.action}"


def _stop(plan: Plan) -> Iterator[tuple[Path, str]]:
    stop = plan.stop
    given = {"error_share", "p99_ms", "orders_lost"} & stop.model_fields_set
    if "stop" in plan.model_fields_set and not given:
        yield ("stop",), "has no condition: give error_share, p99_ms or orders_lost"
    if stop.orders_lost is not None and plan.traffic.is_closed:
        words = "has no use beside traffic.locustfile: nobody says which of its requests pays"
        yield ("stop", "orders_lost"), words


def _sale_ends(plan: Plan) -> Iterator[tuple[Path, str]]:
    closes, names = plan.sale.closes_with, [phase.name for phase in plan.phases]
    if not closes:
        return
    if closes not in names:
        yield ("sale", "closes_with"), f"names no phase; the phases are {', '.join(names)}"
    elif plan.sale.opens_with in names and names.index(closes) <= names.index(plan.sale.opens_with):
        yield ("sale", "closes_with"), f"comes before the sale opens, with {plan.sale.opens_with!r}"
