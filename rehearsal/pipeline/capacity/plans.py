"""Plans with a search for capacity: what is rehearsed before it, and the one that is nothing else. Pure."""

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Phase, PhaseKind, Plan, Stop
from rehearsal.model.plan_capacity import Capacity, Slo

#: Connections stand and caches are warm after so long.
_WARM_UP_S = 5.0
#: A search begins at this part of the forecast peak, if the plan names no other rate.
_BEGINNING = 0.25
#: Kinds of phases that a run has which does nothing but search.
_OF_A_SEARCH = {PhaseKind.WARMUP, PhaseKind.REST, PhaseKind.TRIAL}


def without_search(plan: Plan) -> Plan:
    """Return a plan as far as its phases are known beforehand."""
    phases = tuple(phase for phase in plan.phases if phase.kind is not PhaseKind.CAPACITY)
    return plan.model_copy(update={"phases": phases})


def searches(plan: Plan) -> bool:
    """Tell whether a plan has a phase in which capacity is searched for."""
    return any(phase.kind is PhaseKind.CAPACITY for phase in plan.phases)


def only_searched(plan: Plan) -> bool:
    """Tell whether a run, by the plan in its folder, was nothing but a search for capacity."""
    kinds = {phase.kind for phase in plan.phases}
    return PhaseKind.TRIAL in kinds and kinds <= _OF_A_SEARCH


def search_alone(plan: Plan) -> Plan:
    """Return what `rehearse capacity` makes of a plan: a warm-up and the search; no faults, crowds or stops.

    RehearsalError if the plan cannot say what is searched for.
    """
    wanted = capacity_of(plan)
    warm_up = Phase(
        name="warm-up",
        kind=PhaseKind.WARMUP,
        duration_s=_WARM_UP_S,
        # A start far too high costs two trials; in the warm-up it would spoil the run.
        rate=min(start_per_s(plan, wanted), _peak_per_s(plan)) / plan.traffic.normal,
    )
    search = Phase(name="capacity", kind=PhaseKind.CAPACITY, duration_s=min(wanted.most_s, 86400.0))
    update = {
        "phases": (warm_up, search),
        "faults": (),
        "contingencies": (),
        "waiting_room": None,
        "stop": Stop(),
        "capacity": wanted,
        "sale": plan.sale.model_copy(
            update={"opens_with": warm_up.name if plan.has_sale else "", "closes_with": ""}
        ),
    }
    return plan.model_copy(update=update)


def capacity_of(plan: Plan) -> Capacity:
    """Return how capacity is searched for; RehearsalError if no rate can be proven or none is promised."""
    if plan.traffic.is_closed:
        raise RehearsalError("A closed model slows down with the shop and has no arrival rate to search for.")
    if plan.traffic.is_logged:
        raise RehearsalError(
            "Sessions of a log go on at the log's own pace, so one trial's requests would fall into the"
            " next: no capacity is searched for with them. Give the plan visits of a mix instead."
        )
    wanted = plan.capacity or Capacity()
    if not sets_of(plan, wanted):
        raise RehearsalError(
            "The plan has no SLO set to search by: add [slo.proof], or [capacity.slo.NAME] with p95_ms, "
            "p99_ms and goodput."
        )
    return wanted


def sets_of(plan: Plan, wanted: Capacity) -> dict[str, Slo]:
    """Return the SLO sets by name; the first is the one that the headroom is judged by."""
    if wanted.slo:
        return dict(wanted.slo)
    proof = plan.slo.get(PhaseKind.PROOF)
    return {PhaseKind.PROOF.value: proof} if proof else {}


def start_per_s(plan: Plan, wanted: Capacity) -> float:
    """Return the rate of the first trial, in visits a second."""
    if wanted.start_per_s is not None:
        return wanted.start_per_s
    return _BEGINNING * _peak_per_s(plan)


def _peak_per_s(plan: Plan) -> float:
    return plan.forecast.peak_per_s if plan.forecast else plan.peak_per_s
