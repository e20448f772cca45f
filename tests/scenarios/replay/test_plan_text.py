from collections.abc import Callable
from typing import Any

import msgspec
import polars as pl
import pytest

from rehearsal.model.plan import VisitKind
from rehearsal.model.plan_check import MOST_VISITS, check_plan
from scenarios import schedule
from scenarios.replay import log
from scenarios.replay.log import Wanted
from scenarios.replay.paths import Mapping
from scenarios.replay.plan_text import kinds_of, plan_text
from scenarios.replay.sessions import sessionise
from scenarios.replay.steps import Steps
from scenarios.replay.traffic import Traffic, traffic_of


@pytest.fixture
def traffic(logs: Any, shop: Any, as_json: Any) -> Traffic:
    """Return the known shop's traffic."""
    found = log.read([logs.write([as_json(hit) for hit in shop.hits()])], Wanted())
    return traffic_of(sessionise(found.requests, Mapping()).steps, found.facts, 1800.0)


def test_a_drill_accepts_the_plan(traffic: Traffic) -> None:
    """Normal volume and multiplier come from the log; the peak follows, and 1.3 of it is proven."""
    assert traffic.normal is not None
    kinds = {VisitKind.BROWSE: 0.7, VisitKind.CART: 0.2, VisitKind.FLASH_SALE: 0.1}
    text = plan_text(traffic, name="replay", multiplier=8, seed=5, kinds=kinds)
    plan = check_plan(text, source="plan.toml", curves=())

    assert plan.traffic.mix is not None
    assert plan.forecast is not None
    assert plan.traffic.normal_per_s == pytest.approx(traffic.normal.per_s, rel=1e-3)
    assert plan.peak_per_s == plan.forecast.peak_per_s == pytest.approx(8 * traffic.normal.per_s, rel=1e-3)
    assert plan.traffic.mix.cart == 0.2
    assert max(phase.rate or 0 for phase in plan.phases) == pytest.approx(10.4)
    assert sum(schedule.build(plan).planned.values()) > 0
    assert "learned from the log" in text


def test_a_plan_says_which_shares_are_not_from_the_log(traffic: Traffic) -> None:
    """A mapping without steps tells no kinds of visits."""
    text = plan_text(traffic, name="replay", multiplier=7.5, seed=5, kinds=None)

    assert "NOT from the log" in text
    assert check_plan(text, source="plan.toml", curves=()).traffic.multiplier == 7.5


def test_a_huge_shops_plan_is_shortened(traffic: Traffic) -> None:
    """Five thousand sessions a second: the phases shrink until a drill can hold their visits."""
    assert traffic.normal is not None
    normal = msgspec.structs.replace(traffic.normal, per_s=5000.0)
    huge = msgspec.structs.replace(traffic, normal=normal)
    plan = check_plan(plan_text(huge, name="r", multiplier=8, seed=1, kinds=None), source="p", curves=())

    assert plan.traffic.pool == 20_000
    assert (
        sum(5000.0 * phase.duration_s * (phase.rate or phase.end or 0) for phase in plan.phases)
        <= MOST_VISITS
    )


def test_a_log_without_normal_volume_makes_no_plan(traffic: Traffic) -> None:
    """It must have been refused before."""
    with pytest.raises(ValueError, match="a plan needs"):
        plan_text(msgspec.structs.replace(traffic, normal=None), name="r", multiplier=8, seed=1, kinds=None)


def test_sessions_of_one_request_have_no_think_times(traffic: Traffic) -> None:
    """The plan says that its own is not from the log."""
    text = plan_text(msgspec.structs.replace(traffic, think=None), name="r", multiplier=8, seed=1, kinds=None)

    assert check_plan(text, source="p", curves=()).traffic.think_s == 1.0
    assert "NOT from the log: its sessions are of one request" in text


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(["product", "", "", ""], (1.0, 0.0, 0.0), id="only looking"),
        pytest.param(["product", "cart_add", "", ""], (0.5, 0.5, 0.0), id="a cart"),
        pytest.param(["product", "cart_add", "flash_buy", ""], (0.0, 0.5, 0.5), id="a flash sale tells most"),
        pytest.param(["pay", "order", "", "product"], (0.0, 1.0, 0.0), id="a purchase without a cart"),
        pytest.param(["", "", "", ""], None, id="no steps named"),
    ],
)
def test_a_session_is_of_the_kind_of_its_most_telling_step(
    steps_of: Callable[..., Steps], steps: list[str], expected: tuple[float, ...] | None
) -> None:
    """Two sessions: steps 0 and 1, and steps 2 to 3 after them; each row of `asked` is a step."""
    two = steps_of([(0, 0), (1, 0)], [(5, 0), (6, 0)])
    asked = pl.DataFrame({"step": [steps[0], steps[2], steps[1], steps[3]]})
    found = kinds_of(two, asked)

    assert (
        tuple(found[kind] for kind in (VisitKind.BROWSE, VisitKind.CART, VisitKind.FLASH_SALE))
        if found
        else None
    ) == expected
