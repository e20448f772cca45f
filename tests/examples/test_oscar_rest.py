"""The adapter of django-oscar's REST API, against answers of a real shop."""

import ast
from typing import Any

import pytest

from rehearsal.model.history import Outcome
from rehearsal.model.readings import OrderLine, OrderReading, StockReading
from tests.examples.oscar_kit import API, ENDPOINTS, FOLDER, REST, Script, read_books, shopper

ADD, BASKET, CHECKOUT = "POST /api/basket/add-product/", "GET /api/basket/", "POST /api/checkout/"
USUAL: Script = {
    "GET /api/products/": API["products"],
    "GET /api/products/2/": API["product"],
    ADD: API["added"],
    BASKET: API["basket"],
    CHECKOUT: API["ordered"],
}


def test_a_product_is_found_through_the_catalogue() -> None:
    """Its address is the shop's own; nothing is guessed."""
    shop, http = shopper(REST, USUAL)

    answer = shop.view("p1")

    assert (answer.outcome, answer.sku) == (Outcome.OK, "p1")
    assert http.asked == ["GET /api/products/", "GET /api/products/2/"]


def test_a_catalogue_that_is_none_lets_nobody_in() -> None:
    """An error page of the shop's is no list of products."""
    shop, _ = shopper(REST, {"GET /api/products/": {"status": 200, "body": {"detail": "Closed."}}})

    assert (shop.open() or pytest.fail("no answer")).outcome is Outcome.INFO


def test_an_order_reads_the_total_back() -> None:
    """The checkout wants it; the notes keep the intent, by which the order is known again."""
    shop, http = shopper(REST, USUAL)

    answer = shop.flash_buy("p1", 2, "buy:s-1")

    facts = (answer.outcome, answer.order_id, answer.sku, answer.qty, answer.amount_cents)
    assert facts == (Outcome.OK, "100004", "p1", 2, 3000)
    assert answer.channel == "pay_later"
    assert http.asked[1:] == [ADD, BASKET, CHECKOUT]
    assert http.sent[CHECKOUT]["total"] == API["basket"]["body"]["total_incl_tax"]
    assert http.sent[CHECKOUT]["guest_email"] == "s-1@rehearsal.invalid"
    assert http.sent[CHECKOUT]["shipping_address"]["notes"] == "buy:s-1"


@pytest.mark.parametrize(
    ("path", "told", "outcome", "error", "asked"),
    [
        pytest.param(ADD, API["short"], Outcome.FAIL, "sold_out", [ADD], id="406 is sold out"),
        pytest.param(
            CHECKOUT,
            API["wrong_total"],
            Outcome.FAIL,
            "Total incorrect 1.00 != 30.00",
            [ADD, BASKET, CHECKOUT],
            id="406 of the checkout is not",
        ),
        pytest.param(CHECKOUT, "timeout", Outcome.INFO, "timeout", [ADD, BASKET, CHECKOUT], id="lost"),
        pytest.param(
            BASKET, {"status": 500, "body": ""}, Outcome.INFO, "http_500", [ADD, BASKET], id="no basket"
        ),
        pytest.param(
            CHECKOUT,
            {"status": 200, "body": {}},
            Outcome.INFO,
            "bad_body",
            [ADD, BASKET, CHECKOUT],
            id="a 200 without an order",
        ),
        pytest.param(
            ADD, "connect_refused", Outcome.FAIL, "connect_refused", [ADD], id="it never left this machine"
        ),
    ],
)
def test_what_is_no_order_is_told_as_the_shop_told_it(
    path: str, told: Any, outcome: Outcome, error: str, asked: list[str]
) -> None:
    """And nothing is asked after a refusal."""
    shop, http = shopper(REST, {**USUAL, path: told})

    answer = shop.flash_buy("p1", 2, "buy:s-1")

    assert (answer.outcome, answer.error, answer.order_id) == (outcome, error, "")
    assert http.asked[1:] == asked


def test_a_cart_is_filled_and_ordered() -> None:
    """Two steps of their own."""
    shop, _ = shopper(REST, USUAL)

    added, ordered = shop.add_to_cart("p1", 2, "cart"), shop.order("buy:s-1")

    assert (added.outcome, added.qty) == (Outcome.OK, 2)
    assert (ordered.outcome, ordered.order_id) == (Outcome.OK, "100004")


def test_the_books_tell_stock_and_orders() -> None:
    """By the API's own pages for the staff; what is allocated is sold."""
    read = REST.final_readings(read_books, ENDPOINTS)

    flash = StockReading(sku="flash", initial=1, available=0, reserved=0, sold=1)
    assert flash in (read.stock or ())
    assert (read.orders or ())[0] == OrderReading(
        order_id="100004",
        shopper="s-1",
        intent="buy:s-1",
        status="confirmed",
        channel="pay_later",
        total_cents=3000,
        region="",
        lines=(OrderLine(sku="p1", qty=2, price_cents=1500),),
    )
    assert read.charges is None


def test_a_user_writes_it_in_an_hour() -> None:
    """Sixty lines of code, docstrings and comments aside."""
    source = (FOLDER / "oscar_rest.py").read_text(encoding="utf-8")
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, documented)]
    words = [node.body[0] for node in nodes if ast.get_docstring(node) is not None]
    told = {line for word in words for line in range(word.lineno, (word.end_lineno or 0) + 1)}
    lines = [line.strip() for number, line in enumerate(source.splitlines(), 1) if number not in told]

    assert len([line for line in lines if line and not line.startswith("#")]) <= 60
