"""Whether somebody comes for a sale, and whether the plan has one. Pure."""

from collections.abc import Iterator

from rehearsal.model.plan import Plan
from rehearsal.model.toml_places import Path


def sale(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield what a plan without a sale may not have. It need not have one: a shop may sell as ever."""
    if plan.has_sale:
        return
    if "sale" in plan.model_fields_set:
        yield ("sale", "opens_with"), "is missing"
    elif not (plan.traffic.is_closed or plan.traffic.is_logged):
        yield from _buyers(plan)


def _buyers(plan: Plan) -> Iterator[tuple[Path, str]]:
    buyers = "is more than 0, and the plan has no [sale] to buy in"
    if plan.traffic.mix and plan.traffic.mix.flash_sale:
        yield ("traffic", "mix", "flash_sale"), buyers
    for number, phase in enumerate(plan.phases):
        if phase.mix and phase.mix.flash_sale:
            yield ("phases", number, "mix", "flash_sale"), buyers
    if plan.waiting_room is not None:
        yield ("waiting_room",), "has no use without [sale]: nobody is let go at T-0"
