"""What the target answers to each step of a shop visit: JSON bodies of 150 to 600 bytes."""

import json
from collections.abc import Callable, Mapping

#: A head ends with an empty line; a body starts after it.
HEAD_END = b"\r\n\r\n"

_FORM = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nServer: bench\r\nContent-Length: %d\r\n\r\n%b"
_MARK = "~here~"
_LINE = {"sku": "p0007", "qty": 1, "price_cents": 1500, "name": "Rain jacket, blue, size M"}
_PRODUCT = {
    "sku": _MARK,
    "name": "Rain jacket, blue, size M",
    "price_cents": 1500,
    "currency": "EUR",
    "available": 8412,
    "region": "a",
    "description": "Light, taped seams, packs into its own pocket. Sizes run small: take one more.",
    "images": [f"/img/p0007/{size}.webp" for size in ("small", "medium", "large")],
    "rating": {"stars": 4.6, "count": 1289},
    "delivery": {"earliest_days": 2, "latest_days": 4, "free_from_cents": 4900},
    "related": ["p0011", "p0023", "p0031", "p0108", "p0140"],
}
_CART = {"shopper": _MARK, "lines": [_LINE], "total_cents": 1500, "currency": "EUR", "region": "a"}
_ORDER = {
    "order_id": _MARK,
    "lines": [_LINE],
    "total_cents": 1500,
    "status": "pending_payment",
    "region": "a",
    "expires_in_s": 900,
}
_PAID = {
    "order_id": _MARK,
    "status": "paid",
    "channel": "card",
    "payment_id": "pay_7f0c2d9a41",
    "amount_cents": 1500,
    "currency": "EUR",
    "region": "a",
    "receipt": "/receipts/pay_7f0c2d9a41",
}
_LOGISTICS = {
    "order_id": _MARK,
    "state": "preparing",
    "region": "a",
    "warehouse": "north-2",
    "carrier": "parcel",
    "steps": ["received", "picked", "packed", "shipped", "delivered"],
    "promised_days": [2, 4],
}

Answer = Callable[[bytes], bytes]


def _template(status: bytes, document: Mapping[str, object]) -> Answer:
    before, after = json.dumps(document, separators=(",", ":")).encode().split(_MARK.encode())
    fixed = len(before) + len(after)

    def answer(name: bytes) -> bytes:
        return _FORM % (status, fixed + len(name), before + name + after)

    return answer


product = _template(b"200 OK", _PRODUCT)
cart = _template(b"200 OK", _CART)
order = _template(b"201 Created", _ORDER)
paid = _template(b"200 OK", _PAID)
logistics = _template(b"200 OK", _LOGISTICS)
UNKNOWN = _FORM % (b"404 Not Found", 25, b'{"error":"no_such_thing"}')
NO_LENGTH = _FORM % (b"411 Length Required", 27, b'{"error":"length_required"}')


def document(body: bytes) -> bytes:
    """Return an answer of 200 with any body: what the harness asks the target about itself."""
    return _FORM % (b"200 OK", len(body), body)
