"""How the rehearsal speaks to my shop. As it stands, it speaks to the mock shop (`rehearse store up`).

Each method asks the shop once and says how that ended. `self.web` is the shopper's browser: get, post (json=
or form=) and graphql; it keeps cookies and follows redirects, and `self.web.page` is the page before. Of a
page, `page.at("a.0.b")` reads JSON, `page.fields()` what its forms would send, and `page.find("regex")` the
rest. `self.told(page, good, ...)` says what it means: `good` is whether it holds what was asked for, and what
follows are facts about the order.

Change one method after the other, and look how its answers are read: rehearse doctor --target plan.toml
"""

from typing import Any

from rehearsal.model.readings import ChargeReading, FinalReadings, OrderLine, OrderReading, StockReading
from scenarios.page import Page
from scenarios.storefront import Answer, Endpoints, GetJson, Says, Storefront

#: Where the payment provider's own ledger is read, if it is to be had.
LEDGER = "http://127.0.0.1:18081/admin/ledger"

#: What this shop calls an order that is paid, and one whose payment is not decided yet.
PAID = {"paid", "confirmed"}
OPEN = {"pending", "pending_payment"}


class MyStorefront(Storefront):
    """One shopper in my shop; a visit makes one, so what is kept in `self` is this shopper's own."""

    # Your shop: SKUs, slugs or ids of ordinary products that have stock enough.
    catalogue = ("p1", "p2", "p3", "p4", "p5")

    # Your shop: how it says no. A 4xx is a refusal, and the JSON body's `error` names it (`error_at`: another
    # field). Give the rehearsal's words, sold_out, not_open, limit_reached, declined, payment_unavailable and
    # busy, to your shop's statuses and errors: {406: "sold_out"}. A 5xx may have had its effect all the same,
    # unless it is listed here; after an error in `unknown`, it is not known either.
    says = Says(
        refusals={"unavailable": "unavailable", "payment_unavailable": "payment_unavailable", "busy": "busy"},
        unknown=("pending",),
    )

    def open(self) -> Answer:
        """Begin the visit."""
        # Your shop: log in, or fetch what later requests must carry (a cookie is kept by itself; a token:
        # self.web.bearer(...)). Where there is nothing to do, delete this method.
        page = self.web.get(f"/route?shopper={self.shopper}")
        self.web.base = page.at("url", self.web.base)
        self.web.headers["X-Shopper"] = self.shopper
        return self.told(page, bool(page.at("url")))

    def view(self, sku: str) -> Answer:
        """Look at a product."""
        # Your shop: the product's page or API. A page that is not this product's must not be good; of HTML
        # ask for something that stands there only: bool(page.find("Add to basket")).
        page = self.web.get(f"/products/{sku}")
        return self.told(page, page.at("sku") == sku, sku=sku)

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Buy in the flash sale: an order that still has to be paid."""
        # Your shop: all that a buyer of the sale's product does up to the payment; several requests are fine.
        # Where paying makes the order, name no order_id here but in `pay`, with sku and qty.
        page = self.web.post(f"/flash-sale/{sku}/buy", json={"qty": qty}, headers=_key(intent))
        return self._ordered(page, sku=sku, qty=qty)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Put units of a product into this shopper's cart."""
        # Your shop: the request behind the button. An HTML form's token comes from the page before:
        # self.web.post("/cart/add/", form={**self.web.page.fields(), "product": sku, "quantity": qty}).
        body = {"sku": sku, "qty": qty}
        page = self.web.post(f"/carts/{self.shopper}/items", json=body, headers=_key(intent))
        return self.told(page, bool(page.at("lines.0.sku")), sku=sku, qty=qty)

    def order(self, intent: str) -> Answer:
        """Order what is in the cart."""
        # Your shop: the checkout up to the payment: address, delivery, total read back.
        return self._ordered(self.web.post("/orders", json={}, headers=_key(intent)))

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Pay an order, by `card` or `pay_later`."""
        # Your shop: the payment with a test card. If it takes none here, delete this method, `query` and the
        # plan's payment_success, and let `_ordered` name channel="pay_later": the order stands as it is.
        body = {"channel": channel, "amount_cents": order.amount_cents}
        page = self.web.post(f"/orders/{order.order_id}/pay", json=body, headers=_key(intent))
        return self._paid(page, order, channel)

    def query(self, order: Answer) -> Answer:
        """Ask for an order whose payment is not decided yet."""
        # Your shop: the order's page or API. If no payment stays open in your shop, delete this method.
        page = self.web.get(f"/orders/{order.order_id}")
        return self._paid(page, order, page.at("channel", ""))

    def _ordered(self, page: Page, **facts: Any) -> Answer:
        # Your shop: where the answer names order and total. A price such as "19.99": cents(page.at("price")),
        # from scenarios.money.
        order_id, total = str(page.at("order_id", "")), page.at("total_cents", 0)
        return self.told(page, bool(order_id and total), order_id=order_id, amount_cents=total, **facts)

    def _paid(self, page: Page, order: Answer, channel: str) -> Answer:
        # Your shop: what says that the order is paid, and what that it is not decided.
        status, amount = page.at("status", ""), page.at("amount_cents", 0)
        return self.told(
            page,
            status in PAID and amount == order.amount_cents,
            error="pending" if status in OPEN else "" if status in PAID else status,
            order_id=order.order_id,
            payment_id=page.at("payment_id", ""),
            amount_cents=amount,
            channel=channel,
        )

    # Your shop may have more. Each of these is asked for if you write it, and the plan has a use for it:
    # cart, countdown, queue, apply_coupon, apply_gift_card, order_otherwise, logistics, cancel
    # (scenarios/storefront.py says what they mean).

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read after the run what the shop and the provider have in their books: the audit judges by it."""
        # Your shop: an admin API, or a small script that serves the database as JSON. What cannot be read,
        # leave out: the checks that need it are then INCONCLUSIVE, and the report names them.
        admin = endpoints.admin_urls[0]
        return FinalReadings(
            stock=tuple(_stock_of(row) for row in get_json(f"{admin}/admin/stock")["stock"]),
            orders=tuple(_order_of(row) for row in get_json(f"{admin}/admin/orders")["orders"]),
            charges=tuple(ChargeReading(**row) for row in get_json(LEDGER)["entries"]),
        )

    @classmethod
    def unsettled(cls, get_json: GetJson, endpoints: Endpoints) -> int:
        """Return how many payments and reservations are still open; the readings wait until there is none."""
        # Your shop: a number from its admin API; or delete this method, and nothing is waited for.
        return sum(get_json(f"{endpoints.admin_urls[0]}/admin/pending").values())

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Return the units of a SKU that can still be bought; it is asked every second, for a picture."""
        # Your shop: the same, or delete this method.
        rows = get_json(f"{endpoints.admin_urls[0]}/admin/stock")["stock"]
        return next((row["available"] for row in rows if row["sku"] == sku), None)


def _key(intent: str) -> dict[str, str]:
    """Return the header by which the shop knows a request again that it has had before."""
    # Your shop: its own name of it; {} if it has none.
    return {"Idempotency-Key": intent}


def _stock_of(row: dict[str, Any]) -> StockReading:
    # Your shop: its names on the right; 0 for what it does not count. initial = available + reserved + sold.
    return StockReading(
        sku=row["sku"],
        initial=row["initial"],
        available=row["available"],
        reserved=row["reserved"],
        sold=row["sold"],
    )


def _order_of(row: dict[str, Any]) -> OrderReading:
    # Your shop: its names on the right. `shopper` is who ordered, as self.shopper has it (of self.mail what
    # stands before the @), or ""; `intent` that of `order` or `flash_buy`, or "" if the shop keeps none;
    # `status` is one of pending_payment, paid, confirmed (to be paid later), expired and cancelled. Delivery
    # and discount are lines too: the total is their sum.
    return OrderReading(
        order_id=row["order_id"],
        shopper=row["shopper"],
        intent=row["intent"],
        status=row["status"],
        channel=row["channel"],
        total_cents=row["total_cents"],
        region=row["region"],
        lines=tuple(OrderLine(**line) for line in row["lines"]),
        payment_id=row["payment_id"] or "",
    )
