"""From an arrival to a finished visit: its path, a name, seeded behaviour, one row at the end."""

from collections.abc import Callable

import msgspec

from rehearsal.model.history import Doing, Kind, Outcome, Row
from rehearsal.model.plan import Plan, VisitKind, WaitingRoom
from scenarios.behaviour import RetryBudget, behaviour_of, temper_of
from scenarios.browse import browse
from scenarios.cart import cart
from scenarios.closing import Closing
from scenarios.flash_sale import flash_sale
from scenarios.means import NO_MEANS, Means
from scenarios.reply import Http
from scenarios.schedule import Arrival, shopper_name
from scenarios.storefront import Endpoints, Storefront
from scenarios.varied import Varied
from scenarios.visit import Abandoned, Basis, Pace, Record, Visit
from scenarios.waiting_room import waiting_room
from scenarios.wishes import offers_of, wishes_of

PATHS: dict[VisitKind, Callable[[Visit], bool]] = {
    VisitKind.BROWSE: browse,
    VisitKind.CART: cart,
    VisitKind.FLASH_SALE: flash_sale,
    VisitKind.WAITING_ROOM: waiting_room,
}


class Shopping(msgspec.Struct, frozen=True, kw_only=True):
    """Everything visits of a run have in common. Those of one load process share a retry budget, if any."""

    adapter: type[Storefront]
    endpoints: Endpoints
    basis: Basis
    seed: int
    budget: RetryBudget | None = None
    means_of: Callable[[Arrival], Means] = lambda _: NO_MEANS
    varied: Varied = msgspec.field(default_factory=Varied)
    closing: Closing = msgspec.field(default_factory=Closing)


def basis_of(plan: Plan) -> Basis:
    """Return what a plan says of visits, as a load process is told it."""
    waits = plan.waiting_room or WaitingRoom(shoppers=1, gather_s=1.0)
    return Basis(
        sale_sku=plan.sale.sku if plan.has_sale else "",
        limit_per_shopper=plan.sale.limit_per_shopper,
        think_s=plan.traffic.think_s,
        poll_s=waits.poll_s,
        poll_jitter=waits.poll_jitter,
        behaviour=behaviour_of(plan.behaviour),
        offers=offers_of(plan),
    )


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
    shopper, basis = shopper_name(shopping.seed, arrival.index), shopping.basis
    storefront = shopping.adapter(http, shopper, shopping.endpoints, shopping.means_of(arrival))
    rules, lines = shopping.varied.at(arrival.due_ns)
    if rules:
        storefront.rules = rules  # an adapter that knows of none may use the name for something of its own
    visit = Visit(
        arrival,
        storefront,
        pace=pace,
        record=record,
        temper=temper_of(basis.behaviour, shopping.seed, arrival.index, shopping.budget),
        basis=basis,
        wishes=wishes_of(basis.offers, basis.behaviour, shopping.seed, arrival.index),
        lines=lines,
        closing=shopping.closing,
    )
    sent_ns = pace.now_ns()
    good, error = False, ""
    try:
        good = visit.open() and PATHS[arrival.kind](visit)
    except Abandoned:
        error = Doing.ABANDONED
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
            error=error,
        )
    )
