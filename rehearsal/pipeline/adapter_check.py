"""An adapter held against a plan before anything starts: what visits need, and what its gaps cost."""

from collections.abc import Iterator, Sequence
from itertools import chain

from chaos.invariants.needs import METHODS, READINGS, costs
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan, VisitKind
from scenarios.storefront import Storefront, load_adapter, offers_of

#: What a visit of a kind asks for in every shop.
_ASKED: dict[VisitKind, tuple[str, ...]] = {
    VisitKind.BROWSE: ("view",),
    VisitKind.CART: ("view", "add_to_cart", "order"),
    VisitKind.FLASH_SALE: ("view", "flash_buy"),
    VisitKind.WAITING_ROOM: ("view", "flash_buy"),
}
#: Visits that pick an ordinary product.
_PICKING = (VisitKind.BROWSE, VisitKind.CART)


def check_adapter(plan: Plan, adapter: type[Storefront]) -> None:
    """Raise RehearsalError if visits of the plan would ask an adapter for what it has not got."""
    kinds = kinds_of(plan)
    offers = offers_of(adapter)
    lacking: dict[str, list[str]] = {}
    for kind in kinds:
        for method in _ASKED[kind]:
            if method not in offers:
                lacking.setdefault(f"{method}()", []).append(kind)
    picking = [kind for kind in _PICKING if kind in kinds]
    if picking and _has_no_products(adapter):
        lacking["products in `catalogue`"] = list(picking)
    if lacking:
        told = "; ".join(f"no {what}, which {_listed(kinds)} visits need" for what, kinds in lacking.items())
        raise RehearsalError(
            f"The adapter {adapter.__name__} has {told}. Write what is missing, or take such visits out of "
            "the plan (a share of 0.0 in each mix)."
        )
    products, lines = len(set(adapter.catalogue)), _most_lines(plan)
    if VisitKind.CART in kinds and 0 < products < lines:
        raise RehearsalError(
            f"The adapter {adapter.__name__} has {products} products in `catalogue`, and the plan puts "
            f"{lines} different ones into a cart (cart_lines). Name more of them, or ask for fewer."
        )


def adapter_warnings(plan: Plan) -> tuple[str, ...]:
    """Return what the plan's adapter need not have but the plan has a use for, a sentence each."""
    return tuple(_warnings(plan, load_adapter(plan.target.adapter))) if kinds_of(plan) else ()


def kinds_of(plan: Plan) -> tuple[VisitKind, ...]:
    """Return the kinds of visits that the plan's own shoppers make; none if others make the load."""
    mixes = [mix for phase in plan.phases if (mix := phase.mix or plan.traffic.mix) is not None]
    shares = {
        VisitKind.BROWSE: any(mix.browse for mix in mixes),
        VisitKind.CART: any(mix.cart for mix in mixes),
        VisitKind.FLASH_SALE: any(mix.flash_sale for mix in mixes) or _shares_flash_sales(plan),
        VisitKind.WAITING_ROOM: plan.waiting_room is not None,
    }
    return tuple(kind for kind, there in shares.items() if there)


def _shares_flash_sales(plan: Plan) -> bool:
    """Tell whether capacity is searched for with other shares of flash-sale visits."""
    dimensions = plan.capacity.dimensions if plan.capacity else ()
    return any(dimension.name == "flash_share" for dimension in dimensions)


def _most_lines(plan: Plan) -> int:
    """Return how many different products the largest cart of a plan holds."""
    dimensions = plan.capacity.dimensions if plan.capacity else ()
    searched = [each.values for each in dimensions if each.name == "cart_lines"]
    return int(max([1, *(phase.cart_lines or 1 for phase in plan.phases), *chain.from_iterable(searched)]))


def _has_no_products(adapter: type[Storefront]) -> bool:
    # One that sets them in its constructor, or as a property, cannot be known from outside.
    own = adapter.__mro__[: adapter.__mro__.index(Storefront)]
    return adapter.catalogue == () and not any("__init__" in vars(base) for base in own)


def _warnings(plan: Plan, adapter: type[Storefront]) -> Iterator[str]:
    offers, has_no = offers_of(adapter), f"the adapter {adapter.__name__} has no"
    reads = "final_readings" in offers
    met = {*(name for name in METHODS if name in offers), *(READINGS if reads else ())}
    cost = costs(plan, met)
    if not reads:
        lost = dict.fromkeys(check for need in READINGS for check in cost.pop(need, ()))
        yield (
            f"{has_no} final_readings(): nobody looks into the shop's books, and {len(lost)} checks can "
            "only be INCONCLUSIVE."
        )
    for need, checks in cost.items():
        yield f"{has_no} {need}(): {_listed(checks)} can only be INCONCLUSIVE."
    if plan.sale.tokens and "queue" not in offers:
        yield f"{has_no} queue(): nobody draws the number that sale.tokens says a buyer must have."


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
