"""The mock shop as real processes: killed outright, started twice, stopped in peace, and with its bugs on."""

import asyncio
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

import httpx
import pytest

from chaos.process_table import ProcessTable
from rehearsal import process
from rehearsal.process import wait_until
from tests.integration.mall import PRICE_CENTS, Mall, open_mall

pytestmark = pytest.mark.integration

SHOPPERS = 16
#: Enough acknowledged orders that some are paid, and some payments under way, when the region is killed.
ACKNOWLEDGED = 60


class OpenMall(Protocol):
    """Starts the shop's processes."""

    def __call__(self, *, stock: int = 1000, defects: tuple[str, ...] = ()) -> Mall:
        """Return the running shop."""


@pytest.fixture
def start_mall(table: ProcessTable, tmp_path: Path, free_port: Callable[[], int]) -> OpenMall:
    """Return a function that starts the shop; it ends with the test."""
    return partial(open_mall, table, tmp_path, free_port)


@dataclass
class Crowd:
    """Shoppers who buy and pay until their region is gone; what they were told counts."""

    url: str
    ordered: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def rush(self, kill: Callable[[], object]) -> None:
        """Send everybody; kill the region when enough has been acknowledged."""
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=60) as client:
            shoppers = [asyncio.ensure_future(self._shop(client, f"s{i}")) for i in range(SHOPPERS)]
            await self.enough.wait()
            await asyncio.to_thread(kill)
            await asyncio.gather(*shoppers)

    async def _shop(self, client: httpx.AsyncClient, shopper: str) -> None:
        number = 0
        try:
            while True:
                number += 1
                await self._buy_and_pay(client, shopper, f"{number}")
        except httpx.TransportError:
            return

    async def _buy_and_pay(self, client: httpx.AsyncClient, shopper: str, key: str) -> None:
        headers = {"X-Shopper": shopper, "Idempotency-Key": key}
        bought = await client.post("/flash-sale/flash/buy", json={"qty": 1}, headers=headers)
        order_id = bought.raise_for_status().json()["order_id"]
        self.ordered.append(order_id)
        body = {"channel": "card", "amount_cents": PRICE_CENTS}
        paid = await client.post(f"/orders/{order_id}/pay", json=body, headers=headers)
        if paid.status_code == 200 and paid.json()["status"] == "paid":
            self.paid.append(order_id)
        if len(self.paid) >= ACKNOWLEDGED:
            self.enough.set()


def test_kill_9_loses_nothing_that_was_acknowledged(start_mall: OpenMall) -> None:
    """Region and worker die amid a crowd: the other has every order, settles the rest, takes no cent more.

    The worker that comes after writes to everybody who paid, and to nobody again.
    """
    mall = start_mall()
    crowd = Crowd(mall.url("a"))
    asyncio.run(crowd.rush(lambda: [mall.table.kill(label) for label in ("worker", "a")]))
    mall.start("worker")

    found = mall.orders("b")
    assert set(crowd.ordered) - set(found) == set()
    assert {found[order_id]["status"] for order_id in crowd.paid} == {"paid"}
    assert wait_until(lambda: mall.at_rest("b"), timeout_s=60)
    settled = mall.orders("b")
    paid = {order_id for order_id, order in settled.items() if order["status"] == "paid"}
    assert mall.charged_cents() == dict.fromkeys(paid, PRICE_CENTS)
    (stock,) = mall.read("b", "/admin/stock")["stock"]
    assert (stock["sold"], stock["available"] + stock["sold"]) == (len(paid), stock["initial"])
    sent = mall.read("b", "/admin/confirmations")["confirmations"]
    assert {entry["order_id"]: entry["sent"] for entry in sent} == dict.fromkeys(paid, 1)
    mall.start("a")
    assert mall.orders("a") == settled


def test_acknowledging_before_committing_loses_paid_orders(start_mall: OpenMall) -> None:
    """With the defect on, the same death loses orders that were told paid, and money was taken for them."""
    mall = start_mall(defects=("ack_before_commit",))
    crowd = Crowd(mall.url("a"))
    asyncio.run(crowd.rush(lambda: mall.table.kill("a")))
    assert wait_until(lambda: mall.at_rest("b"), timeout_s=60)

    found = mall.orders("b")
    lost = [order_id for order_id in crowd.paid if found[order_id]["status"] != "paid"]
    assert lost
    assert set(lost) <= mall.captured()
    # Where the machine is slow, some were written after all, too late: their money was given back.
    assert set(lost) & set(mall.charged_cents())


@pytest.mark.parametrize(
    ("defects", "sold"),
    [((), 5), (("oversell_race",), 40)],
    ids=["the correct shop sells what it has", "with the oversell race on it sells more"],
)
def test_a_crowd_at_both_regions(start_mall: OpenMall, defects: tuple[str, ...], sold: int) -> None:
    """Forty shoppers at once want one of five units each."""
    mall = start_mall(stock=5, defects=defects)

    async def rush() -> list[int]:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            headers = [{"X-Shopper": f"s{i}", "Idempotency-Key": "k"} for i in range(40)]
            urls = [f"{mall.url('ab'[i % 2])}/flash-sale/flash/buy" for i in range(40)]
            buys = [client.post(u, json={"qty": 1}, headers=h) for u, h in zip(urls, headers, strict=True)]
            return [answer.status_code for answer in await asyncio.gather(*buys)]

    created = asyncio.run(rush()).count(201)

    assert created == 5 if sold == 5 else 5 < created <= sold


def test_the_director_leads_away_from_a_dead_region_and_back(start_mall: OpenMall) -> None:
    """Everybody is sent to b as soon as that is seen; after a restart a's shoppers return."""
    mall = start_mall()

    def regions() -> set[str]:
        try:
            return {mall.read("director", f"/route?shopper=s{i}")["region"] for i in range(20)}
        except httpx.HTTPStatusError:  # 503 until the first round of health checks is through
            return set()

    assert wait_until(lambda: regions() == {"a", "b"}, timeout_s=60)
    mall.table.kill("a")
    assert wait_until(lambda: regions() == {"b"}, timeout_s=60)
    mall.start("a")
    assert wait_until(lambda: regions() == {"a", "b"}, timeout_s=60)


def test_a_taken_port_ends_a_process_with_one_sentence(start_mall: OpenMall) -> None:
    """A second region on the same port exits with 2 and says what to do; the first one goes on."""
    mall = start_mall()
    second = mall.folder / "second.log"
    mall.table.start("second", mall.argv("a"), log=second)
    assert wait_until(lambda: not mall.table.alive("second"), timeout_s=60)

    expected = f"cannot listen on 127.0.0.1:{mall.ports['a']} (Address already in use)"
    assert mall.table.exit_code("second") == 2
    assert second.read_text() == f"{expected}; stop what uses it or name another port.\n"
    assert mall.answers("a")


def test_everything_stops_in_peace(start_mall: OpenMall) -> None:
    """SIGTERM ends each process within its grace, with exit code 0 and without a word."""
    mall = start_mall()
    labels = ("director", "worker", "b", "a", "provider")
    process.stop([mall.table.child(label) for label in labels], grace_s=60)

    assert wait_until(lambda: not any(mall.table.alive(label) for label in labels), timeout_s=60)
    assert [mall.table.exit_code(label) for label in labels] == [0] * 5
    assert [mall.log(label).read_text() for label in labels] == [""] * 5


def test_the_port_of_a_killed_process_is_free_at_once(start_mall: OpenMall) -> None:
    """Connections left in TIME_WAIT, which lasts a minute, do not keep a region from its port."""
    mall = start_mall()
    with socket.create_connection(("127.0.0.1", mall.ports["a"])):
        mall.table.kill("a")
        before_s = time.monotonic()
        mall.start("a")

    assert time.monotonic() - before_s < 30
