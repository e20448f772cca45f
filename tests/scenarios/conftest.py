"""A network in a dictionary, and time that passes only when somebody waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec
import pytest

from rehearsal.model.history import Row
from rehearsal.model.plan import VisitKind
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.schedule import Arrival
from scenarios.storefront import Answer, Endpoints
from scenarios.visit import Basis, Visit

MS = 1_000_000


@dataclass
class StillPace:
    """Time for visits that moves when they wait and when a request takes a millisecond."""

    at_ns: int = 0

    def now_ns(self) -> int:
        """Return the instant."""
        return self.at_ns

    def wait_until_ns(self, instant_ns: int) -> None:
        """Jump there."""
        self.at_ns = max(self.at_ns, instant_ns)


@dataclass
class FakeShop:
    """Answers requests from a script: path → answers in order, the last one for ever.

    An answer is (status, body), where body is JSON-able, bytes, or, with status 0, an error class.
    """

    pace: StillPace
    script: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)

    def request(
        self, method: str, url: str, *, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Answer the next of the script."""
        path = "/" + url.split("?")[0].split("/", 3)[3]
        self.asked.append((method, path, json, dict(headers or {})))
        answers = self.script.get(path, [(404, {"error": "unknown_path"})])
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        sent_ns = self.pace.now_ns()
        self.pace.at_ns += MS
        if status == 0:
            return Reply(sent_ns=sent_ns, done_ns=self.pace.at_ns, error=body)
        encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return Reply(sent_ns=sent_ns, done_ns=self.pace.at_ns, status=status, body=encoded)

    def paths(self) -> list[str]:
        """Return what was asked for, in order."""
        return [path for _, path, _, _ in self.asked]


ROUTE = {"region": "a", "url": "http://edge-a"}
ORDER = {"order_id": "o1", "total_cents": 700, "status": "pending_payment", "region": "a", "lines": []}
PAID = {"order_id": "o1", "status": "paid", "payment_id": "p1", "amount_cents": 700, "channel": "card"}


@pytest.fixture
def fake_shop() -> FakeShop:
    """Return a shop in which everything goes well, whatever product is asked for."""
    pace = StillPace()
    script: dict[str, list[tuple[int, Any]]] = {
        "/route": [(200, ROUTE)],
        "/orders": [(201, ORDER)],
        "/orders/o1/pay": [(200, PAID)],
        "/orders/o1": [(200, PAID)],
        "/orders/o1/logistics": [(200, {"order_id": "o1", "state": "preparing"})],
        "/flash-sale/flash/buy": [(201, {**ORDER, "sku": "flash", "qty": 1})],
    }
    cart = {"lines": [{"sku": sku, "qty": 9, "price_cents": 1} for sku in MockStorefront.catalogue]}
    script["/carts/s1-0/items"] = [(200, cart)]
    for sku in (*MockStorefront.catalogue, "flash"):
        script[f"/products/{sku}"] = [(200, {"sku": sku})]
    return FakeShop(pace, script)


@dataclass
class Shopped:
    """A visit and the rows it wrote."""

    visit: Visit
    rows: list[Row]

    def said(self) -> list[tuple[str, str, str]]:
        """Return step, outcome and error of each row."""
        return [(row.f, row.outcome, row.error) for row in self.rows]


@pytest.fixture
def visiting(fake_shop: FakeShop) -> Callable[[VisitKind], Shopped]:
    """Return a function that begins a visit of a kind in the fake shop, not yet opened."""

    def begin(kind: VisitKind) -> Shopped:
        rows: list[Row] = []

        def record(row: Row, _answer: Answer) -> None:
            rows.append(row)

        shop = MockStorefront(fake_shop, "s1-0", Endpoints(url="http://director"))
        basis = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.1)
        visit = Visit(
            Arrival(0, 5 * MS, kind), shop, pace=fake_shop.pace, record=record, random=Random(4), basis=basis
        )
        return Shopped(visit, rows)

    return begin
