from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_store.config import ROLES
from rehearsal.model.plan import Coupon, GiftCards, Plan
from rehearsal.pipeline.shop_config import catalogue, shop_configs
from rehearsal.pipeline.shop_links import lay_links

LINKS = lay_links(tuple(range(20000, 20025)))


@pytest.fixture
def plan(make_plan: Callable[..., Plan], plan_text: str) -> Plan:
    """Return a plan with everything that a shop may be told of."""
    plan = make_plan(plan_text)
    sale = plan.sale.model_copy(update={"tokens": True, "full_price_cents": 33300})
    return plan.model_copy(
        update={
            "sale": sale,
            "store": plan.store.model_copy(update={"queue": 77}),
            "coupon": Coupon(code="save", cents=300, cap=9, per_shopper=2),
            "gift_cards": GiftCards(cards=2, cents=700),
        }
    )


@pytest.fixture
def configs(plan: Plan, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Return what each process is told."""
    return shop_configs(tmp_path, plan, LINKS, ("unbounded_queue",))


def test_the_shop_takes_what_it_is_told(configs: dict[str, dict[str, Any]]) -> None:
    """Each configuration is one of its role, unknown keys and values being mistakes."""
    labels = ["region_a", "region_b", "provider", "provider2", "director", "worker"]

    assert list(configs) == labels
    for config in configs.values():
        msgspec.json.decode(msgspec.json.encode(config), type=ROLES[config["role"]])


def test_what_the_plan_says_of_the_sale(configs: dict[str, dict[str, Any]]) -> None:
    """Queue, tokens, the price afterwards, coupon and gift cards, alike in both regions."""
    for label in ("region_a", "region_b"):
        region = configs[label]

        assert (region["queue"], region["sale"]["tokens"]) == (77, True)
        assert region["sale"]["full_price_cents"] == 33300
        assert region["coupon"] == {"code": "save", "cents": 300, "cap": 9, "per_shopper": 2}
        assert region["gift_cards"] == [{"code": f"gift-{n}", "cents": 700} for n in range(2)]


def test_who_calls_whom(configs: dict[str, dict[str, Any]]) -> None:
    """Always through a listener: providers, the other region, callbacks, edges."""
    at, region = LINKS.listeners, configs["region_a"]

    assert region["provider"]["capture"] == [
        at[name] for name in ("pay_capture", "pay_capture_2", "pay_capture_3")
    ]
    assert (region["provider"]["status"], region["provider2"]["status"]) == (
        at["pay_status"],
        at["pay2_status"],
    )
    assert region["peers"] == {"b": at["sync_b"]}
    assert configs["provider2"]["links"] == {name: at[name] for name in ("callback_a", "callback_b")}
    assert [edge["url"] for edge in configs["director"]["regions"]] == [at["edge_a"], at["edge_b"]]


def test_two_providers_have_ledgers_and_numbers_of_their_own(configs: dict[str, dict[str, Any]]) -> None:
    """By its first letters a payment's id says whose it is; regions and worker share one database."""
    first, second = configs["provider"], configs["provider2"]
    shared = {configs[label]["database"] for label in ("region_a", "region_b", "worker")}

    assert (first["prefix"], second["prefix"]) == ("p", "p2")
    assert len({first["database"], second["database"], *shared}) == 3


def test_every_process_knows_seed_and_bugs(configs: dict[str, dict[str, Any]], plan: Plan) -> None:
    """A bug of any process is planted by naming it once."""
    assert {config["seed"] for config in configs.values()} == {plan.seed}
    assert all(config["defects"] == ["unbounded_queue"] for config in configs.values())


def test_a_plan_without_vouchers_has_none(
    make_plan: Callable[..., Plan], plan_text: str, tmp_path: Path
) -> None:
    """What is not in the plan is not in the shop."""
    region = shop_configs(tmp_path, make_plan(plan_text), LINKS, ())["region_a"]

    assert ("coupon" in region, "gift_cards" in region) == (False, False)


def test_the_catalogue_is_priced_apart(plan: Plan) -> None:
    """No two products cost the same, so a wrong line shows in a total."""
    prices = [item["price_cents"] for item in catalogue(plan)]

    assert len(set(prices)) == len(prices)
