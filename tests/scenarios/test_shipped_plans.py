"""The plans that are shipped: each can be read, and each asks of the mock shop what its comment says."""

from pathlib import Path

import pytest

from capacity.queueing import slo_capacity_per_s
from rehearsal.model.plan import PhaseKind, Plan
from rehearsal.model.release import release_s
from rehearsal.pipeline.plans import load_plan
from scenarios.schedule import build

PLANS = Path(__file__).parents[2] / "scenarios" / "plans"
#: Requests of a visit that keep a server busy (routing does not): a browser's pages, a buyer's whole way.
PAGES, BUYING = 2.5, 5.0


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
