"""The mock shop behind a real Toxiproxy: what shoppers are told, what is charged, how soon it is well."""

import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from chaos import toxics
from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy
from mock_store.counted import TOTAL_S
from rehearsal.process import wait_until
from tests.integration.mall import CLASSES, PRICE_CENTS, Mall, open_mall

pytestmark = pytest.mark.integration

#: A shopper's own timeout for one request, by default.
PATIENCE_S = 5.0


@pytest.fixture
def mall(table: ProcessTable, tmp_path: Path, free_port: Callable[[], int], toxiproxy: Toxiproxy) -> Mall:
    """Return a correct shop that reaches its provider through a listener for each class of request."""

    def links_of(provider: str) -> dict[str, str]:
        upstream = provider.removeprefix("http://")
        return {name: toxiproxy.create(name, listen="127.0.0.1:0", upstream=upstream).url for name in CLASSES}

    return open_mall(table, tmp_path, free_port, links_of=links_of)


def buy(mall: Mall, shopper: str) -> str:
    """Buy a unit and return the order's id."""
    headers = {"X-Shopper": shopper, "Idempotency-Key": "k"}
    url = f"{mall.url('a')}/flash-sale/flash/buy"
    bought = httpx.post(url, json={"qty": 1}, headers=headers, trust_env=False, timeout=30)
    return str(bought.raise_for_status().json()["order_id"])


def pay(mall: Mall, order_id: str, shopper: str) -> tuple[int, float]:
    """Pay by card; return the status and the seconds it took."""
    headers = {"X-Shopper": shopper, "Idempotency-Key": "p"}
    body = {"channel": "card", "amount_cents": PRICE_CENTS}
    url = f"{mall.url('a')}/orders/{order_id}/pay"
    started_s = time.monotonic()
    paid = httpx.post(url, json=body, headers=headers, trust_env=False, timeout=30)
    return paid.status_code, time.monotonic() - started_s


def status(mall: Mall, order_id: str) -> str:
    """Return how an order stands."""
    return str(mall.read("b", f"/orders/{order_id}")["status"])


def test_an_answer_lost_after_capture_is_charged_once(mall: Mall, toxiproxy: Toxiproxy) -> None:
    """202 before a shopper gives up, then paid by the callback, while the fault still holds; one charge."""
    order_id = buy(mall, "ann")
    toxiproxy.add_toxic("capture", toxics.answers_lost())

    code, took_s = pay(mall, order_id, "ann")

    assert code == 202
    assert took_s < PATIENCE_S
    assert wait_until(lambda: status(mall, order_id) == "paid", timeout_s=30)
    assert mall.charged_cents() == {order_id: PRICE_CENTS}
    assert mall.at_rest("a")


def test_a_provider_out_of_reach_is_refused_fast_and_comes_back(mall: Mall, toxiproxy: Toxiproxy) -> None:
    """503 before a call would be given up, nothing charged; paid again once it is healed."""
    orders = {shopper: buy(mall, shopper) for shopper in ("ann", "bob", "cid", "dot")}
    for name in CLASSES:
        toxiproxy.disable(name)
    told = [pay(mall, order_id, shopper) for shopper, order_id in orders.items()]
    for name in CLASSES:
        toxiproxy.enable(name)
    late = buy(mall, "eve")

    assert [code for code, _ in told] == [503] * 4
    assert max(took_s for _, took_s in told) < TOTAL_S
    assert wait_until(lambda: pay(mall, late, "eve")[0] == 200, timeout_s=30)
    assert wait_until(lambda: mall.at_rest("a"), timeout_s=60)
    assert mall.charged_cents() == {late: PRICE_CENTS}


def test_kept_connections_cut_at_once_leave_nothing_unknown(mall: Mall, toxiproxy: Toxiproxy) -> None:
    """Payments before, during and after an outage on one keep-alive pool: each charged once or not at all."""
    before = buy(mall, "ann")
    assert pay(mall, before, "ann")[0] == 200
    during = buy(mall, "bob")
    toxiproxy.disable("capture")
    code, _ = pay(mall, during, "bob")
    toxiproxy.enable("capture")

    assert code == 202
    assert wait_until(lambda: status(mall, during) == "paid", timeout_s=30)
    assert mall.charged_cents() == {before: PRICE_CENTS, during: PRICE_CENTS}
