"""What the search for capacity contradicts: its phase, its table, and what has no place beside it. Pure."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from rehearsal.model.drill_check import FaultMistake
from rehearsal.model.hosts import is_loopback
from rehearsal.model.plan import Phase, PhaseKind, Plan
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.scene_check import MOST_REQUESTS, requests_of, scenes
from rehearsal.model.timeline import timeline_of
from rehearsal.model.toml_places import Path

_BECOMES = (PhaseKind.TRIAL, PhaseKind.REST)
_SHAPES = ("rate", "start", "end", "curve", "steps", "spike_s", "mix", "rules", "cart_lines")
#: How the phases are called that a search appends to a plan.
_APPENDED = re.compile(r"(trial|rest) \d+")


def capacities(plan: Plan, mistake_of: FaultMistake) -> Iterator[tuple[Path, str]]:
    """Yield the mistakes of [capacity] and of its phase, each with its place."""
    yield from _kinds(plan)
    yield from _phase(plan)
    if plan.capacity is not None or searches(plan):
        yield from _load(plan)
    if plan.capacity is not None:
        yield from _proof_alone(plan, plan.capacity)
        yield from _promises(plan, plan.capacity)
        yield from _resources(plan, plan.capacity)
        yield from scenes(plan, plan.capacity, mistake_of)
        yield from _budget(plan.capacity)


def searches(plan: Plan) -> bool:
    """Tell whether capacity is searched for in a phase of the plan."""
    return any(phase.kind is PhaseKind.CAPACITY for phase in plan.phases)


def only_searches(plan: Plan) -> bool:
    """Tell whether the search is all that a plan is for: nothing comes before it but a warm-up."""
    return searches(plan) and {phase.kind for phase in plan.phases} <= {PhaseKind.CAPACITY, PhaseKind.WARMUP}


def _kinds(plan: Plan) -> Iterator[tuple[Path, str]]:
    for number, phase in enumerate(plan.phases):
        if phase.kind in _BECOMES:
            words = f"is {phase.kind}, which a search for capacity makes of its phase; write capacity"
            yield ("phases", number, "kind"), words
        elif _APPENDED.fullmatch(phase.name) and searches(plan):
            words = f"{phase.name!r} is what a phase is called that the search appends; choose another"
            yield ("phases", number, "name"), words
    for kind in (*_BECOMES, PhaseKind.CAPACITY):
        if kind in plan.slo:
            yield ("slo", kind.value), "has no use: trials are judged by [capacity.slo.NAME] or [slo.proof]"


def _phase(plan: Plan) -> Iterator[tuple[Path, str]]:
    placed = [number for number, phase in enumerate(plan.phases) if phase.kind is PhaseKind.CAPACITY]
    if not placed:
        return
    for again in placed[1:]:
        yield ("phases", again, "kind"), "is capacity once more; a plan has one such phase"
    first: Path = ("phases", placed[0])
    if placed[-1] != len(plan.phases) - 1:
        yield first, "of kind capacity must be the last: nobody knows how long the search takes"
    if placed[0] == 0:
        yield first, "of kind capacity needs a phase before it: a shop that is cold answers late"
    if plan.capacity is None:
        yield first, "of kind capacity needs a table [capacity]; an empty one stands for its defaults"
    yield from _shape(first, plan.phases[placed[0]], plan.capacity or Capacity())
    yield from _strangers(plan, plan.phases[placed[0]])


def _shape(path: Path, phase: Phase, capacity: Capacity) -> Iterator[tuple[Path, str]]:
    given = [key for key in _SHAPES if key in phase.model_fields_set]
    if given:
        words = f"has no use in a phase of kind capacity ({', '.join(given)}): the search makes the trials"
        yield (*path, given[0]), words
    if phase.duration_s != capacity.most_s:
        words = f"has no use here: each search may take capacity.most_s, which is {capacity.most_s:g}"
        yield (*path, "duration_s"), words


def _strangers(plan: Plan, search: Phase) -> Iterator[tuple[Path, str]]:
    """Yield what a plan puts into the phase of the search, or lets reach into it."""
    for key in ("opens_with", "closes_with"):
        if getattr(plan.sale, key) == search.name:
            yield ("sale", key), "names the search for capacity, which becomes trials; name a phase before it"
    for number, fault in enumerate(plan.faults):
        if fault.phase == search.name:
            words = "names the search for capacity; what is gone meanwhile is a [[capacity.surviving]]"
            yield ("faults", number, "phase"), words
    room, windows = plan.waiting_room, timeline_of(plan.model_copy(update={"faults": ()}))
    names = [phase.name for phase in plan.phases]
    if room is None or plan.sale.opens_with not in names:
        return
    let_go_ns = windows.window_of(plan.sale.opens_with).start_ns + room.release_s * 1e9
    if let_go_ns > windows.window_of(search.name).start_ns:
        yield (
            ("waiting_room", "release_s"),
            "reaches into the search for capacity: its last must be let go before",
        )


def _load(plan: Plan) -> Iterator[tuple[Path, str]]:
    if plan.traffic.is_closed:
        words = (
            "has no use beside traffic.locustfile: a closed model slows down with the shop and proves no rate"
        )
        yield ("capacity",), words
    elif plan.traffic.is_logged:
        words = (
            "has no use beside traffic.log: a session of a log goes on at the log's own pace, so requests of "
            "one trial would fall into the next"
        )
        yield ("capacity",), words


def _proof_alone(plan: Plan, capacity: Capacity) -> Iterator[tuple[Path, str]]:
    if capacity.search:
        return
    if plan.forecast is None:
        words = "is false, and without [forecast] there is nothing to prove: nothing would be measured"
        yield ("capacity", "search"), words
    if capacity.dimensions:
        yield ("capacity", "dimensions"), "are searches, and capacity.search is false"


def _promises(plan: Plan, capacity: Capacity) -> Iterator[tuple[Path, str]]:
    if not capacity.slo and PhaseKind.PROOF not in plan.slo:
        yield ("capacity",), "has no promises to search by: give [capacity.slo.NAME], or [slo.proof]"
    for name, slo in capacity.slo.items():
        if slo.p99_ms < slo.p95_ms:
            words = "is below p95_ms; the 99th percentile cannot be smaller"
            yield ("capacity", "slo", name, "p99_ms"), words


def _resources(plan: Plan, capacity: Capacity) -> Iterator[tuple[Path, str]]:
    path: Path = ("capacity", "resources")
    if capacity.metrics:
        yield from _metrics(plan, capacity)
    elif capacity.resources and plan.target.shop != "mock":
        yield path, "need capacity.metrics, the address at which the shop's metrics are read"
    seen: set[str] = set()
    for number, resource in enumerate(capacity.resources):
        if resource.name in seen:
            yield (*path, number, "name"), f"is used twice: {resource.name!r}"
        seen.add(resource.name)


def _metrics(plan: Plan, capacity: Capacity) -> Iterator[tuple[Path, str]]:
    path: Path = ("capacity", "metrics")
    if not capacity.resources:
        yield path, "has no use without [[capacity.resources]]: nothing says which series count"
    try:
        parts = urlsplit(capacity.metrics)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in {"http", "https"} or not host:
        yield path, "is no http address; write it as http://host:port/metrics"
    elif not (is_loopback(host) or host in plan.target.allow):
        yield path, f"leads to {host}, which is not this machine; if it may be asked, name it in target.allow"


def _budget(capacity: Capacity) -> Iterator[tuple[Path, str]]:
    most = requests_of(capacity)
    if most > MOST_REQUESTS:
        words = (
            f"comes to {most:,} requests with all scenes of surviving and dimensions; one run can hold "
            f"{MOST_REQUESTS:,}"
        )
        yield ("capacity", "most_requests"), words
