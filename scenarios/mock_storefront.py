"""The adapter of the mock shop: a director says which region to use, errors are named in JSON."""

from typing import Any

import msgspec

from rehearsal.model.history import BUSY, PENDING, Outcome
from rehearsal.model.readings import FinalReadings
from scenarios import mock_readings
from scenarios.reply import Reply
from scenarios.storefront import Answer, Endpoints, GetJson, Storefront, answer_of

_PAID = {"paid", "confirmed"}

#: Errors behind a 5xx with which the shop promises that nothing was done and nothing will be.
_DEFINITE = {
    "payment_unavailable": "payment_unavailable",
    "unavailable": "unavailable",
    "busy": BUSY,
    "moving": BUSY,
}


class MockStorefront(Storefront):
    """Speaks to mock_store. A shopper stays in the region the director named until something breaks."""

    catalogue = tuple(f"p{number}" for number in range(1, 21))
    _base = ""
    _region = ""
    _token = ""

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
        answer, body = self._asked("GET", f"/products/{sku}")
        return _checked(answer, body.get("sku") == sku, sku=sku, region=self._region)

    def countdown(self, sku: str) -> Answer:
        """Get the product page; it must say how many milliseconds it takes until the sale opens."""
        answer, body = self._asked("GET", f"/products/{sku}")
        left_ms = body.get("opens_in_ms")
        good = body.get("sku") == sku and isinstance(left_ms, int) and left_ms >= 0
        return _checked(answer, good, sku=sku, region=self._region)

    def queue(self, sku: str, intent: str) -> Answer:
        """Draw a number, and keep it for the buy."""
        answer, body = self._asked("POST", f"/flash-sale/{sku}/queue", {}, intent)
        token = str(body.get("token") or "")
        self._token = token or self._token
        return _checked(answer, bool(token), sku=sku, payment_id=token, region=self._region)

    def flash_buy(self, sku: str, qty: int, intent: str) -> Answer:
        """Buy in the flash sale, with the number drawn if there is one."""
        answer, body = self._asked("POST", f"/flash-sale/{sku}/buy", {"qty": qty}, intent, token=self._token)
        return self._order_of(answer, body, sku=sku, qty=qty)

    def add_to_cart(self, sku: str, qty: int, intent: str) -> Answer:
        """Put units into the cart; the cart in the answer must hold them."""
        answer, body = self._asked("POST", f"/carts/{self.shopper}/items", {"sku": sku, "qty": qty}, intent)
        return _checked(answer, _holds(body.get("lines"), sku, qty), sku=sku, qty=qty, region=self._region)

    def cart(self) -> Answer:
        """Get the cart, and count its units."""
        answer, body = self._asked("GET", f"/carts/{self.shopper}")
        units = _units(body)
        good = units is not None and body.get("shopper") == self.shopper
        return _checked(answer, good, qty=units or 0, region=self._region)

    def apply_coupon(self, code: str, intent: str) -> Answer:
        """Enter a coupon; the answer is the cart."""
        return self._entered("coupon", code, intent)

    def apply_gift_card(self, code: str, intent: str) -> Answer:
        """Enter a gift card; the answer is the cart."""
        return self._entered("gift-card", code, intent)

    def order(self, intent: str) -> Answer:
        """Order the cart, with this shopper's promotion rules on it."""
        return self._order_of(*self._asked("POST", "/orders", self._stacked(), intent))

    def order_otherwise(self, intent: str) -> Answer:
        """Order the cart with a note, under the key of an order without one."""
        return self._order_of(*self._asked("POST", "/orders", self._stacked(note="as a gift"), intent))

    def pay(self, order: Answer, channel: str, intent: str) -> Answer:
        """Pay by card or on account. 202 is pending; a 503 that names a fallback promises no charge."""
        wanted = {"channel": channel, "amount_cents": order.amount_cents}
        answer, body = self._asked("POST", f"/orders/{order.order_id}/pay", wanted, intent)
        return self._payment_of(answer, body, order, channel)

    def query(self, order: Answer) -> Answer:
        """Ask for the order's state."""
        answer, body = self._asked("GET", f"/orders/{order.order_id}")
        return self._payment_of(answer, body, order, str(body.get("channel") or ""))

    def logistics(self, order: Answer) -> Answer:
        """Ask where the parcel is."""
        answer, body = self._asked("GET", f"/orders/{order.order_id}/logistics")
        good = body.get("order_id") == order.order_id and bool(body.get("state"))
        return _checked(answer, good, order_id=order.order_id, region=self._region)

    def cancel(self, order: Answer, intent: str) -> Answer:
        """Cancel an order; it must be cancelled then."""
        answer, body = self._asked("POST", f"/orders/{order.order_id}/cancel", {}, intent)
        good = (body.get("order_id"), body.get("status")) == (order.order_id, "cancelled")
        return _checked(answer, good, order_id=order.order_id, region=self._region)

    @classmethod
    def final_readings(cls, get_json: GetJson, endpoints: Endpoints) -> FinalReadings:
        """Read every region and every provider's ledger, if any; what the shop lacks is left unread."""
        return mock_readings.final_readings(get_json, endpoints)

    @classmethod
    def unsettled(cls, get_json: GetJson, endpoints: Endpoints) -> int:
        """Return pending and unreconciled payments, reserved units and unsent confirmations together."""
        return mock_readings.unsettled(get_json, endpoints)

    @classmethod
    def stock(cls, get_json: GetJson, endpoints: Endpoints, sku: str) -> int | None:
        """Return the available units of a SKU; None if the shop does not list it."""
        rows = get_json(f"{endpoints.admin_urls[0]}/admin/stock")["stock"]
        return next((int(row["available"]) for row in rows if row["sku"] == sku), None)

    def _asked(
        self, method: str, path: str, json: Any = None, intent: str = "", *, token: str = ""
    ) -> tuple[Answer, dict[str, Any]]:
        """Ask this shopper's region; a 5xx in which the shop promises that nothing was done is fail."""
        named = {"X-Shopper": self.shopper, "Idempotency-Key": intent, "X-Queue-Token": token}
        headers = {name: value for name, value in named.items() if value}
        reply = self.http.request(method, f"{self._base}{path}", json=json, headers=headers)
        answer, body = answer_of(reply)
        if answer.outcome is Outcome.INFO and (said := _promised(reply)):
            return Answer(reply=reply, outcome=Outcome.FAIL, error=said), body
        return answer, body

    def _stacked(self, **body: Any) -> dict[str, Any]:
        return {**body, "rules": self.rules} if self.rules else body

    def _entered(self, what: str, code: str, intent: str) -> Answer:
        answer, body = self._asked("POST", f"/carts/{self.shopper}/{what}", {"code": code}, intent)
        return _checked(answer, _units(body) is not None, sku=code, region=self._region)

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


def _units(cart: dict[str, Any]) -> int | None:
    """Return how many units a cart holds, None if it is not one."""
    try:
        lines = msgspec.convert(cart.get("lines"), list[dict[str, Any]])
        return sum(int(line["qty"]) for line in lines)
    except (ValueError, TypeError, KeyError):
        return None


def _promised(reply: Reply) -> str:
    """Return the error by which the shop promises that nothing came of a request; "" if it does not."""
    if reply.error:
        return ""
    return _DEFINITE.get(str((reply.json() or {}).get("error")), "")
