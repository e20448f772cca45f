"""The plan that is shipped for `rehearse capacity`, and what its guide says."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from capacity.forecast import forecast_peak
from capacity.margin import Margin
from capacity.queueing import slo_capacity_per_s
from capacity.search import Goal, drive, search
from capacity.trials import samples_needed
from rehearsal.model.capacity import Trial, Wanted
from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan_capacity import Capacity
from rehearsal.model.plan_check import warnings_of
from rehearsal.model.scene_check import requests_of
from rehearsal.pipeline.capacity.measuring import LEAD_S, STEADY_S, WARM_UP_S
from rehearsal.pipeline.capacity.plans import search_alone, start_per_s
from rehearsal.pipeline.plans import load_plan
from tests.capacity.told_trials import SET, Shop, steep

PLAN = Path("scenarios/plans/capacity.toml")
GUIDE = Path("docs/capacity.md")
#: What of a plan's table bounds a search.
BUDGET = ("trial_requests", "confirm_requests", "most_requests", "most_s", "width", "back_off")


def test_the_shipped_plan_is_nothing_but_a_search() -> None:
    """It is warned about in nothing, and alone it is what it is in a drill."""
    plan = load_plan(PLAN)

    assert warnings_of(plan) == ()
    assert [phase.kind for phase in plan.phases] == [phase.kind for phase in search_alone(plan).phases]
    assert plan.capacity is not None
    assert requests_of(plan.capacity) < 200_000


def test_the_shipped_plan_s_searches_end_by_themselves() -> None:
    """On the shop that it describes, 3.5 requests a visit, and with two trials that a busy machine spoils.

    Within two minutes each.
    """
    plan = load_plan(PLAN)
    wanted = plan.capacity
    assert wanted is not None
    goal = Goal(
        slo_set=SET,
        start_per_s=start_per_s(plan, wanted),
        least_s=STEADY_S,
        **{name: getattr(wanted, name) for name in BUDGET},
    )
    shop, lasted_s = Shop(steep(76.0), lambda _rate, number: "busy" if number in {4, 7} else ""), []

    def measure(each: Wanted) -> Trial:
        steady_s = max(STEADY_S, each.requests / 3.5 / each.rate_per_s)
        lasted_s.append(LEAD_S + WARM_UP_S + steady_s)
        trial, requests = shop(each), round(3.5 * steady_s * each.rate_per_s)
        return replace(trial, steady_s=WARM_UP_S, end_s=WARM_UP_S + steady_s, requests=requests)

    found = drive(search(goal), measure)

    assert (found.why, shop.purposes[-2:]) == ("", ["confirm", "again"])
    assert found.capacity.low == pytest.approx(0.96 * 76.0, rel=0.01)
    assert sum(lasted_s) < 120


def test_the_shipped_plan_says_truly_what_its_shop_can_carry() -> None:
    """Erlang's formula for both regions, as the head of the file has it."""
    plan, text = load_plan(PLAN), PLAN.read_text()
    assert plan.capacity is not None
    strict = plan.capacity.slo["strict"]
    kept = {0.99: strict.p99_ms, 0.95: strict.p95_ms}
    servers, service_ms = plan.store.servers, plan.store.service_ms
    carried_per_s = min(
        2 * slo_capacity_per_s(share, ms, servers=servers, service_ms=service_ms)
        for share, ms in kept.items()
    )

    assert f"{2 * 1000 * servers / service_ms:.0f} requests a second" in text
    assert f"up to {carried_per_s:.0f}" in text


def test_the_guide_s_example_is_a_table_of_a_plan(tmp_path: Path) -> None:
    """It can be copied into a plan for a shop on this machine."""
    example = re.search(r"```toml\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert example is not None
    text = PLAN.read_text()
    head = text[: text.index("[capacity]")].replace(
        "[store]", '[target]\nshop = "url"\nurl = "http://[::1]"\n[store]'
    )
    slo = "[slo.proof]\np95_ms = 1.0\np99_ms = 2.0\ngoodput = 0.9\n"
    copied = tmp_path / "plan.toml"
    copied.write_text(head + slo + example[1])
    capacity = load_plan(copied).capacity

    assert capacity is not None
    assert [(each.name, each.unit) for each in capacity.resources] == [
        ("database connections", "connections"),
        ("cpu", "cores"),
        ("bandwidth", "bytes/s"),
    ]


def test_a_series_that_none_can_be_called(tmp_path: Path) -> None:
    """It would be read for the whole search, and never found."""
    wrong = tmp_path / "plan.toml"
    resource = '[[capacity.resources]]\nname = "cpu"\nseries = "cpu busy"\nlimit = 1.0\n'
    wrong.write_text(PLAN.read_text() + resource)

    with pytest.raises(RehearsalError, match="resources, cpu: 'cpu busy' names no series; write it as in"):
        load_plan(wrong)


def test_the_guide_s_figures_are_those_of_the_code() -> None:
    """What it says of the forecast, of three figures and of samples."""
    forecast = forecast_peak([5.2, 6.1, 7.4, 5.8, 8.3], normal_per_s=1.0)
    above = [forecast.exceeds(times * forecast.median_per_s) or 0.0 for times in (1.3, 1.5)]
    margin = Margin(1.3, 1.0)
    text = GUIDE.read_text()
    told = [
        f"it is {forecast.median_per_s:.2f} times normal",
        f"1.3 times *that* in {100 * above[0]:.1f} %",
        f"above 1.5 times in {100 * above[1]:.1f} %",
        f"| {100 * margin.spare:.1f} % |",
        f"| {100 * margin.slack:.0f} % |",
        *(f"{samples_needed(target):,}" for target in (0.99, 0.95, 0.999)),
    ]

    assert [words for words in told if words not in text] == []


@pytest.mark.parametrize("key", Capacity.model_fields)
def test_the_guide_names_every_key(key: str) -> None:
    """Whoever reads it need not read the model."""
    assert re.search(rf"\b{key}\b", GUIDE.read_text())
