"""The mock shop's final readings: every region, both ledgers, and None for what is not offered."""

from typing import Any

import msgspec
import pytest

from rehearsal.model.errors import Unreachable
from rehearsal.model.readings import (
    CallReading,
    ConfirmationReading,
    CouponReading,
    EventReading,
    FinalReadings,
    GiftCardReading,
    OrderReading,
    TokenReading,
    TransitionReading,
)
from scenarios.mock_storefront import MockStorefront
from scenarios.storefront import Endpoints

TWO = Endpoints(url="d", admin_urls=("a", "b"), ledger_url=("one", "two"))


def order(number: int, **more: Any) -> dict[str, Any]:
    """Return an order as the shop tells it."""
    lines = [{"sku": "p1", "qty": 1, "price_cents": 700}]
    return {
        "order_id": f"o{number}", "shopper": "s", "intent": "i", "status": "paid", "channel": "card",
        "total_cents": 700, "region": "a", "payment_id": "p", "lines": lines, **more,
    }  # fmt: skip


def entry(number: int) -> dict[str, Any]:
    """Return an entry of a ledger."""
    return {
        "entry_id": f"e{number}", "kind": "capture", "payment_id": f"p{number}", "order_id": "o1",
        "amount_cents": 700, "idempotency_key": "k",
    }  # fmt: skip


CALL = {"endpoint": "capture", "requests": 5, "orders": 4}
OFFERS: dict[str, Any] = {
    "transitions": {"transitions": [{"order_id": "o1", "seq": 1, "status": "paid"}]},
    "events": {"events": [{"event_id": "e", "order_id": "o1", "received": 2, "effects": 1}]},
    "confirmations": {"confirmations": [{"order_id": "o1", "sent": 1}]},
    "coupons": {"coupons": [{"code": "save", "cap": 5, "per_shopper": 1, "used": 2}]},
    "gift-cards": {"gift_cards": [{"code": "gift-0", "initial_cents": 9, "balance_cents": 2}]},
    "queue": {"tokens": [{"token": "t", "shopper": "s", "place": 1, "admitted": 1, "uses": 1}]},
}


def shop(**changed: Any) -> dict[str, Any]:
    """Return what each address answers; `changed` is told of `ADDRESS_PATH`, None for what is not there."""
    told: dict[str, Any] = {}
    for region in ("a", "b"):
        told |= {f"{region}/admin/{path}": body for path, body in OFFERS.items()}
        told[f"{region}/admin/stock"] = {"stock": []}
        told[f"{region}/admin/orders"] = {"orders": [order(1)]}
        told[f"{region}/admin/pending"] = {"pending_payments": 0, "unsent": 0}
    for number, ledger in enumerate(("one", "two")):
        told[f"{ledger}/admin/ledger"] = {"entries": [entry(number)]}
        told[f"{ledger}/admin/calls"] = {"calls": [CALL]}
    for name, body in changed.items():
        address, _, path = name.partition("_")
        told[f"{address}/admin/{path.replace('_', '-')}"] = body
    return told


def final(told: dict[str, Any], endpoints: Endpoints = TWO) -> FinalReadings:
    """Read a shop."""
    return MockStorefront.final_readings(_asker(told), endpoints)


def _asker(told: dict[str, Any]) -> Any:
    def get_json(url: str) -> Any:
        if told.get(url) is None:
            raise Unreachable(f"{url} gave no reading")
        return told[url]

    return get_json


def test_everything_that_is_offered_is_read() -> None:
    """Each reading from its own endpoint."""
    found = final(shop())

    assert found.transitions == (TransitionReading(order_id="o1", seq=1, status="paid"),)
    assert found.events == (EventReading(event_id="e", order_id="o1", received=2, effects=1),)
    assert found.confirmations == (ConfirmationReading(order_id="o1", sent=1),)
    assert found.coupons == (CouponReading(code="save", cap=5, per_shopper=1, used=2),)
    assert found.gift_cards == (GiftCardReading(code="gift-0", initial_cents=9, balance_cents=2),)
    assert found.tokens == (TokenReading(token="t", shopper="s", place=1, admitted=1, uses=1),)
    assert found.stock == ()


@pytest.mark.parametrize("path", ["transitions", "events", "confirmations", "coupons", "gift_cards", "queue"])
def test_what_is_not_offered_stays_none(path: str) -> None:
    """None, not an empty reading: a check that needs it must not pass."""
    found = final(shop(**{f"a_{path}": None}))
    name = "tokens" if path == "queue" else path

    assert getattr(found, name) is None
    assert None not in (found.orders, found.stock, found.charges, found.regions)


def test_orders_are_read_from_every_region() -> None:
    """As each tells them; those who tell the same are told once."""
    same, other = final(shop()).regions, final(shop(b_orders={"orders": [order(2)]})).regions

    assert same is not None
    assert other is not None
    assert [(one.region, one.orders[0].order_id) for one in other] == [("a", "o1"), ("b", "o2")]
    assert same[0].orders is same[1].orders


def test_a_region_that_does_not_answer_leaves_the_regions_unread() -> None:
    """What the other knows is read all the same; with none alive there is no reading."""
    found = final(shop(a_orders=None))

    assert found.regions is None
    assert [one.order_id for one in found.orders or ()] == ["o1"]
    with pytest.raises(Unreachable, match="a/admin/orders"):
        final(shop(a_orders=None, b_orders=None))


def test_entries_of_both_providers_have_ids_of_their_own() -> None:
    """Those of the second are marked, its calls too; payments keep the names that orders know them by."""
    told = shop(two_ledger={"entries": [entry(0)]})
    found = final(told)

    assert [(one.entry_id, one.payment_id) for one in found.charges or ()] == [("e0", "p0"), ("2:e0", "p0")]
    assert found.calls == tuple(
        CallReading(endpoint=f"{mark}capture", requests=5, orders=4) for mark in ("", "2:")
    )


@pytest.mark.parametrize(
    ("ledger", "entries"),
    [
        pytest.param("one", ["e0"], id="one address, as a text"),
        pytest.param(("one",), ["e0"], id="one in a list"),
        pytest.param("", None, id="none"),
        pytest.param((), None, id="an empty list"),
    ],
)
def test_one_ledger_or_none(ledger: Any, entries: list[str] | None) -> None:
    """A plan's endpoints may name a ledger as they did before there were two."""
    found = final(shop(), Endpoints(url="d", admin_urls=("a",), ledger_url=ledger))
    charges = found.charges

    assert entries == (None if charges is None else [one.entry_id for one in charges])


def test_a_ledger_that_is_named_must_answer() -> None:
    """Half of the money would look like all of it."""
    with pytest.raises(Unreachable, match="two/admin/ledger"):
        final(shop(two_ledger=None))
    assert final(shop(two_calls=None)).calls is None


@pytest.mark.parametrize("ledger", ["http://p", ("http://p", "http://q")])
def test_endpoints_travel_to_the_load(ledger: Any) -> None:
    """Through the load's order and back."""
    endpoints = Endpoints(url="d", ledger_url=ledger)

    assert msgspec.json.decode(msgspec.json.encode(endpoints), type=Endpoints) == endpoints


@pytest.mark.parametrize(
    ("changed", "left"),
    [
        pytest.param({}, 0, id="settled"),
        pytest.param({"a_pending": {"pending_payments": 1, "unsent": 2}}, 3, id="a confirmation is unsent"),
        pytest.param({"b_pending": {"pending_payments": 4}}, 4, id="the other region knows of more"),
        pytest.param({"a_pending": None, "b_pending": {"unsent": 1}}, 1, id="one region is silent"),
    ],
)
def test_what_is_undecided(changed: Any, left: int) -> None:
    """As the region says that knows of most."""
    assert left == MockStorefront.unsettled(_asker(shop(**changed)), TWO)


def test_nobody_to_ask_what_is_undecided() -> None:
    """Not 0: that would end the wait."""
    with pytest.raises(Unreachable, match="a/admin/pending"):
        MockStorefront.unsettled(_asker({}), TWO)


def test_an_order_with_a_discount_and_a_gift() -> None:
    """Whatever of it the shop tells is read."""
    facts = {"coupon": "save", "discount_cents": 5, "gift_card": "gift-0", "gift_cents": 6}
    (found,) = final(shop(a_orders={"orders": [order(1, **facts)]})).orders or ()

    assert isinstance(found, OrderReading)
    assert (found.coupon, found.discount_cents, found.gift_card, found.gift_cents) == tuple(facts.values())
