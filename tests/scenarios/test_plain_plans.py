"""A plan that names no coupon, gift card, number, cancellation or repetition sends what it always did."""

import hashlib

import msgspec

from rehearsal.model.plan import VisitKind
from scenarios.behaviour import Behaviour
from scenarios.mock_storefront import MockStorefront
from scenarios.schedule import Arrival
from scenarios.shopper import Shopping, shop
from scenarios.storefront import Endpoints
from scenarios.visit import Basis

from .conftest import MS, FakeShop

#: Of every request of sixty such visits, as they were before there was anything to add to them.
REQUESTS = "7eb75c57224a1875aec44a407a18df68eb0d984550ca1a04051de0886616292d"


def test_the_requests_of_plain_visits_are_what_they_were(fake_shop: FakeShop) -> None:
    """Method, path, body, headers and due times of each, in their order."""
    fake_shop.script["/products/flash"] = [(200, {"sku": "flash", "opens_in_ms": 1})]
    rules = Behaviour(double_click=0.3, patience_s=30.0)
    basis = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.3, behaviour=rules)
    shopping = Shopping(adapter=MockStorefront, endpoints=Endpoints(url="http://d"), basis=basis, seed=1)
    due_ns: list[int] = []
    for index in range(60):
        kind = list(VisitKind)[index % 4]
        carts = fake_shop.script["/carts/s1-0/items"]
        fake_shop.script[f"/carts/s1-{index}/items"] = carts
        release_ns = (index + 9) * 1000 * MS if kind is VisitKind.WAITING_ROOM else 0
        shop(
            Arrival(index, index * 1000 * MS, kind, release_ns),
            shopping,
            fake_shop,
            pace=fake_shop.pace,
            record=lambda row, _: due_ns.append(row.due_ns),
            record_visit=lambda _: None,
        )

    assert len(fake_shop.asked) > 200
    assert hashlib.sha256(msgspec.json.encode([fake_shop.asked, due_ns])).hexdigest() == REQUESTS
