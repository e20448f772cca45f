"""From an arrival to a finished visit: its path, a name, seeded behaviour, one row at the end."""

from collections.abc import Callable
from random import Random

import msgspec

from rehearsal.model.history import Kind, Outcome, Row
from rehearsal.model.plan import VisitKind
from scenarios.browse import browse
from scenarios.cart import cart
from scenarios.flash_sale import flash_sale
from scenarios.reply import Http
from scenarios.schedule import Arrival, shopper_name
from scenarios.storefront import Endpoints, Storefront
from scenarios.visit import Basis, Pace, Record, Visit

PATHS: dict[VisitKind, Callable[[Visit], bool]] = {
    VisitKind.BROWSE: browse,
    VisitKind.CART: cart,
    VisitKind.FLASH_SALE: flash_sale,
}


class Shopping(msgspec.Struct, frozen=True, kw_only=True):
    """Everything visits of a run have in common."""

    adapter: type[Storefront]
    endpoints: Endpoints
    basis: Basis
    seed: int


def shop(
    arrival: Arrival,
    shopping: Shopping,
    http: Http,
    *,
    pace: Pace,
    record: Record,
    record_visit: Callable[[Row], None],
) -> None:
    """Carry out one visit. Its behaviour depends on the seed and its index alone, not on who runs it."""
    shopper = shopper_name(shopping.seed, arrival.index)
    visit = Visit(
        arrival,
        shopping.adapter(http, shopper, shopping.endpoints),
        pace=pace,
        record=record,
        random=Random(f"{shopping.seed}/visit/{arrival.index}"),  # noqa: S311 - repeatability, not secrecy
        basis=shopping.basis,
    )
    sent_ns = pace.now_ns()
    good = visit.open() and PATHS[arrival.kind](visit)
    record_visit(
        Row(
            kind=Kind.VISIT,
            f=arrival.kind,
            visit=arrival.index,
            shopper=shopper,
            due_ns=arrival.due_ns,
            sent_ns=sent_ns,
            done_ns=pace.now_ns(),
            outcome=Outcome.OK if good else Outcome.FAIL,
        )
    )
