"""The adapter that `rehearse init` writes: as it stands, it reads the mock shop as the shipped one does."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rehearsal.model.history import Outcome, Row
from rehearsal.model.plan import VisitKind
from scenarios.mock_storefront import MockStorefront
from scenarios.reply import Reply
from scenarios.shopper import PATHS
from scenarios.starter.storefront import LEDGER, MyStorefront
from scenarios.storefront import Answer, Endpoints, Storefront
from tests.scenarios.conftest import ORDER, PAID, FakeShop, Shopped

AT = Endpoints(url="http://director", admin_urls=("http://admin",))
ADAPTERS = (MyStorefront, MockStorefront)
BOUGHT = Answer(reply=Reply(sent_ns=0, done_ns=1), outcome=Outcome.OK, order_id="o1", amount_cents=700)
Ask = Callable[[Storefront], Answer | None]


@pytest.mark.parametrize("kind", [VisitKind.BROWSE, VisitKind.CART, VisitKind.FLASH_SALE])
def test_every_visit_goes_well_in_a_shop_that_works(
    fake_shop: FakeShop, visiting: Callable[[VisitKind], Shopped], kind: VisitKind
) -> None:
    """From the first request to the last, with the order and the payment in the rows."""
    shopped = visiting(kind)
    shopped.visit.shop = MyStorefront(fake_shop, "s1-0", AT)
    fake_shop.script["/flash-sale/flash/buy"] = [(201, {**ORDER, "sku": "flash", "qty": 1})]

    assert shopped.visit.open()
    assert PATHS[kind](shopped.visit)
    assert {(Outcome.OK, "")} == {(row.outcome, row.error) for row in shopped.rows}
    assert _bought(shopped.rows) == ([] if kind is VisitKind.BROWSE else [("o1", 700), ("o1", 700)])


def _bought(rows: list[Row]) -> list[tuple[str, int]]:
    return [(row.order_id, row.amount_cents) for row in rows if row.f in {"order", "flash_buy", "pay"}]


ANSWERS: list[tuple[str, str, Ask, int, Any]] = [
    ("no region", "/route", lambda shop: shop.open(), 503, {"error": "no_region"}),
    ("a region without an address", "/route", lambda shop: shop.open(), 200, {"region": "a"}),
    ("another product", "/products/p1", lambda shop: shop.view("p1"), 200, {"sku": "p2"}),
    ("no such product", "/products/p1", lambda shop: shop.view("p1"), 404, {"error": "unknown_sku"}),
    ("an empty answer", "/products/p1", lambda shop: shop.view("p1"), 200, {}),
    ("a crash", "/products/p1", lambda shop: shop.view("p1"), 500, {"error": "internal"}),
    ("no answer", "/products/p1", lambda shop: shop.view("p1"), 0, "timeout"),
    ("nobody there", "/products/p1", lambda shop: shop.view("p1"), 0, "connect_refused"),
    ("too many", "/orders", lambda shop: shop.order("i"), 429, {}),
    ("sold out", "/orders", lambda shop: shop.order("i"), 409, {"error": "sold_out"}),
    ("no order in it", "/orders", lambda shop: shop.order("i"), 201, {"total_cents": 700}),
    ("the database down", "/orders", lambda shop: shop.order("i"), 503, {"error": "unavailable"}),
    ("no cart", "/carts/s/items", lambda shop: shop.add_to_cart("p1", 1, "i"), 200, {"lines": []}),
    ("declined", "/orders/o1/pay", lambda shop: shop.pay(BOUGHT, "card", "i"), 402, {"error": "declined"}),
    ("undecided", "/orders/o1/pay", lambda shop: shop.pay(BOUGHT, "card", "i"), 202, {"status": "pending"}),
    (
        "no provider",
        "/orders/o1/pay",
        lambda shop: shop.pay(BOUGHT, "card", "i"),
        503,
        {"error": "payment_unavailable", "fallback": "pay_later"},
    ),
    (
        "another amount",
        "/orders/o1/pay",
        lambda shop: shop.pay(BOUGHT, "card", "i"),
        200,
        {**PAID, "amount_cents": 1},
    ),
    ("too late", "/orders/o1", lambda shop: shop.query(BOUGHT), 200, {**PAID, "status": "expired"}),
    ("still open", "/orders/o1", lambda shop: shop.query(BOUGHT), 200, {"status": "pending_payment"}),
    ("paid after all", "/orders/o1", lambda shop: shop.query(BOUGHT), 200, PAID),
]


@pytest.mark.parametrize(
    ("path", "ask", "status", "body"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS]
)
def test_each_answer_is_read_as_the_shipped_adapter_reads_it(
    fake_shop: FakeShop, path: str, ask: Ask, status: int, body: object
) -> None:
    """Ok, fail and info, with the same word: two adapters of one shop agree."""
    shops = [adapter(fake_shop, "s", AT) for adapter in ADAPTERS]
    for shop in shops:
        shop.open()
    fake_shop.script[path] = [(status, body)]
    mine, shipped = map(ask, shops)
    assert mine is not None
    assert shipped is not None

    assert (shipped.outcome, shipped.error) == (mine.outcome, mine.error)


BOOKS: dict[str, Any] = {
    "http://admin/admin/stock": {
        "stock": [{"sku": "flash", "initial": 9, "available": 5, "reserved": 1, "sold": 3, "restocked": 0}]
    },
    "http://admin/admin/orders": {
        "orders": [
            {
                "order_id": "o1",
                "shopper": "s1-0",
                "intent": "buy:s1-0",
                "status": "pending_payment",
                "channel": "card",
                "total_cents": 700,
                "region": "a",
                "payment_id": None,
                "lines": [{"sku": "flash", "qty": 1, "price_cents": 700}],
            }
        ]
    },
    LEDGER: {
        "entries": [
            {
                "entry_id": "e-1",
                "kind": "capture",
                "payment_id": "p1",
                "order_id": "o1",
                "amount_cents": 700,
                "idempotency_key": "k",
            }
        ]
    },
    "http://admin/admin/pending": {"pending_payments": 1, "reserved_units": 2},
}


def books(url: str, *, headers: Mapping[str, str] | None = None) -> Any:
    """Answer as the mock shop's books do."""
    return BOOKS[url]


def test_the_books_are_read() -> None:
    """Stock, orders and ledger, what is still open, and the stock for the picture."""
    read = MyStorefront.final_readings(books, AT)
    assert read.orders is not None
    assert read.charges is not None
    assert read.stock is not None

    assert (
        read.orders[0].order_id,
        read.orders[0].payment_id,
        read.orders[0].lines[0].sku,
    ) == ("o1", "", "flash")
    assert (read.charges[0].kind, read.charges[0].amount_cents) == ("capture", 700)
    assert tuple(getattr(read.stock[0], name) for name in ("initial", "available", "reserved", "sold")) == (
        9,
        5,
        1,
        3,
    )
    assert MyStorefront.unsettled(books, AT) == 3
    assert tuple(MyStorefront.stock(books, AT, sku) for sku in ("flash", "p1")) == (5, None)


def test_it_offers_what_the_plan_beside_it_asks_for() -> None:
    """And no reading that the mock shop has and another shop seldom: those the report names."""
    read = MyStorefront.final_readings(books, AT)

    assert read.events is None
    assert read.confirmations is None
