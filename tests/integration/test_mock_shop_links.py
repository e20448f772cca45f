"""The mock shop as a drill stands it up: its links through a real Toxiproxy, each used, each breakable."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chaos.process_table import ProcessTable
from chaos.toxiproxy import Toxiproxy, start_server
from rehearsal.model.plan import Plan
from rehearsal.pipeline import mock_shop
from rehearsal.pipeline.shop_links import LISTENERS, Links, held_links
from rehearsal.process import wait_until

pytestmark = pytest.mark.integration

SKU = "flash"
#: In a shop where nothing goes wrong.
NEVER_CALLED = {
    "pay_status",
    "pay_refund",
    *(f"pay2_{name}" for name in ("authorize", "capture", "status", "refund")),
}


class Shop:
    """A shop on real links, and a shopper."""

    def __init__(self, links: Links, toxiproxy: Toxiproxy) -> None:
        self.links = links
        self.toxiproxy = toxiproxy
        self.client = httpx.Client(trust_env=False, timeout=60)
        self._number = 0

    def paid(self, at: str = "a") -> dict[str, Any]:
        """Let a new shopper buy and pay in a region; return the answer."""
        self._number += 1
        url, shopper = self.links.listeners[f"edge_{at}"], f"s{self._number}"
        headers = {"X-Shopper": shopper, "Idempotency-Key": shopper}
        order = self.client.post(f"{url}/flash-sale/{SKU}/buy", json={"qty": 1}, headers=headers).json()
        body = {"channel": "card", "amount_cents": order["total_cents"]}
        answer = self.client.post(f"{url}/orders/{order['order_id']}/pay", json=body, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    def read(self, url: str, path: str) -> Any:
        """Return the body of a page."""
        return self.client.get(f"{url}{path}").raise_for_status().json()

    def counts(self) -> dict[str, dict[str, int]]:
        """Return all processes' own counts of their calls, added up by link."""
        total: dict[str, dict[str, int]] = {}
        for url in (*self.links.regions.values(), self.links.provider, self.links.director):
            for link, counts in self.read(url, "/admin/links")["links"].items():
                there = total.setdefault(link, dict.fromkeys(counts, 0))
                total[link] = {name: there[name] + count for name, count in counts.items()}
        return total

    def shown(self, at: str) -> dict[str, Any]:
        """Return the product page of a region."""
        page: dict[str, Any] = self.read(self.links.regions[at], f"/products/{SKU}")
        return page


@pytest.fixture
def shop(
    table: ProcessTable,
    toxiproxy_server: Path,
    tmp_path: Path,
    make_plan: Callable[..., Plan],
    plan_text: str,
    free_block: Callable[[int], int],
) -> Iterator[Shop]:
    """Return the shop, its sale open."""
    plan = make_plan(plan_text)
    store = plan.store.model_copy(update={"service_ms": 1.0})
    plan = plan.model_copy(update={"store": store})
    with held_links(free_block(40), tmp_path) as links:
        port = int(links.toxiproxy.rpartition(":")[2])
        toxiproxy = start_server(table, toxiproxy_server, port, log=tmp_path / "tp.log", label="toxiproxy")
        mock_shop.create_listeners(toxiproxy, links)
        mock_shop.start_shop(table, tmp_path, plan, links, ())
        mock_shop.open_sale(links, 0)
        opened = Shop(links, toxiproxy)
        with opened.client:
            yield opened


def test_every_link_is_used_and_may_break_alone(shop: Shop) -> None:
    """Twelve buy in both regions; then one way in, the word between the regions and the first provider go."""
    assert {shop.paid("ab"[n % 2])["status"] for n in range(12)} == {"paid"}
    used = wait_until(lambda: _unused(shop) == NEVER_CALLED, timeout_s=60)

    shop.toxiproxy.disable("pay_capture_2")
    begun_s = time.monotonic()
    assert {shop.paid()["status"] for _ in range(6)} == {"paid"}
    # Who refused is left out for a second, then tried again by one.
    once_a_second = range(1, 2 + int(time.monotonic() - begun_s))
    refused = shop.counts()["pay_capture_2"]["refused"] in once_a_second

    shop.toxiproxy.disable("sync_b")
    shop.paid("a")
    cut = wait_until(lambda: shop.shown("b")["as_of_ms"] > 600, timeout_s=60)
    stale = shop.shown("b")["available"] - shop.shown("a")["available"]
    shop.toxiproxy.heal("sync_b")
    caught_up = wait_until(lambda: shop.shown("b")["available"] == shop.shown("a")["available"], timeout_s=60)

    shop.client.post(f"{shop.links.regions['b']}/admin/channel", json={"provider": "second"})
    second = shop.paid("a")["payment_id"]
    entries = shop.read(shop.links.provider2, "/admin/ledger")["entries"]
    confirmed = wait_until(lambda: set(_confirmations(shop)) == {1}, timeout_s=60)

    assert (used, refused, cut, stale > 0, caught_up) == (True, True, True, True, True)
    assert [entry["payment_id"] for entry in entries] == [second, second]
    assert (confirmed, len(_confirmations(shop))) == (True, 20)


def _unused(shop: Shop) -> set[str]:
    counts = shop.counts()
    return {name for name in LISTENERS if not any(counts.get(name, {}).values())}


def _confirmations(shop: Shop) -> list[int]:
    found = shop.read(shop.links.regions["a"], "/admin/confirmations")["confirmations"]
    return [confirmation["sent"] for confirmation in found]
