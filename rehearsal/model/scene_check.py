"""What [[capacity.surviving]] and [[capacity.dimensions]] contradict. Pure."""

from collections.abc import Callable, Iterator

from rehearsal.model.drill_check import FaultMistake, fault_words
from rehearsal.model.fault_facts import UNSTEADY
from rehearsal.model.faults import FaultKind
from rehearsal.model.link_check import ROLE_OF
from rehearsal.model.plan import Fault, Plan
from rehearsal.model.plan_capacity import Capacity, Dimension, Surviving
from rehearsal.model.toml_places import Path

#: A history of more operations is not audited in the memory of one machine (`rehearse selftest audit`).
MOST_REQUESTS = 10_000_000

#: A proof that is not clear goes on, up to so many times its requests (`capacity.proof`).
LONGEST_PROOF = 16

_OWN = (FaultKind.TOXIC, FaultKind.COMMAND)
#: An order has no more lines, and no more rules stacked on it (`Phase.cart_lines`, `Phase.rules`).
_MOST_LINES = 100


def scenes(plan: Plan, capacity: Capacity, mistake_of: FaultMistake) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of both tables, each with its place."""
    yield from _twice("surviving", [each.name for each in capacity.surviving])
    for number, gone in enumerate(capacity.surviving):
        if words := _gone(plan, gone, mistake_of):
            yield ("capacity", "surviving", number, "kind"), words
    yield from _twice("dimensions", [each.name for each in capacity.dimensions])
    for number, dimension in enumerate(capacity.dimensions):
        yield from _dimension(("capacity", "dimensions", number), plan, dimension)


def requests_of(capacity: Capacity) -> int:
    """Return how many requests a run may make: searches by each SLO set and in each scene, and proofs.

    What is required is held in the shop as it is and with each thing gone.
    """
    swept, proofs = sum(len(each.values) for each in capacity.dimensions), 1 + len(capacity.surviving)
    searches = max(1, len(capacity.slo)) + len(capacity.surviving) + swept if capacity.search else 0
    return capacity.most_requests * searches + LONGEST_PROOF * capacity.proof_requests * proofs


def _twice(table: str, names: list[str]) -> Iterator[tuple[Path, str]]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield ("capacity", table, number, "name"), f"is used twice: {name!r}"


def _gone(plan: Plan, gone: Surviving, mistake_of: FaultMistake) -> str:
    if gone.kind in _OWN:
        return f"is {gone.kind}, which needs keys of its own, and there is no place for them here"
    if gone.kind in UNSTEADY:
        return f"is {gone.kind}, which comes and goes while it holds: there is no steady state to measure"
    if plan.target.shop != "mock":
        if not plan.links:
            return f"is {gone.kind}, which needs a shop that the harness started, or [[links]] of the plan"
        if gone.kind not in ROLE_OF:
            there_are = ", ".join(ROLE_OF)
            return f"is {gone.kind}, which needs more than a broken link; on links there are {there_are}"
    return fault_words(plan, _fault(gone, plan), mistake_of)


def _fault(gone: Surviving, plan: Plan) -> Fault:
    """Return a fault that makes it gone. It has a region only if the plan names one: links know of none."""
    fault = Fault(kind=gone.kind, phase=plan.phases[-1].name, hold_s=1.0, recover_within_s=1.0)
    named = {"region"} & gone.model_fields_set
    return fault.model_copy(update={"region": gone.region}) if named else fault


def _dimension(path: Path, plan: Plan, dimension: Dimension) -> Iterator[tuple[Path, str]]:
    values: Path = (*path, "values")
    for number, value in enumerate(dimension.values):
        if value in dimension.values[:number]:
            yield values, f"has {value:g} twice"
        elif words := _VALUE[dimension.name](value):
            yield values, words
    if words := _place(plan, dimension):
        yield (*path, "name"), words


def _whole(least: int) -> Callable[[float], str]:
    def mistake(value: float) -> str:
        if value.is_integer() and least <= value <= _MOST_LINES:
            return ""
        return f"must be whole numbers from {least} to {_MOST_LINES}, not {value:g}"

    return mistake


def _share(value: float) -> str:
    return "" if 0 <= value <= 1 else f"must be shares from 0 to 1, not {value:g}"


_VALUE: dict[str, Callable[[float], str]] = {
    "rules": _whole(0),
    "cart_lines": _whole(1),
    "flash_share": _share,
}


def _place(plan: Plan, dimension: Dimension) -> str:
    """Return why visits of this plan do not depend on a dimension, "" if they do."""
    mix = plan.traffic.mix
    if mix is None:
        return ""  # what such a load lacks is told elsewhere
    if dimension.name != "flash_share":
        return "" if mix.cart else f"is {dimension.name}, and no visit of the mix orders a cart"
    if not plan.has_sale:
        return "is flash_share, and the plan has no [sale] to buy in"
    if not (mix.browse or mix.cart) and min(dimension.values) < 1:
        return "is flash_share, and the mix has no other visits to make up the rest"
    return ""
