"""The whole look at a shop, its process played by the test's own."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rehearsal.model.errors import RehearsalError
from rehearsal.model.plan import Plan, VisitKind
from rehearsal.model.plan_shop import Target, TestData
from rehearsal.pipeline.tryout import examine
from rehearsal.pipeline.tryout.child import Tried
from rehearsal.pipeline.tryout.examine import Examined, Wish, examine_target, kinds_walked
from rehearsal.pipeline.tryout.sight import State
from scenarios.tryout.told import TryOrder
from tests.hostile.shop import HostileShop, serving
from tests.hostile.tried import ADAPTER, told_of
from tests.scenarios.http.authority import DAY, Authority

Make = Callable[..., Plan]


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walk here instead of in a process of its own."""
    monkeypatch.setattr(examine, "try_out", lambda order: Tried(told=told_of(order)))


@pytest.fixture
def plan_for(make_plan: Make) -> Callable[..., Plan]:
    """Return a function that gives a plan for a shop."""

    def plan(url: str, **rest: Any) -> Plan:
        target = Target(shop="url", url=url, adapter=ADAPTER, **rest)
        return make_plan().model_copy(update={"target": target, "faults": ()})

    return plan


def wrong(examined: Examined) -> list[str]:
    """Return what must be mended."""
    return [sight.sentence for sight in examined.sights if sight.state is State.WRONG]


def test_a_shop_in_order_is_well(plan_for: Make) -> None:
    """Every kind is walked, every request marked, the books agree, and what lacks has its price."""
    said: list[str] = []
    with serving(HostileShop()) as shop:
        examined = examine_target(plan_for(shop.url), Wish(burst=3), said.append)
    abouts = {sight.about for sight in examined.sights}

    assert wrong(examined) == []
    assert examined.well
    assert abouts == {"walk", "readings", "clock", "hosts", "rate limit"}
    assert {headers.get("X-Rehearsal") for headers in shop.headers} == {"doctor", "small"}
    assert set(examined.costs) == {"stock", "charges", "transitions", "events", "confirmations"}
    assert examined.costs["stock"] == ("I2.stock_conserved", "I3.no_leak")
    assert said[1] == "Walking one visit of each kind: browse, cart, flash_sale."
    assert len(shop.orders) == 2


def test_who_only_looks_buys_nothing(plan_for: Make) -> None:
    """One shopper looks around, and no order is made."""
    with serving(HostileShop()) as shop:
        examined = examine_target(plan_for(shop.url), Wish(look=True, burst=0))

    assert shop.orders == {}
    assert examined.well
    assert kinds_walked(plan_for("http://x"), Wish(look=True)) == (VisitKind.BROWSE,)


def test_every_kind_of_the_plan_is_walked(plan_for: Make) -> None:
    """As long as it is ours to walk."""
    plan = plan_for("http://x")
    closed = plan.model_copy(
        update={"traffic": plan.traffic.model_copy(update={"locustfile": "theirs.py", "mix": None})}
    )

    assert kinds_walked(plan, Wish()) == (VisitKind.BROWSE, VisitKind.CART, VisitKind.FLASH_SALE)
    assert kinds_walked(closed, Wish()) == kinds_walked(closed, Wish(look=True)) == ()


def test_a_strangers_locustfile_costs_what_an_adapter_could_tell(plan_for: Make) -> None:
    """No visit is walked; whatever needs pay() is lost besides what is not read."""
    plan = plan_for("http://x")
    with serving(HostileShop()) as shop:
        closed = plan_for(shop.url).model_copy(
            update={
                "traffic": plan.traffic.model_copy(
                    update={"locustfile": "theirs.py", "users": 5, "mix": None}
                )
            }
        )
        examined = examine_target(closed, Wish(burst=2))

    assert "pay" in examined.costs
    assert shop.orders == {}


def test_too_few_rows_for_a_drill_are_told(plan_for: Make, tmp_path: Path) -> None:
    """They are enough for the walk."""
    users = tmp_path / "users.csv"
    users.write_text("email\na@x\nb@x\nc@x\n")
    with serving(HostileShop()) as shop:
        plan = plan_for(shop.url).model_copy(update={"data": {"users": TestData(file=str(users))}})
        said = wrong(examine_target(plan, Wish(burst=0)))

    assert len(said) == 1
    assert "users.csv has 3 rows, and " in said[0]


def test_the_mock_shop_is_no_target(make_plan: Make) -> None:
    """A drill starts it itself."""
    with pytest.raises(RehearsalError, match="which a drill starts itself"):
        examine_target(make_plan(), Wish())


def test_a_dead_shop_is_one_sentence(plan_for: Make) -> None:
    """Nothing is tried where nobody answers."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        examined = examine_target(plan_for(url), Wish())

    assert len(examined.sights) == 1
    assert wrong(examined)[0].startswith(f"The shop at {url} does not answer")
    assert not examined.well


def test_a_bad_certificate_is_one_sentence(plan_for: Make, tmp_path: Path) -> None:
    """It is looked at before anybody is sent there."""
    authority = Authority(tmp_path)
    expired = authority.issue("127.0.0.1", age=2 * DAY)
    with serving(HostileShop(tls=expired)) as shop:
        examined = examine_target(plan_for(shop.url, ca_file=str(authority.ca_file)), Wish())

    assert len(examined.sights) == 1
    assert "expired on" in wrong(examined)[0]


def test_a_shop_over_tls_is_walked(plan_for: Make, tmp_path: Path) -> None:
    """With the authority that the plan names."""
    authority = Authority(tmp_path)
    good = authority.issue("127.0.0.1")
    with serving(HostileShop(tls=good)) as shop:
        examined = examine_target(plan_for(shop.url, ca_file=str(authority.ca_file)), Wish(burst=2))

    assert wrong(examined) == []
    assert examined.sights[0].about == "TLS"


def test_books_that_cannot_be_read_are_one_sentence(plan_for: Make) -> None:
    """The adapter's reading broke, and its price is not guessed."""
    careless = ADAPTER.replace("Hostile", "Careless")
    with serving(HostileShop()) as shop:
        plan = plan_for(shop.url)
        target = plan.target.model_copy(update={"adapter": careless})
        examined = examine_target(plan.model_copy(update={"target": target}), Wish(burst=0))

    said = wrong(examined)[-1]
    assert "CarelessStorefront.final_readings broke: KeyError: 'stock' (storefront.py, line " in said
    assert said.endswith("; correct the adapter's final_readings(), or target.admin_url.")
    assert examined.costs == {}


def test_shoppers_are_new_each_time(plan_for: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was used once would be answered with the order it gave then."""
    seeds: list[int] = []

    def noted(order: TryOrder) -> Tried:
        seeds.append(order.load.seed)
        return Tried()

    monkeypatch.setattr(examine, "try_out", noted)
    monkeypatch.setattr(time, "time_ns", iter((5_000_000, 6_000_000)).__next__)
    with serving(HostileShop()) as shop:
        for _ in range(2):
            examine_target(plan_for(shop.url), Wish(burst=0))

    assert seeds == [5, 6]


def test_a_total_that_does_not_agree_is_named(plan_for: Make) -> None:
    """What the shopper is told to pay is not what the books say she paid."""
    with serving(HostileShop({"/orders": "wrong_total"})) as shop:
        plan = plan_for(shop.url)
        examined = examine_target(plan, Wish(burst=0))

    assert "order o1 was told to cost 1501 cents and is read with 1500" in wrong(examined)[0]


def test_a_certificate_that_only_a_step_meets_is_one_sentence(plan_for: Make, tmp_path: Path) -> None:
    """It says which request was not sent, and why nobody believes it."""
    itself = Authority(tmp_path).issue("127.0.0.1", signed_by_itself=True)
    with serving(HostileShop(tls=itself)) as parcels, serving(HostileShop()) as shop:
        shop.parcels = f"{parcels.url}/parcels"
        examined = examine_target(plan_for(shop.url), Wish(burst=0))
    place = parcels.url.removeprefix("https://")

    (sentence,) = wrong(examined)
    assert sentence.startswith(
        f"cart, step logistics: GET /parcels is not sent, for {place} shows a self-signed"
    )
    assert sentence.endswith("; name a file that holds it: target.ca_file.")


def test_a_shop_whose_checks_lack_nothing_is_told_so(plan_for: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """No table of prices, but a word."""
    monkeypatch.setattr(examine, "costs", lambda *_: {})
    with serving(HostileShop()) as shop:
        examined = examine_target(plan_for(shop.url), Wish(burst=0))

    assert "needs" in {sight.about for sight in examined.sights}
