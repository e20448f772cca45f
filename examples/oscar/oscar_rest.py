"""The adapter of a django-oscar shop that is used through django-oscar-api: orders by REST, on account."""

from typing import Any

from rehearsal.model.readings import FinalReadings, OrderLine, OrderReading, StockReading
from scenarios.money import cents
from scenarios.storefront import Answer, Endpoints, GetJson, Says, Storefront


class OscarRest(Storefront):
    """One shopper, whom the shop knows by the cookie of her basket."""

    catalogue = ("p1", "p2", "p3", "p4", "p5")
    says = Says(refusals={406: "sold_out"})

    def open(self) -> Answer:
        """Get the catalogue, and keep each product's address."""
        page = self.web.get("/api/products/")
        self._urls = {one["upc"]: one["url"] for one in (page.json() if page.at("0.url") else ())}
        return self.told(page, bool(self._urls))

    def view(self, sku: str) -> Answer:
        """Get a product; it must be the one asked for."""
        page = self.web.get(self._urls[sku])
        return self.told(page, page.at("upc") == sku, sku=sku)

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Put the product into the basket and order at once."""
        added = self.add_to_cart(sku, qty, intent)
        return added if added.error else self.order(intent, sku=sku, qty=qty)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:  # noqa: ARG002 - the API takes no key
        """Put the product into the basket; the API answers 406 if the stock does not suffice."""
        page = self.web.post("/api/basket/add-product/", json={"url": self._urls[sku], "quantity": qty})
        return self.told(page, bool(page.at("lines")), sku=sku, qty=qty)

    def order(self, intent: str, **facts: Any) -> Answer:
        """Read the basket's total back, as the checkout asks for it, and order; the notes keep the intent."""
        basket = self.web.get("/api/basket/")
        if not basket.at("url"):
            return self.told(basket, good=False, **facts)
        address = {"first_name": "Test", "last_name": self.shopper, "line1": "1 Road", "line4": "Town"}
        address |= {"postcode": "N1 9GU", "country": "/api/countries/GB/", "notes": intent}
        basis = {"basket": basket.at("url"), "total": basket.at("total_incl_tax"), "guest_email": self.mail}
        sent = {"shipping_method_code": "free-shipping", "shipping_address": address}
        page = self.web.post("/api/checkout/", json=basis | sent)
        number, total = page.at("number", ""), cents(page.at("total_incl_tax", 0))
        facts |= {"order_id": number, "amount_cents": total, "channel": "pay_later"}
        return self.told(page, bool(number), error=page.at("non_field_errors.0", ""), **facts)

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read stock and orders from the pages that the API has for the staff."""
        token = {"Authorization": f"Token {endpoints.secrets['staff_token']}"}
        base = f"{endpoints.admin_urls[0]}/api"
        products = get_json(f"{base}/admin/products/", headers=token)
        skus = {f"{base}/products/{product['id']}/": product["upc"] for product in products}
        orders = []
        for order in get_json(f"{base}/admin/orders/", headers=token):
            lines = get_json(order["lines"], headers=token)
            orders.append(_order_of(order, tuple(_line_of(line, skus[line["product"]]) for line in lines)))
        return FinalReadings(stock=tuple(map(_stock_of, products)), orders=tuple(orders))


def _stock_of(product: dict[str, Any]) -> StockReading:
    """Return a product's stock: what is allocated to orders is sold, though it is still on the shelf."""
    held, sold = (product["stockrecords"][0][name] or 0 for name in ("num_in_stock", "num_allocated"))
    return StockReading(sku=product["upc"], initial=held, available=held - sold, reserved=0, sold=sold)


def _line_of(line: dict[str, Any], sku: str) -> OrderLine:
    price_cents = cents(line["price_incl_tax"]) // line["quantity"]
    return OrderLine(sku=sku, qty=line["quantity"], price_cents=price_cents)


def _order_of(order: dict[str, Any], lines: tuple[OrderLine, ...]) -> OrderReading:
    """Return an order; on account, so it is confirmed as soon as it is there."""
    return OrderReading(
        order_id=order["number"],
        shopper=order["email"].partition("@")[0],
        intent=order["shipping_address"]["notes"],
        status="cancelled" if order["status"] == "cancelled" else "confirmed",
        channel="pay_later",
        total_cents=cents(order["total_incl_tax"]),
        region="",
        lines=lines,
    )
