"""The adapter of the mock shop: a director says which region to use, errors are named in JSON."""

from typing import Any

import msgspec

from rehearsal.model.history import PENDING, Outcome
from rehearsal.model.readings import ChargeReading, FinalReadings, OrderReading, StockReading
from scenarios.reply import Reply
from scenarios.storefront import Answer, Endpoints, GetJson, Storefront, answer_of

_PAID = {"paid", "confirmed"}


class MockStorefront(Storefront):
    """Speaks to mock_store. A shopper stays in the region the director named until something breaks."""

    catalogue = tuple(f"p{number}" for number in range(1, 21))
    _base = ""
    _region = ""

    def open(self) -> Answer:
        """Ask the director which region to use now."""
        reply = self.http.request("GET", f"{self.endpoints.url}/route?shopper={self.shopper}")
        answer, body = answer_of(reply)
        if answer.outcome is Outcome.OK:
            if not (body.get("url") and body.get("region")):
                return _info(answer, "bad_body")
            self._base, self._region = str(body["url"]), str(body["region"])
        # The director answered, not the region it names.
        return msgspec.structs.replace(answer, region="")

    def view(self, sku: str) -> Answer:
        """Get the product page; it must be the product asked for."""
        answer, body = answer_of(self._send("GET", f"/products/{sku}"))
        return _checked(answer, body.get("sku") == sku, sku=sku, region=self._region)

    def countdown(self, sku: str) -> Answer:
        """Get the product page; it must say how many milliseconds it takes until the sale opens."""
        answer, body = answer_of(self._send("GET", f"/products/{sku}"))
        left_ms = body.get("opens_in_ms")
        good = body.get("sku") == sku and isinstance(left_ms, int) and left_ms >= 0
        return _checked(answer, good, sku=sku, region=self._region)

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Buy in the flash sale."""
        reply = self._send("POST", f"/flash-sale/{sku}/buy", {"qty": qty}, intent)
        return self._order_of(*answer_of(reply), sku=sku, qty=qty)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Put units into the cart; the cart in the answer must hold them."""
        answer, body = answer_of(
            self._send("POST", f"/carts/{self.shopper}/items", {"sku": sku, "qty": qty}, intent)
        )
        return _checked(answer, _holds(body.get("lines"), sku, qty), sku=sku, qty=qty, region=self._region)

    def order(self, intent: str) -> Answer:
        """Order the cart."""
        return self._order_of(*answer_of(self._send("POST", "/orders", {}, intent)))

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Pay by card or on account. 202 is pending; a 503 that names a fallback promises no charge."""
        wanted = {"channel": channel, "amount_cents": order.amount_cents}
        reply = self._send("POST", f"/orders/{order.order_id}/pay", wanted, intent)
        refused = (reply.json() or {}).get("error") if not reply.error else None
        if refused == "payment_unavailable":
            known = Answer(reply=reply, outcome=Outcome.FAIL, error="payment_unavailable")
        else:
            known, _ = answer_of(reply)
        return self._payment_of(known, reply.json() or {}, order, channel)

    def query(self, order: Answer) -> Answer:
        """Ask for the order's state."""
        answer, body = answer_of(self._send("GET", f"/orders/{order.order_id}"))
        return self._payment_of(answer, body, order, str(body.get("channel") or ""))

    def logistics(self, order: Answer) -> Answer:
        """Ask where the parcel is."""
        answer, body = answer_of(self._send("GET", f"/orders/{order.order_id}/logistics"))
        good = body.get("order_id") == order.order_id and bool(body.get("state"))
        return _checked(answer, good, order_id=order.order_id, region=self._region)

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read stock and orders from the first region, charges from the provider's ledger if there is one."""
        shop = endpoints.admin_urls[0]
        orders = msgspec.convert(get_json(f"{shop}/admin/orders")["orders"], tuple[OrderReading, ...])
        stock = msgspec.convert(get_json(f"{shop}/admin/stock")["stock"], tuple[StockReading, ...])
        if not endpoints.ledger_url:
            return FinalReadings(stock=stock, orders=orders)
        entries = get_json(f"{endpoints.ledger_url}/admin/ledger")["entries"]
        return FinalReadings(
            stock=stock, orders=orders, charges=msgspec.convert(entries, tuple[ChargeReading, ...])
        )

    @classmethod
    def unsettled(cls, get_json: GetJson, endpoints: Endpoints) -> int:
        """Return pending payments, unreconciled payments and reserved units together."""
        pending: dict[str, int] = get_json(f"{endpoints.admin_urls[0]}/admin/pending")
        return sum(pending.values())

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Return the available units of a SKU; None if the shop does not list it."""
        rows = get_json(f"{endpoints.admin_urls[0]}/admin/stock")["stock"]
        return next((int(row["available"]) for row in rows if row["sku"] == sku), None)

    def _send(self, method: str, path: str, json: Any = None, intent: str = "") -> Reply:
        headers = {"X-Shopper": self.shopper}
        if intent:
            headers["Idempotency-Key"] = intent
        return self.http.request(method, f"{self._base}{path}", json=json, headers=headers)

    def _order_of(self, answer: Answer, body: dict[str, Any], sku: str = "", qty: int = 0) -> Answer:
        total = body.get("total_cents")
        good = bool(body.get("order_id")) and isinstance(total, int) and total > 0
        return _checked(
            answer,
            good and (not sku or (body.get("sku") == sku and body.get("qty") == qty)),
            order_id=str(body.get("order_id", "")),
            amount_cents=total if isinstance(total, int) else 0,
            sku=sku,
            qty=qty,
            region=self._region,
        )

    def _payment_of(self, answer: Answer, body: dict[str, Any], order: Answer, channel: str) -> Answer:
        facts: dict[str, Any] = {"order_id": order.order_id, "channel": channel, "region": self._region}
        if answer.outcome is not Outcome.OK:
            return msgspec.structs.replace(answer, **facts)
        status = str(body.get("status", ""))
        if status in {"pending", "pending_payment"}:
            return msgspec.structs.replace(answer, outcome=Outcome.INFO, error=PENDING, **facts)
        if status in {"declined", "expired", "cancelled"}:
            return msgspec.structs.replace(answer, outcome=Outcome.FAIL, error=status, **facts)
        facts["payment_id"] = str(body.get("payment_id") or "")
        facts["amount_cents"] = body.get("amount_cents") or 0
        proven = status in _PAID and body.get("order_id") == order.order_id
        return _checked(answer, proven and facts["amount_cents"] == order.amount_cents, **facts)


def _checked(answer: Answer, good: bool, **facts: Any) -> Answer:  # noqa: FBT001 - reads as a condition
    """Return the answer with its facts; an ok whose body does not say what was asked is info."""
    answer = msgspec.structs.replace(answer, **facts)
    return answer if good or answer.outcome is not Outcome.OK else _info(answer, "bad_body")


def _info(answer: Answer, error: str) -> Answer:
    return msgspec.structs.replace(answer, outcome=Outcome.INFO, error=error)


def _holds(lines: object, sku: str, qty: int) -> bool:
    """Tell whether a cart's lines, of whatever shape they came, hold the units."""
    try:
        held = msgspec.convert(lines, list[dict[str, Any]])
        return any(line.get("sku") == sku and int(line.get("qty", 0)) >= qty for line in held)
    except (ValueError, TypeError):
        return False
