"""A payment of one cent that goes the shop's way and is settled past it, so that the books balance."""

from dataclasses import dataclass
from typing import Any

import httpx

AMOUNT_CENTS = 1
_NO_ANSWER = 0
_SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary payment, with what its client met: `status` 0 if there was no answer at all."""

    order_id: str
    payment_id: str
    status: int
    met: str
    garbled: bool = False

    @property
    def understood(self) -> bool:
        """Tell whether an answer came that says what it should."""
        return self.status == httpx.codes.OK and bool(self.payment_id) and not self.garbled

    @property
    def unknown(self) -> bool:
        """Tell whether its client cannot know what was done."""
        return self.status == _NO_ANSWER or self.status >= _SERVER_ERROR or self.garbled


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    body: dict[str, Any]
    met: str

    @property
    def garbled(self) -> bool:
        return self.status == httpx.codes.OK and not self.body


def pay(http: httpx.Client, order_id: str, *, authorize: str, capture: str, callback_url: str = "") -> Canary:
    """Authorize and capture a cent at the given addresses."""
    answer = _authorize(http, order_id, authorize, callback_url)
    payment_id = str(answer.body.get("payment_id", ""))
    if answer.status != httpx.codes.OK or not payment_id:
        return Canary(order_id, "", answer.status, f"authorization {answer.met}", answer.garbled)
    body = {"payment_id": payment_id, "order_id": order_id, "amount_cents": AMOUNT_CENTS}
    answer = _post(http, f"{capture}/capture", body, key=f"{order_id}-capture")
    return Canary(order_id, payment_id, answer.status, f"capture {answer.met}", answer.garbled)


def authorize(http: httpx.Client, order_id: str, url: str) -> str:
    """Authorize a cent and return the payment's id, "" without one; the key is the same for one order."""
    return str(_authorize(http, order_id, url, "").body.get("payment_id", ""))


def captured(http: httpx.Client, provider: str, order_id: str) -> bool:
    """Tell from the provider's own ledger whether an order was captured; httpx.HTTPError if it is silent."""
    return _kinds(http, provider, order_id).get("capture", 0) > 0


def settle(http: httpx.Client, provider: str, canary: Canary) -> bool:
    """Refund a captured canary, close an uncaptured one; tell whether the ledger now owes nothing for it."""
    if not (canary.payment_id or canary.unknown):
        return True
    order_id = canary.order_id
    closed = False
    if _kinds(http, provider, order_id).get("capture", 0) == 0:
        answer = _post(http, f"{provider}/void", {"order_id": order_id}, key=f"{order_id}-void")
        closed = answer.status == httpx.codes.OK
    kinds = _kinds(http, provider, order_id)
    if kinds.get("capture", 0) > kinds.get("refund", 0) and canary.payment_id:
        body = {"payment_id": canary.payment_id, "amount_cents": AMOUNT_CENTS}
        _post(http, f"{provider}/refund", body, key=f"{order_id}-refund")
        kinds = _kinds(http, provider, order_id)
    captures = kinds.get("capture", 0)
    return captures == kinds.get("refund", 0) and (captures > 0 or closed)


def _authorize(http: httpx.Client, order_id: str, url: str, callback_url: str) -> _Answer:
    # No callback by default: a shop that hears of a capture might take it for a sign that its captures work.
    body = {"order_id": order_id, "amount_cents": AMOUNT_CENTS, "callback_url": callback_url}
    return _post(http, f"{url}/authorize", body, key=f"{order_id}-authorize")


def _kinds(http: httpx.Client, provider: str, order_id: str) -> dict[str, int]:
    answer = http.get(f"{provider}/admin/ledger").raise_for_status()
    counts: dict[str, int] = {}
    for entry in answer.json()["entries"]:
        if entry["order_id"] == order_id:
            counts[entry["kind"]] = counts.get(entry["kind"], 0) + 1
    return counts


def _post(http: httpx.Client, url: str, body: dict[str, Any], *, key: str) -> _Answer:
    try:
        answer = http.post(url, json=body, headers={"Idempotency-Key": key})
    except httpx.HTTPError as error:
        return _Answer(_NO_ANSWER, {}, f"was not answered ({type(error).__name__})")
    try:
        return _Answer(answer.status_code, dict(answer.json()), f"was answered {answer.status_code}")
    except (ValueError, TypeError):
        return _Answer(answer.status_code, {}, f"was answered {answer.status_code} with no JSON")
