"""A payment of one cent that goes the shop's way and is settled past it, so that the books balance."""

from dataclasses import dataclass
from typing import Any

import httpx

AMOUNT_CENTS = 1
_NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary payment, with what its client met: `status` 0 if there was no answer at all."""

    order_id: str
    payment_id: str
    status: int
    met: str


def pay(http: httpx.Client, order_id: str, *, authorize: str, capture: str) -> Canary:
    """Authorize and capture a cent at the given addresses."""
    # No callback: a shop that hears of a capture might take it for a sign that its captures work again.
    body = {"order_id": order_id, "amount_cents": AMOUNT_CENTS, "callback_url": ""}
    status, answer, met = _post(http, f"{authorize}/authorize", body, key=f"{order_id}-authorize")
    payment_id = str(answer.get("payment_id", ""))
    if status != httpx.codes.OK or not payment_id:
        return Canary(order_id, "", status, f"authorization {met}")
    body = {"payment_id": payment_id, "order_id": order_id, "amount_cents": AMOUNT_CENTS}
    status, _, met = _post(http, f"{capture}/capture", body, key=f"{order_id}-capture")
    return Canary(order_id, payment_id, status, f"capture {met}")


def captured(http: httpx.Client, provider: str, order_id: str) -> bool:
    """Tell from the provider's own ledger whether an order was captured; httpx.HTTPError if it is silent."""
    return _kinds(http, provider, order_id).get("capture", 0) > 0


def settle(http: httpx.Client, provider: str, canary: Canary) -> bool:
    """Refund a captured canary, void an uncaptured one; tell whether the ledger now owes nothing for it."""
    if not canary.payment_id:
        return True
    order_id = canary.order_id
    kinds = _kinds(http, provider, order_id)
    if kinds.get("capture", 0) == 0:
        _post(http, f"{provider}/void", {"order_id": order_id}, key=f"{order_id}-void")
        kinds = _kinds(http, provider, order_id)
    if kinds.get("capture", 0) > kinds.get("refund", 0):
        body = {"payment_id": canary.payment_id, "amount_cents": AMOUNT_CENTS}
        _post(http, f"{provider}/refund", body, key=f"{order_id}-refund")
        kinds = _kinds(http, provider, order_id)
    captures = kinds.get("capture", 0)
    return captures == kinds.get("refund", 0) and (captures > 0 or kinds.get("void", 0) > 0)


def _kinds(http: httpx.Client, provider: str, order_id: str) -> dict[str, int]:
    answer = http.get(f"{provider}/admin/ledger").raise_for_status()
    counts: dict[str, int] = {}
    for entry in answer.json()["entries"]:
        if entry["order_id"] == order_id:
            counts[entry["kind"]] = counts.get(entry["kind"], 0) + 1
    return counts


def _post(http: httpx.Client, url: str, body: dict[str, Any], *, key: str) -> tuple[int, dict[str, Any], str]:
    try:
        answer = http.post(url, json=body, headers={"Idempotency-Key": key})
    except httpx.HTTPError as error:
        return _NO_ANSWER, {}, f"was not answered ({type(error).__name__})"
    try:
        return answer.status_code, dict(answer.json()), f"was answered {answer.status_code}"
    except ValueError:
        return answer.status_code, {}, f"was answered {answer.status_code} with no JSON"
