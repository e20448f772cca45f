"""The adapter of the shop's pages, against pages of a real shop."""

from typing import Any

import pytest

from rehearsal.model.history import Outcome
from rehearsal.model.readings import ChargeReading
from scenarios.storefront import Answer, Storefront
from tests.examples.oscar_kit import ENDPOINTS, HTML, PAGES, Script, read_books, shopper

PRODUCT, PREVIEW = "GET /catalogue/product-flash_1/", "GET /checkout/preview/"
PLACE = "POST /checkout/preview/"
USUAL: Script = {
    "GET /catalogue/": HTML["catalogue"],
    PRODUCT: HTML["product"],
    # The shop leads back to the page it came from; only then it says what it did.
    "POST /basket/add/1/": {**HTML["add"], "location": "/added/"},
    "GET /added/": HTML["added"],
    "GET /checkout/": HTML["checkout"],
    "POST /checkout/": HTML["named"],
    "GET /checkout/shipping-address/": HTML["address"],
    "POST /checkout/shipping-address/": HTML["addressed"],
    "GET /checkout/shipping-method/": HTML["shipping-method"],
    "GET /checkout/payment-method/": HTML["payment-method"],
    "GET /checkout/payment-details/": HTML["payment-details"],
    PREVIEW: HTML["preview"],
    PLACE: HTML["placed"],
    "GET /checkout/thank-you/": HTML["thanks"],
    "GET /basket/": HTML["basket"],
}


def pay(shop: Storefront) -> Answer:
    """Buy in the sale and pay."""
    bought = shop.flash_buy("flash", 1, "buy:s-1")
    return shop.pay(bought, "card", "pay") or pytest.fail("no answer")


def test_a_purchase_ends_on_the_page_of_thanks() -> None:
    """Paying makes the order: its answer names order, payment, product and amount."""
    shop, http = shopper(PAGES, USUAL)

    viewed, bought = shop.view("flash"), shop.flash_buy("flash", 1, "buy:s-1")
    paid = shop.pay(bought, "card", "pay") or pytest.fail("no answer")

    assert (viewed.outcome, bought.outcome, bought.order_id) == (Outcome.OK, Outcome.OK, "")
    assert (paid.outcome, paid.order_id, paid.payment_id) == (Outcome.OK, "100002", "ch-1")
    assert (paid.sku, paid.qty, paid.amount_cents) == ("flash", 1, 19900)
    assert http.sent[PLACE] == {"csrfmiddlewaretoken": "token-of-this-page", "action": "place_order"}


def test_every_form_carries_the_token_of_its_page() -> None:
    """And what the shopper types."""
    shop, http = shopper(PAGES, USUAL)

    pay(shop)

    tokens = {form["csrfmiddlewaretoken"] for name, form in http.sent.items() if name.startswith("POST")}
    assert tokens == {"token-of-this-page"}
    assert http.sent["POST /basket/add/1/"]["quantity"] == "1"
    assert http.sent["POST /checkout/"]["options"] == "anonymous"
    assert http.sent["POST /checkout/"]["username"] == "s-1@rehearsal.invalid"
    assert http.sent["POST /checkout/shipping-address/"]["notes"] == "buy:s-1"


@pytest.mark.parametrize(
    ("told", "outcome", "error"),
    [
        pytest.param(HTML["declined"], Outcome.FAIL, "declined", id="a declined card is a 200"),
        pytest.param(HTML["dead"], Outcome.FAIL, "payment_failed", id="a dead provider is a 200"),
        pytest.param(HTML["too_late"], Outcome.FAIL, "sold_out", id="the last unit has gone meanwhile"),
        pytest.param(HTML["preview"], Outcome.INFO, "bad_body", id="the same page again proves nothing"),
        pytest.param("timeout", Outcome.INFO, "timeout", id="lost"),
    ],
)
def test_only_thanks_prove_a_payment(told: Any, outcome: Outcome, error: str) -> None:
    """Whatever the status says."""
    shop, _ = shopper(PAGES, {**USUAL, PLACE: told})

    answer = pay(shop)

    assert (answer.outcome, answer.error, answer.order_id) == (outcome, error, "")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param(PRODUCT, HTML["sold_out"], id="the page has no form any more"),
        pytest.param(PREVIEW, {"status": 302, "location": "/basket/", "body": ""}, id="during the checkout"),
    ],
)
def test_sold_out_is_told_from_the_page(path: str, told: Any) -> None:
    """In the words of the shop, on a 200."""
    shop, _ = shopper(PAGES, {**USUAL, path: told})

    answer = shop.flash_buy("flash", 1, "buy:s-1")

    assert (answer.outcome, answer.error) == (Outcome.FAIL, "sold_out")


def test_the_providers_ledger_is_read_beside_the_books() -> None:
    """One charge is an authorize and a capture, and belongs to its order."""

    def read(url: str, *, headers: Any = None) -> Any:
        return read_books(url, headers=headers)

    found = PAGES.final_readings(read, ENDPOINTS)

    paid = {order.order_id: (order.status, order.payment_id) for order in found.orders or ()}
    assert paid["100002"] == ("paid", "ch-1")
    assert paid["100004"] == ("paid", "")
    assert (found.charges or ())[1] == ChargeReading(
        entry_id="capture:ch-1",
        kind="capture",
        payment_id="ch-1",
        order_id="100002",
        amount_cents=19900,
        idempotency_key="",
    )
