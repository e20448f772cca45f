"""The correct shop under every fault mode: however a crowd is struck, the books are right in the end."""

from collections import Counter
from pathlib import Path

import pytest

from mock_store.defects import Defect
from tests.mock_store.lab import PRICE_CENTS, Lab, open_lab

pytestmark = pytest.mark.anyio

SHOPPERS = 12
STOCK = 10
PROVIDER = {
    "errors": '{"share": 0.5}',
    "errors 429": '{"share": 0.5, "status": 429, "retry_after_s": 1}',
    "declines": '{"share": 0.5}',
    "garbled": '{"share": 0.5}',
    "callbacks_repeated": '{"least": 3, "most": 3}',
    "callbacks_early": '{"share": 0.5}',
    "callbacks_late": '{"delay_s": 5}',
    "callbacks_lost": '{"share": 0}',
    "forget_keys": '{"after_s": 0}',
    "partial_capture": '{"share": 0.5, "part": 0.5}',
    "refund_errors": '{"share": 1}',
}
REGION = {
    "database_down": "{}",
    "database_slow": '{"ms": 100}',
    "commit_answer_lost": '{"share": 0.5}',
    "disk_full": "{}",
    "cache_off": "{}",
    "cache_flush": "{}",
    "cache_frozen": "{}",
    "reserve_answer_lost": '{"share": 0.5}',
    "clock_offset": '{"s": 5}',
    "write_ban": '{"share": 0.5}',
    "zone_lost": '{"share": 0.5}',
}


async def shop(lab: Lab, shopper: str, key: str) -> None:
    """Buy, repeat what was not answered, pay, press again, and perhaps cancel; take every answer."""
    at = "ab"[int(shopper[1:]) % 2]
    bought = await lab.buy(shopper, key, at=at)
    if bought.status_code >= 500:
        bought = await lab.buy(shopper, key, at="b")
    order_id = bought.json().get("order_id")
    if order_id is None:
        return
    for _ in range(2):
        await lab.pay(order_id, key, shopper=shopper, at=at)
    if shopper.endswith(("3", "6")):
        await lab.cancel(order_id, shopper=shopper)


async def rush(lab: Lab) -> None:
    """Let everybody shop, with the shop's own work in between, then let time pass until all is decided."""
    for number in range(SHOPPERS):
        await shop(lab, f"s{number}", "k")
        await lab.tick("b")
    await lab.deliver_callbacks()
    lab.provider.modes.delete()
    lab.regions["a"].modes.delete()
    lab.clock.advance(3)
    await lab.tick("b")
    await lab.deliver_callbacks()
    await lab.settle()


async def errors(lab: Lab) -> list[str]:
    """Return what is wrong with the books; nothing, for a correct shop."""
    orders = await lab.books("orders")
    taken: Counter[str] = Counter()
    for entry in lab.ledger("capture", "refund"):
        sign = 1 if entry["kind"] == "capture" else -1
        taken[entry["order_id"]] += sign * entry["amount_cents"]
    wrong = [
        f"{order['status']} order was charged {taken[order['order_id']]}"
        for order in orders
        if taken[order["order_id"]] != (PRICE_CENTS if order["status"] == "paid" else 0)
    ]
    flash = await lab.flash()
    sold = sum(order["status"] == "paid" for order in orders)
    if (flash["sold"], flash["available"]) != (sold, STOCK - sold):
        wrong.append(f"{sold} orders are paid, the shelf says {flash}")
    effects = [event["effects"] for event in await lab.books("events")]
    if max(effects, default=0) > 1:
        wrong.append("an event took effect twice")
    if len({order["shopper"] for order in orders}) != len(orders):
        wrong.append("one wish became two orders")
    return [*wrong, *(["something is pending"] if any(await lab.pending()) else [])]


def switch_on(lab: Lab, mode: str) -> None:
    """Switch a mode of the provider's, or of region a, on."""
    if mode in PROVIDER:
        lab.provider.modes.put(mode.split()[0], PROVIDER[mode].encode())
    if mode in REGION:
        lab.regions["a"].modes.put(mode, REGION[mode].encode())


PAIRS = ["errors+commit_answer_lost", "garbled+callbacks_repeated", "forget_keys+reserve_answer_lost"]


@pytest.mark.parametrize("modes", ["none", *PROVIDER, *REGION, *PAIRS])
async def test_the_books_are_right_in_the_end(tmp_path: Path, modes: str) -> None:
    """A dozen shoppers want ten units in two regions while the mode strikes the provider, or region a."""
    async with open_lab(tmp_path, names="ab", stock=STOCK) as lab:
        lab.gate.open()
        for mode in modes.split("+"):
            switch_on(lab, mode)
        await rush(lab)

        assert await errors(lab) == []


@pytest.mark.parametrize(
    ("mode", "defect"),
    [
        ("partial_capture", Defect.PARTIAL_CAPTURE_TAKEN),
        ("garbled", Defect.EMPTY_200_IS_PAID),
        ("garbled", Defect.DOUBLE_CHARGE_ON_RETRY),
        ("callbacks_repeated", Defect.CALLBACK_NOT_DEDUPLICATED),
        ("reserve_answer_lost", Defect.IDEMPOTENCY_IGNORED),
        ("refund_errors", Defect.REFUNDED_TWICE),
    ],
)
async def test_wrong_books_are_seen(tmp_path: Path, mode: str, defect: Defect) -> None:
    """With a bug that the mode brings out, the same look at the books finds it."""
    async with open_lab(tmp_path, names="ab", stock=STOCK, defects=[defect]) as lab:
        lab.gate.open()
        switch_on(lab, mode)
        await rush(lab)

        assert await errors(lab) != []
