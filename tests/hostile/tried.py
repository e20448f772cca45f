"""Walking the hostile shop inside the test's own process, over the load's own client."""

import io
from typing import Any

import msgspec

from rehearsal.model.history import Outcome
from rehearsal.model.plan import VisitKind
from rehearsal.pipeline.tryout.child import Tried
from scenarios.behaviour import Behaviour
from scenarios.load_order import LoadOrder
from scenarios.storefront import Endpoints
from scenarios.tryout.__main__ import Teller, try_out
from scenarios.tryout.told import StepTold, Told, TryOrder
from scenarios.visit import Basis
from tests.hostile.shop import HostileShop, serving

ADAPTER = "tests.hostile.storefront:HostileStorefront"


def order_for(shop: HostileShop, *kinds: VisitKind, **rest: Any) -> TryOrder:
    """Return what the doctor's process is asked about a shop; `rest` is the order's and the load's."""
    names = {field for field in TryOrder.__struct_fields__ if field in rest}
    own = {name: rest.pop(name) for name in names}
    facts: dict[str, Any] = {
        "adapter": ADAPTER,
        "endpoints": Endpoints(url=shop.url),
        "basis": Basis(sale_sku="flash", limit_per_shopper=2, think_s=1.0, behaviour=Behaviour()),
        "seed": 1,
        "pool": 1,
    }
    return TryOrder(load=LoadOrder(**{**facts, **rest}), kinds=kinds, **{"timeout_s": 0.5, **own})


def told_of(order: TryOrder) -> tuple[Told, ...]:
    """Return the lines of a walk."""
    out = io.BytesIO()
    try_out(order, Teller(out))
    return tuple(msgspec.json.decode(line, type=Told) for line in out.getvalue().splitlines())


def tried(ails: dict[str, str], *kinds: VisitKind, **rest: Any) -> Tried:
    """Return what a walk of a shop with these ailments told."""
    with serving(HostileShop(ails)) as shop:
        return Tried(told=told_of(order_for(shop, *(kinds or (VisitKind.CART,)), **rest)))


def said(lines: tuple[Told, ...]) -> list[tuple[str, str]]:
    """Return step and outcome of each step, with its error if it is not ok."""
    steps = (line for line in lines if isinstance(line, StepTold))
    return [(step.step, step.outcome if step.outcome == Outcome.OK else step.error) for step in steps]
