"""Which keys a plan needs, and which have no use, with our own shoppers and with a stranger's file. Pure."""

from collections.abc import Iterator

from rehearsal.model.capacity_check import only_searches
from rehearsal.model.logged_check import logged, unlogged
from rehearsal.model.plan import Plan
from rehearsal.model.toml_places import Path

#: More users than one machine can hold; Locust's own users are greenlets with a client each.
MOST_USERS = 20_000

_MISSING = "is missing"
_OWN = "has no use beside traffic.locustfile: what users do is the file's own affair"
_OF_VISITS = ("normal_per_s", "mix", "arrivals", "pool", "think_s")


def stranger(plan: Plan) -> Iterator[tuple[Path, str]]:
    """Yield what is missing, and what would be ignored in silence, each with its place."""
    if plan.traffic.is_closed and plan.traffic.is_logged:
        yield ("traffic", "log"), "and traffic.locustfile both make the load; keep one"
    elif plan.traffic.is_closed:
        yield from _users(plan)
        yield from _useless(plan)
    elif plan.traffic.is_logged:
        yield from logged(plan)
    else:
        yield from _lacking(plan)
    if not plan.traffic.is_logged:
        yield from unlogged(plan)


def _lacking(plan: Plan) -> Iterator[tuple[Path, str]]:
    for key in ("normal_per_s", "mix"):
        if getattr(plan.traffic, key) is None:
            yield ("traffic", key), _MISSING
    if plan.traffic.users is not None:
        yield ("traffic", "users"), "has no use without traffic.locustfile"
    if plan.forecast is None and not only_searches(plan):
        words = f"{_MISSING}; only a plan with traffic.locustfile, or that only searches, can do without"
        yield ("forecast",), words
    # The mock shop takes payments; somebody's own may have none here.
    for kind, slo in plan.slo.items() if plan.target.shop == "mock" else ():
        if slo.payment_success is None:
            yield ("slo", kind.value, "payment_success"), _MISSING


def _users(plan: Plan) -> Iterator[tuple[Path, str]]:
    if plan.traffic.users is None:
        yield ("traffic", "users"), "is missing: how many users of the locustfile are normal volume"
    rates = (rate or 0.0 for phase in plan.phases for rate in (phase.rate, phase.start, phase.end))
    most = plan.traffic.normal * max(rates)
    if most > MOST_USERS:
        yield ("traffic", "users"), f"comes to {most:,.0f} users at once; one drill can hold {MOST_USERS:,}"


def _useless(plan: Plan) -> Iterator[tuple[Path, str]]:
    yield from ((("traffic", key), _OWN) for key in _OF_VISITS if key in plan.traffic.model_fields_set)
    yield from (((key,), _OWN) for key in ("waiting_room", "behaviour") if key in plan.model_fields_set)
    for number, phase in enumerate(plan.phases):
        if phase.mix is not None:
            yield ("phases", number, "mix"), _OWN
    for kind, slo in plan.slo.items():
        if slo.payment_success is not None:
            words = "has no use beside traffic.locustfile: nobody says which of its requests pays"
            yield ("slo", kind.value, "payment_success"), words
