"""The plans that are shipped: each can be read, and each asks of the mock shop what its comment says."""

from pathlib import Path

import pytest

from capacity.queueing import slo_capacity_per_s
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.release import release_s
from rehearsal.pipeline.plans import load_plan
from scenarios.attack import USUAL_RATE_PER_S
from scenarios.schedule import build

PLANS = Path(__file__).parents[2] / "scenarios" / "plans"
#: Requests of a visit that keep a server busy (routing does not): a browser's pages, a buyer's whole way.
PAGES, BUYING = 2.5, 5.0
#: Of a visit of double 11, all kinds together, as counted in a run.
REQUESTS = 4.2


def shipped(name: str) -> Plan:
    """Return a shipped plan."""
    return load_plan(PLANS / f"{name}.toml")


@pytest.mark.parametrize("path", sorted(PLANS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_plan_can_be_read_and_laid_out(path: Path) -> None:
    """No mistakes, and a schedule with visits in it."""
    assert sum(build(load_plan(path)).planned.values()) > 0


def test_the_flash_sales_release_is_within_what_the_shop_carries() -> None:
    """In the busiest tenth of a second buys, those who pay and the usual load fit into two regions."""
    plan = shipped("flash_sale")
    room, burst = plan.waiting_room, plan.slo[PhaseKind.BURST]
    assert room is not None
    opens = next(phase for phase in plan.phases if phase.name == plan.sale.opens_with)
    usual_per_s = (opens.start or 0.0) * plan.traffic.normal * BUYING
    at_s = release_s(room, plan.seed)
    buys_per_s = 10 * max(sum(low <= s < low + 0.1 for s in at_s) for low in at_s)
    one = slo_capacity_per_s(0.95, burst.p95_ms, servers=plan.store.servers, service_ms=plan.store.service_ms)

    assert usual_per_s + 2 * buys_per_s < 0.8 * 2 * one


def test_two_regions_carry_the_retry_storms_load_and_one_does_not() -> None:
    """So the loss of one is a trigger, and whatever stays down after it is kept down by the reloads."""
    plan = shipped("retry_storm")
    region_per_s = plan.store.servers * 1000 / plan.store.service_ms
    pages_per_s = plan.peak_per_s * PAGES

    assert pages_per_s < 0.8 * 2 * region_per_s
    assert pages_per_s > 1.2 * region_per_s
    assert plan.behaviour.refreshes * pages_per_s / 2 > 2 * region_per_s
    assert plan.store.queue == 0


def test_double_elevens_four_steps_are_in_order_each_with_criteria() -> None:
    """The pulse, the limit, the overload and the destruction; within five minutes, attacks included."""
    plan = shipped("double11")
    steps = [PhaseKind.BURST, PhaseKind.LIMIT, PhaseKind.SHED, PhaseKind.FAULT]
    kinds = list(dict.fromkeys(phase.kind for phase in plan.phases if phase.kind in steps))

    assert kinds == steps
    assert set(steps) <= set(plan.slo)
    assert plan.duration_s < 300
    assert set(USUAL_RATE_PER_S) <= {fault.kind.value for fault in plan.faults}


def test_double_elevens_pulse_is_the_peak() -> None:
    """A plateau of the very rate that is called the peak, and T-0 opens it."""
    plan = shipped("double11")
    (pulse,) = (phase for phase in plan.phases if phase.kind is PhaseKind.BURST)

    assert (pulse.end or 0) * plan.traffic.normal == plan.peak_per_s
    assert pulse.spike_s
    assert plan.sale.opens_with == pulse.name


def test_double_eleven_reaches_beyond_what_the_shop_carries_and_no_fault_does() -> None:
    """The stairs end above both regions' capacity, overload is far beyond; one region carries the peak."""
    plan = shipped("double11")
    region_per_s = plan.store.servers * 1000 / plan.store.service_ms
    rates = {phase.kind: max(phase.rate or 0, phase.end or 0) * plan.traffic.normal for phase in plan.phases}

    assert rates[PhaseKind.LIMIT] * REQUESTS > 1.1 * 2 * region_per_s
    assert rates[PhaseKind.SHED] * REQUESTS > 1.25 * 2 * region_per_s
    assert plan.peak_per_s * REQUESTS < 0.7 * region_per_s


def test_double_elevens_contingency_plans_answer_to_a_fault_each() -> None:
    """Begun after the fault and while it holds, with time left in which they must have worked."""
    plan = shipped("double11")
    faults = {fault.phase: fault for fault in plan.faults}

    assert {one.action for one in plan.contingencies} == {"second_channel", "switch_region"}
    for one in plan.contingencies:
        fault = faults[one.phase]
        assert fault.after_s < one.after_s < fault.after_s + one.within_s < fault.after_s + fault.hold_s


def test_the_flash_sale_asks_for_everything_that_an_audit_looks_for() -> None:
    """Coupons and gift cards for fewer than try, numbers, an end of the price, second thoughts."""
    plan = shipped("flash_sale")
    carts = sum(build(plan).planned.values()) * (plan.traffic.mix.cart if plan.traffic.mix else 0)
    rules = plan.behaviour

    assert plan.coupon
    assert plan.gift_cards
    assert plan.coupon.cap < 0.5 * carts * plan.coupon.share
    assert plan.gift_cards.cards < 0.5 * carts * plan.gift_cards.share
    assert plan.sale.tokens
    assert plan.sale.closes_with in {phase.name for phase in plan.phases}
    assert min(rules.cancel, rules.send_again, rules.double_click) > 0
