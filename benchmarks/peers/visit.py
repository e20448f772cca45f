"""The five-step shop visit for all that speak Locust's `client`: the same code for ours and theirs."""

import os
from typing import Any

#: What the harness asks of a locustfile, in its environment.
TEST = os.environ.get("BENCH_TEST", "closed")
RATE_PER_S = float(os.environ.get("BENCH_RATE", "0"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "0"))
USERS = int(os.environ.get("BENCH_USERS", "1"))
OUTPUT = os.environ.get("BENCH_OUTPUT", "")

PRODUCT = "/products/p0007"


def look(client: Any) -> None:
    """One request: the product page, parsed."""
    client.get(PRODUCT, name="product").json()


def visit(client: Any) -> None:
    """Five requests; later steps take what they send from earlier answers."""
    product = client.get(PRODUCT, name="product").json()
    client.post("/carts/s7-1/items", json={"sku": product["sku"], "qty": 1}, name="cart").json()
    order = client.post("/orders", json={}, name="order").json()
    path = f"/orders/{order['order_id']}"
    payment = {"channel": "card", "amount_cents": order["total_cents"]}
    client.post(f"{path}/pay", json=payment, name="pay").json()
    client.get(f"{path}/logistics", name="logistics").json()
