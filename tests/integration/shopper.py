"""One shopper who buys an ordinary product and pays by card, whatever is broken."""

from itertools import count

import httpx

_NUMBERS = count(1)


def shop_once(url: str) -> None:
    """Look at a page, fill a cart, order and pay at a region; answers do not matter."""
    shopper = f"shopper-{next(_NUMBERS)}"
    with httpx.Client(base_url=url, timeout=3.0, trust_env=False, headers={"X-Shopper": shopper}) as http:
        http.get("/products/p1")
        _post(http, f"/carts/{shopper}/items", f"{shopper}-cart", {"sku": "p1", "qty": 1})
        order = _post(http, "/orders", f"{shopper}-order", {})
        if order.is_success:
            body = {"channel": "card", "amount_cents": order.json()["total_cents"]}
            _post(http, f"/orders/{order.json()['order_id']}/pay", f"{shopper}-pay", body)


def _post(http: httpx.Client, path: str, key: str, body: object) -> httpx.Response:
    return http.post(path, json=body, headers={"Idempotency-Key": key})
