"""A network in a dictionary, and time that passes only when somebody waits."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

import msgspec
import pytest

from rehearsal.model.clock import nanoseconds
from rehearsal.model.history import Row
from rehearsal.model.plan import VisitKind
from scenarios.behaviour import Temper
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.schedule import Arrival
from scenarios.storefront import Answer, Endpoints
from scenarios.visit import Basis, Visit
from scenarios.wishes import Offers, Wishes

MS = 1_000_000
SLOW = -1

T = TypeVar("T")


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

    def together(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """Make the calls one after another, each as if it began when the first did."""
        start_ns, ends_ns, answers = self.at_ns, [self.at_ns], []
        for call in calls:
            self.at_ns = start_ns
            answers.append(call())
            ends_ns.append(self.at_ns)
        self.at_ns = max(ends_ns)
        return answers


@dataclass
class FakeShop:
    """Answers requests from a script: path → answers in order, the last one for ever.

    An answer is (status, body), where body is JSON-able, bytes, or, with status 0, an error class. With
    status SLOW the body is after how many seconds the client's own patience ends; a shopper may have less.
    """

    pace: StillPace
    script: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    asked: list[tuple[str, str, Any, dict[str, str]]] = field(default_factory=list)
    give_up_s: float | None = None

    def request(self, method: str, url: str, **asked: Any) -> Reply:
        """Answer the next of the script."""
        path = "/" + url.split("?")[0].split("/", 3)[3]
        self.asked.append((method, path, asked.get("json"), dict(asked.get("headers") or {})))
        answers = self.script.get(path, [(404, {"error": "unknown_path"})])
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        sent_ns = self.pace.now_ns()
        if status == SLOW and (answer := self._slow(sent_ns, body)) is not None:
            return answer
        self.pace.at_ns += MS
        if status == 0:
            return Reply(sent_ns=sent_ns, done_ns=self.pace.at_ns, error=body)
        encoded = body if isinstance(body, bytes) else msgspec.json.encode(body)
        return Reply(sent_ns=sent_ns, done_ns=self.pace.at_ns, status=status, body=encoded)

    def _slow(self, sent_ns: int, takes_s: float) -> Reply | None:
        """Answer after `takes_s`, unless the shopper stops waiting before."""
        waits_s = math.inf if self.give_up_s is None else self.give_up_s
        self.pace.at_ns += nanoseconds(min(takes_s, waits_s))
        error = "given_up" if waits_s < takes_s else "timeout"
        return Reply(sent_ns=sent_ns, done_ns=self.pace.at_ns, error=error)

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
        "/orders/o1/cancel": [(200, {"order_id": "o1", "status": "cancelled"})],
        "/flash-sale/flash/queue": [(200, {"token": "t1", "place": 1})],
        "/flash-sale/flash/buy": [(201, {**ORDER, "sku": "flash", "qty": 1})],
    }
    cart = {"lines": [{"sku": sku, "qty": 9, "price_cents": 1} for sku in MockStorefront.catalogue]}
    for path in ("", "/items", "/coupon", "/gift-card"):
        script[f"/carts/s1-0{path}"] = [(200, {"shopper": "s1-0", **cart})]
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
        temper = Temper(random=Random(4))
        basis = Basis(sale_sku="flash", limit_per_shopper=1, think_s=0.1)
        visit = Visit(
            Arrival(0, 5 * MS, kind), shop, pace=fake_shop.pace, record=record, temper=temper, basis=basis
        )
        return Shopped(visit, rows)

    return begin


def wishing(
    visiting: Callable[[VisitKind], Shopped],
    wishes: Wishes,
    kind: VisitKind = VisitKind.CART,
    **offers: Any,
) -> Shopped:
    """Return a visit that was let in, of a shopper who wishes this in a shop that offers so much."""
    shopped = visiting(kind)
    shopped.visit.wishes = wishes
    shopped.visit.basis = msgspec.structs.replace(shopped.visit.basis, offers=Offers(**offers))
    shopped.visit.open()
    return shopped


def steps(shopped: Shopped) -> list[str]:
    """Return the steps of a visit after it was let in."""
    return [row.f for row in shopped.rows][1:]
