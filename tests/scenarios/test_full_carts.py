"""Visits of phases whose orders have more on them and in them than usual."""

from typing import Any

import pytest

from rehearsal.model.history import Row, Step
from rehearsal.model.plan import VisitKind
from scenarios.mock_storefront import MockStorefront
from scenarios.schedule import Arrival
from scenarios.shopper import Shopping, shop
from scenarios.storefront import Endpoints
from scenarios.varied import Stage, Varied
from scenarios.visit import Basis

from .conftest import MS, FakeShop

BASIS = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.3)


class Corner(MockStorefront):
    """A shop with three products, one of them listed twice."""

    catalogue = ("p1", "p2", "p1", "p3")


def shopped(
    fake_shop: FakeShop, *stages: Stage, due_ns: int = 0, adapter: type[MockStorefront] = MockStorefront
) -> list[Row]:
    """Carry out a visit that fills a cart, and return its rows; the last is the visit's."""
    rows: list[Row] = []
    shopping = Shopping(
        adapter=adapter, endpoints=Endpoints(url="http://d"), basis=BASIS, seed=1, varied=Varied(stages)
    )
    shop(
        Arrival(0, due_ns, VisitKind.CART),
        shopping,
        fake_shop,
        pace=fake_shop.pace,
        record=lambda row, _: rows.append(row),
        record_visit=rows.append,
    )
    return rows


def added(rows: list[Row]) -> list[Row]:
    """Return the additions among rows."""
    return [row for row in rows if row.f == Step.CART_ADD]


def test_a_cart_of_five_holds_five_different_products(fake_shop: FakeShop) -> None:
    """Each is looked at, then added under an intent of its own; one order takes them all."""
    rows = shopped(fake_shop, (0, 0, 5))

    assert [row.f for row in rows[:-1]] == [
        "route",
        *["product", "cart_add"] * 5,
        "order",
        "pay",
        "logistics",
    ]
    assert len({row.sku for row in added(rows)}) == len({row.intent for row in added(rows)}) == 5
    assert rows[-1].outcome == "ok"


def test_the_first_product_is_what_it_would_be_alone(fake_shop: FakeShop) -> None:
    """A larger cart is the usual one and more."""
    alone, five = shopped(fake_shop), shopped(fake_shop, (0, 0, 5))

    assert added(five)[0].intent == added(alone)[0].intent == "cart:buy:s1-0"
    assert (added(five)[0].sku, added(five)[0].qty) == (added(alone)[0].sku, added(alone)[0].qty)


def test_a_small_catalogue_fills_no_larger_cart(fake_shop: FakeShop) -> None:
    """Three products make a cart of three, each once."""
    rows = added(shopped(fake_shop, (0, 0, 5), adapter=Corner))

    assert sorted(row.sku for row in rows) == ["p1", "p2", "p3"]


def test_a_product_that_does_not_go_in_ends_the_visit(fake_shop: FakeShop) -> None:
    """As with a cart of one: nothing is ordered."""
    path = "/carts/s1-0/items"
    fake_shop.script[path] = [*fake_shop.script[path] * 2, (409, {"error": "sold_out"})]
    rows = shopped(fake_shop, (0, 0, 5))

    assert ([row.outcome for row in added(rows)], rows[-1].outcome) == (["ok", "ok", "fail"], "fail")
    assert "/orders" not in fake_shop.paths()


@pytest.mark.parametrize(
    ("due_ns", "bodies"),
    [
        (99 * MS, [{}]),  # before the stage: as ever
        (100 * MS, [{"rules": 7}]),
        (200 * MS, [{}]),
    ],
)
def test_an_order_has_the_rules_of_the_phase_its_visit_was_due_in(
    fake_shop: FakeShop, due_ns: int, bodies: list[Any]
) -> None:
    """However long the visit takes."""
    shopped(fake_shop, (100 * MS, 7, 1), (200 * MS, 0, 1), due_ns=due_ns)

    assert [body for method, path, body, _ in fake_shop.asked if path == "/orders"] == bodies


class Ruled(MockStorefront):
    """An adapter with an attribute of its own by that name."""

    rules = 1


def test_without_rules_an_adapter_is_left_alone(fake_shop: FakeShop) -> None:
    """Whatever it calls so stays what it is."""
    shopped(fake_shop, (0, 0, 1), adapter=Ruled)

    assert [body for _, path, body, _ in fake_shop.asked if path == "/orders"] == [{"rules": 1}]


def test_an_order_sent_otherwise_has_the_same_rules(fake_shop: FakeShop) -> None:
    """Only its note is another."""
    storefront = MockStorefront(fake_shop, "s1-0", Endpoints(url="http://d"))
    storefront.open()
    storefront.rules = 2
    storefront.order_otherwise("k")

    assert fake_shop.asked[-1][2] == {"note": "as a gift", "rules": 2}
