"""The adapter of a GraphQL shop: one address, a bearer token, and errors inside answers of 200.

What it asks stands in operations.graphql beside it, as clients of such shops keep it.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from rehearsal.model.history import PENDING
from rehearsal.model.readings import FinalReadings
from scenarios.answer import SESSION_EXPIRED
from scenarios.money import cents
from scenarios.page import Page
from scenarios.storefront import Answer, Endpoints, GetJson, Says, Storefront

OPERATIONS = Path(__file__).with_name("operations.graphql").read_text(encoding="utf-8")


class GraphqlStorefront(Storefront):
    """One shopper of the stand-in: `graphql_shop.py` says what it offers."""

    catalogue = ("mug", "shirt", "poster", "cap")
    says = Says(
        error_at=("errors.0.extensions.code",),
        refusals={
            "SOLD_OUT": "sold_out",
            "LIMIT_REACHED": "limit_reached",
            "CARD_DECLINED": "declined",
            "ORDER_EXPIRED": "expired",
            "EMPTY_CART": "empty_cart",
            "UNAUTHENTICATED": SESSION_EXPIRED,
            "PAYMENT_PENDING": PENDING,
        },
        unknown=(PENDING, "INTERNAL_SERVER_ERROR"),  # the money may move all the same
    )

    def open(self) -> Answer:
        """Log in; the token goes with every request from then on."""
        page = self._asked("Login", email=self.mail, password=self.secrets["password"])
        self.web.bearer(page.at("data.login.accessToken", ""))
        return self.told(page, bool(page.at("data.login.accessToken")))

    def view(self, sku: str) -> Answer:
        """Get the product page; it must be the product asked for."""
        page = self._asked("Product", sku=sku)
        return self.told(page, page.at("data.product.sku") == sku, sku=sku)

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Buy in the flash sale: an order that has to be paid within five seconds."""
        return self._ordered(self._asked("FlashBuy", sku=sku, quantity=qty, key=intent), sku=sku, qty=qty)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Put units into the cart; it must hold them then."""
        page = self._asked("AddToCart", sku=sku, quantity=qty, key=intent)
        held = {"sku": sku, "quantity": qty} in page.at("data.cart.lines", [])
        return self.told(page, held, sku=sku, qty=qty)

    def order(self, intent: str) -> Answer:
        """Order the cart."""
        return self._ordered(self._asked("Checkout", key=intent))

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Pay; what it says of an order that the bank takes its time over is neither yes nor no."""
        card = self.row("cards")["number"]
        page = self._asked("Pay", id=order.order_id, method=channel, card=card, key=intent)
        return self._paid(page, order)

    def query(self, order: Answer) -> Answer:
        """Ask for the order's state."""
        return self._paid(self._asked("Order", id=order.order_id), order)

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read the books as staff; the audit knows shoppers by their names, the shop by their mail."""
        books = _books(get_json, endpoints)
        for order in books["orders"]:
            order["shopper"] = order["shopper"].partition("@")[0]
        return msgspec.convert(books, FinalReadings)

    @classmethod
    def unsettled(cls, get_json: GetJson, endpoints: Endpoints) -> int:
        """Return how many orders are neither paid nor expired yet."""
        return int(_books(get_json, endpoints)["open"])

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Return the units that can still be bought."""
        found = _books(get_json, endpoints)["stock"]
        return next((row["available"] for row in found if row["sku"] == sku), None)

    def _asked(self, operation: str, **variables: Any) -> Page:
        return self.web.graphql("/graphql", OPERATIONS, operation, **variables)

    def _ordered(self, page: Page, **facts: Any) -> Answer:
        """Return what came of a wish for an order: it must have an id and a total."""
        order_id, total = page.at("data.order.id", ""), cents(page.at("data.order.total", 0))
        return self.told(page, bool(order_id) and total > 0, order_id=order_id, amount_cents=total, **facts)

    def _paid(self, page: Page, order: Answer) -> Answer:
        """Return whether an order is paid, and that for what it was said to cost."""
        status, total = page.at("data.order.status"), cents(page.at("data.order.total", 0))
        error = {"OPEN": PENDING, "EXPIRED": "expired"}.get(status, "")
        facts = {"order_id": order.order_id, "payment_id": page.at("data.order.paymentId", "")}
        good = status == "PAID" and total == order.amount_cents
        return self.told(page, good, error=error, amount_cents=total, channel="card", **facts)


def _books(get_json: GetJson, endpoints: Endpoints) -> Any:
    asked = urlencode({"query": OPERATIONS, "operationName": "Books"})
    token = {"Authorization": f"Bearer {endpoints.secrets['staff_token']}"}
    return get_json(f"{endpoints.url}/graphql?{asked}", headers=token)["data"]["books"]
