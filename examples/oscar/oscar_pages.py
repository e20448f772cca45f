"""The adapter of the same shop as people use it: HTML pages, forms with CSRF tokens, a payment by card."""

import re
from typing import Any

from msgspec.structs import replace
from oscar_rest import OscarRest

from rehearsal.model.readings import CHARGE_KINDS, ChargeReading, FinalReadings
from scenarios.money import cents
from scenarios.page import Page
from scenarios.storefront import Answer, Endpoints, GetJson, Says

#: Where the payment provider tells its charges.
LEDGER = "http://127.0.0.1:18121/charges"
_NO_STOCK = r"Unavailable\s*</p>|can be bought|no stock available"


class OscarPages(OscarRest):
    """One shopper with a browser. Paying makes the order here: `order` goes as far as the page before."""

    says = Says()

    def open(self) -> Answer:
        """Get the catalogue's page, and keep each product's address."""
        page = self.web.get("/catalogue/")
        links = re.findall(r'href="(/catalogue/product-(\w+)_\d+/)"', page.text)
        self._urls = {sku: path for path, sku in links}
        return self.told(page, bool(self._urls))

    def view(self, sku: str) -> Answer:
        """Get a product's page; it must be the one asked for."""
        page = self.web.get(self._urls[sku])
        return self.told(page, page.find(r"<h1>Product (\w+)") == sku, sku=sku)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Send the form on the product's page, if there is one: where the stock is out there is none."""
        del intent
        self._holds = {"sku": sku, "qty": qty}
        page = self.web.get(self._urls[sku])
        if form := page.find(r'action="(/basket/add/\d+/)"'):
            page = self.web.post(form, form=page.fields() | {"quantity": qty})
        added = "added to your cart" in page.text
        return self.told(page, added, error=_sold_out(page), **self._holds)

    def order(self, intent: str, **_: Any) -> Answer:
        """Go through the checkout up to the page with the button "Place order"."""
        page = self.web.get("/checkout/")
        page = self.web.post("/checkout/", form=page.fields() | {"username": self.mail})
        address = {"first_name": "Test", "last_name": self.shopper, "line1": "1 Road", "line4": "Town"}
        address |= {"postcode": "N1 9GU", "country": "GB", "notes": intent}
        self.web.post("/checkout/shipping-address/", form=page.fields() | address)
        page = self.web.get("/checkout/preview/")
        total = cents(page.find(r"(?s)Order total</h3>.*?€([\d.,]+)") or 0)
        return self.told(page, total > 0, error=_sold_out(page), amount_cents=total, **self._holds)

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Place the order. Only a page of thanks proves it: a refused card is a 200 as well."""
        del intent
        page = self.web.post("/checkout/preview/", form=self.web.page.fields())
        number, why = page.find(r"order number is\s*<strong>(\w+)"), page.find(r'alert-danger">\s*([^<]+)')
        refused = "declined" if "declined" in why else "payment_failed" if why else _sold_out(page)
        facts: dict[str, Any] = {"order_id": number, "payment_id": page.find(r"reference: ([\w-]+)")}
        facts |= {"sku": order.sku, "qty": order.qty, "amount_cents": order.amount_cents, "channel": channel}
        return self.told(page, bool(number), error=refused, **facts)

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read the shop as ever, and the provider's ledger: each charge is an authorize and a capture."""
        read, made = super().final_readings(get_json, endpoints), get_json(LEDGER)["charges"]
        paid = {charge["order"]: charge["id"] for charge in made}
        orders = tuple(
            replace(order, status="paid", channel="card", payment_id=paid.get(order.order_id, ""))
            for order in read.orders or ()
        )
        charges = (_charge(kind, charge) for charge in made for kind in CHARGE_KINDS[:2])
        return replace(read, orders=orders, charges=tuple(charges))


def _sold_out(page: Page) -> str:
    """Return the error of a page that says so in one of the shop's ways, else nothing."""
    return "sold_out" if page.find(_NO_STOCK) else ""


def _charge(kind: str, charge: dict[str, Any]) -> ChargeReading:
    return ChargeReading(
        entry_id=f"{kind}:{charge['id']}",
        kind=kind,
        payment_id=charge["id"],
        order_id=charge["order"],
        amount_cents=charge["amount_cents"],
        idempotency_key="",
    )
