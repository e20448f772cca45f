"""The adapter of the hostile shop: honest, and as short as a user's first one."""

from typing import ClassVar

from rehearsal.model.readings import FinalReadings, OrderLine, OrderReading
from scenarios.storefront import Answer, Endpoints, GetJson, Says, Storefront
from tests.hostile.shop import PRICE


class HostileStorefront(Storefront):
    """Logs in, looks, orders one product at once, pays, and asks where the parcel is."""

    catalogue: tuple[str, ...] = ("p1", "p2")
    says: ClassVar[Says] = Says(refusals={"sold out": "sold_out"})
    _parcel = "/parcels"

    def open(self) -> Answer:
        """Log in."""
        self.web.headers["X-Shopper"] = self.shopper
        page = self.web.post("/login", json={"user": self.shopper})
        self.web.bearer(page.at("token", ""))
        return self.told(page, bool(page.at("token")))

    def view(self, sku: str) -> Answer:
        """Look at a product."""
        page = self.web.get(f"/products/{sku}")
        return self.told(page, page.at("sku") == sku, sku=sku)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Put a product into the cart."""
        page = self.web.post("/cart", json={"sku": sku, "qty": qty})
        return self.told(page, sku=sku, qty=qty)

    def order(self, intent: str) -> Answer:
        """Order."""
        return self._ordered("p1", 1)

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Buy in the sale."""
        return self._ordered(sku, qty)

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Pay by card."""
        page = self.web.post(f"/pay/{order.order_id}", json={})
        paid = page.at("status") == "paid"
        self._parcel = page.at("parcel", self._parcel)
        return self.told(
            page, paid, order_id=order.order_id, channel=channel, amount_cents=page.at("total", 0)
        )

    def logistics(self, order: Answer) -> Answer:
        """Ask for the parcel."""
        return self.told(self.web.get(self._parcel), order_id=order.order_id)

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read the orders."""
        read = get_json(f"{endpoints.url}/orders")["orders"]
        return FinalReadings(orders=tuple(_order(row) for row in read))

    def _ordered(self, sku: str, qty: int) -> Answer:
        page = self.web.post("/orders", json={"sku": sku, "qty": qty})
        number = page.at("order_id", "")
        return self.told(
            page, bool(number), order_id=number, amount_cents=page.at("total", 0), sku=sku, qty=qty
        )


class CarelessStorefront(HostileStorefront):
    """Takes for granted what an answer holds, and prints."""

    def order(self, intent: str) -> Answer:
        """Order."""
        page = self.web.post("/orders", json={"sku": "p1", "qty": 1})
        return self.told(page, order_id=page.json()["order_id"])

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read what is not there."""
        return FinalReadings(stock=get_json(f"{endpoints.url}/orders")["stock"])


class TellingStorefront(HostileStorefront):
    """Tells in its own words what it was told to keep to itself."""

    def order(self, intent: str) -> Answer:
        """Order."""
        raise ValueError(f"{self.row('users')['password']} and {self.secrets['shop']}")


class VagueStorefront(HostileStorefront):
    """Says that all is well, and not what came of it."""

    def _ordered(self, sku: str, qty: int) -> Answer:
        return self.told(self.web.post("/orders", json={"sku": sku, "qty": qty}))


class EmptyStorefront(HostileStorefront):
    """Has nothing to sell."""

    catalogue = ()


def _order(row: dict[str, object]) -> OrderReading:
    line = OrderLine(sku=str(row.get("sku", "p1")), qty=1, price_cents=PRICE)
    return OrderReading(
        order_id=str(row["order_id"]),
        shopper=str(row["shopper"]),
        intent="",
        status="pending_payment" if row["status"] == "open" else str(row["status"]),
        channel="card",
        total_cents=int(str(row["total"])),
        region="",
        lines=(line,),
    )
