"""Plans with a search for capacity."""

from collections.abc import Callable

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Phase, PhaseKind, Plan, Stop, Traffic
from rehearsal.model.plan_capacity import Capacity, Slo
from rehearsal.pipeline.capacity.plans import (
    only_searched,
    search_alone,
    searches,
    sets_of,
    start_per_s,
    without_search,
)

Make = Callable[[], Plan]
SLO = Slo(p95_ms=250.0, p99_ms=500.0, goodput=0.99)
LOOSE = Slo(p95_ms=500.0, p99_ms=900.0, goodput=0.9)


@pytest.fixture
def plan(make_plan: Make) -> Plan:
    """Return the small plan with a promise for proofs, a search at its end and a stop condition."""
    plan = make_plan()
    search = Phase(name="capacity", kind=PhaseKind.CAPACITY, duration_s=60.0)
    return plan.model_copy(
        update={
            "phases": (*plan.phases, search),
            "slo": {**plan.slo, PhaseKind.PROOF: SLO},
            "stop": Stop(error_share=0.5),
        }
    )


def test_before_the_search_its_phase_is_unknown(plan: Plan) -> None:
    """What is laid out beforehand is everything but the search."""
    before = without_search(plan)

    assert searches(plan)
    assert not searches(before)
    assert before.phases == plan.phases[:-1]


def test_a_search_alone_has_no_faults_crowds_or_stops(plan: Plan) -> None:
    """Nothing but a warm-up comes before it, at the rate of the first trial."""
    alone = search_alone(plan)
    warm_up, search = alone.phases

    assert (warm_up.kind, search.kind) == (PhaseKind.WARMUP, PhaseKind.CAPACITY)
    assert warm_up.rate is not None
    assert warm_up.rate * plan.traffic.normal == start_per_s(plan, Capacity())
    assert (alone.faults, alone.contingencies, alone.waiting_room, alone.stop) == ((), (), None, Stop())
    assert alone.sale.opens_with == warm_up.name
    assert alone.sale.closes_with == ""


def test_a_start_far_too_high_does_not_spoil_the_warm_up(plan: Plan) -> None:
    """Visits that nobody was free for would make the whole run INVALID."""
    wanted = Capacity(start_per_s=1e4, slo={"strict": SLO})
    warm_up, _ = search_alone(plan.model_copy(update={"capacity": wanted})).phases

    assert warm_up.rate is not None
    assert plan.forecast is not None
    assert warm_up.rate * plan.traffic.normal == plan.forecast.peak_per_s


def test_the_sets_are_the_search_s_own_or_the_proof_s(plan: Plan) -> None:
    """The first is the one that the headroom is judged by."""
    own = Capacity(slo={"strict": SLO, "loose": LOOSE})

    assert sets_of(plan, Capacity()) == {"proof": SLO}
    assert list(sets_of(plan, own)) == ["strict", "loose"]


@pytest.mark.parametrize(
    ("asked", "forecast", "begins"),
    [(7.0, True, 7.0), (None, True, 0.25), (None, False, 0.25)],
    ids=["as the plan says", "a quarter of the forecast peak", "a quarter of the peak"],
)
def test_where_a_search_begins(make_plan: Make, asked: float | None, forecast: bool, begins: float) -> None:
    """Far below what is expected, for a search that begins with a miss has nothing to double."""
    plan = make_plan()
    if not forecast:
        plan = plan.model_copy(update={"forecast": None})
    peak_per_s = plan.forecast.peak_per_s if plan.forecast else plan.peak_per_s

    assert start_per_s(plan, Capacity(start_per_s=asked)) == (asked or begins * peak_per_s)


def test_a_search_without_a_promise_is_refused(make_plan: Make) -> None:
    """Nobody could say what breaks."""
    with pytest.raises(RehearsalError, match=r"no SLO set to search by: add \[slo\.proof\]"):
        search_alone(make_plan())


def test_a_closed_model_is_refused(plan: Plan) -> None:
    """Its users wait for the shop, so no rate is offered."""
    closed = plan.model_copy(update={"traffic": Traffic(multiplier=5.0, locustfile="l.py", users=5)})

    with pytest.raises(RehearsalError, match="has no arrival rate to search for"):
        search_alone(closed)


@pytest.mark.parametrize(
    ("kinds", "only"),
    [
        (["warmup", "rest", "trial"], True),
        (["trial"], True),
        (["warmup", "normal", "rest", "trial"], False),
        (["warmup"], False),
    ],
)
def test_a_run_that_was_nothing_but_a_search(plan: Plan, kinds: list[str], only: bool) -> None:
    """Told by the phases in its folder; a warm-up alone is no search."""
    phases = tuple(
        Phase(name=f"p{n}", kind=PhaseKind(kind), duration_s=1.0, rate=1.0) for n, kind in enumerate(kinds)
    )

    assert only_searched(plan.model_copy(update={"phases": phases})) is only
