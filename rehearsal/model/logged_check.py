"""Which keys a plan needs, and which have no use, if its visits are sessions of an access log. Pure."""

from collections.abc import Iterator

from rehearsal.model.plan import Plan
from rehearsal.model.toml_places import Path

_NO_USE = "has no use beside traffic.log"
_LOG_DECIDES = f"{_NO_USE}: what visits do, and how long they pause, the log says"
_NOBODY_BUYS = f"{_NO_USE}: visits only ask for pages, nobody buys, and nobody reads the answers"
_TABLES = {
    "waiting_room": _LOG_DECIDES,
    "behaviour": _LOG_DECIDES,
    "data": f"{_NO_USE}: no adapter fills it in",
    **dict.fromkeys(("sale", "coupon", "gift_cards"), _NOBODY_BUYS),
}


def logged(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield what is missing, and what would be ignored in silence, each with its place."""
    traffic = plan.traffic
    if traffic.normal_per_s is None:
        yield ("traffic", "normal_per_s"), "is missing: how many sessions of the log begin in a second"
    if not traffic.log_methods:
        yield ("traffic", "log_methods"), "needs at least 1 entry"
    if traffic.users is not None:
        yield ("traffic", "users"), "has no use without traffic.locustfile"
    if plan.target.shop == "mock":
        yield ("target", "shop"), "must be url with traffic.log: the log's paths are those of one shop"
    yield from _useless(plan)


def unlogged(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield what only a plan with a log has a use for."""
    if "log_methods" in plan.traffic.model_fields_set:
        yield ("traffic", "log_methods"), "has no use without traffic.log"


def _useless(plan: Plan) -> Iterator[tuple[Path, str]]:
    for key in ("mix", "think_s"):
        if key in plan.traffic.model_fields_set:
            yield ("traffic", key), _LOG_DECIDES
    yield from (((key,), words) for key, words in _TABLES.items() if key in plan.model_fields_set)
    for number, phase in enumerate(plan.phases):
        if phase.mix is not None:
            yield ("phases", number, "mix"), _LOG_DECIDES
    for kind, slo in plan.slo.items():
        if slo.payment_success is not None:
            yield ("slo", kind.value, "payment_success"), _NOBODY_BUYS
    if plan.stop.orders_lost is not None:
        yield ("stop", "orders_lost"), _NOBODY_BUYS
