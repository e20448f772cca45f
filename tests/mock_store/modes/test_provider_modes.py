"""The provider's fault modes: what its callers meet, and what its ledger says."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mock_store.assembly import World, open_provider
from mock_store.provider import Provider, provider_app
from tests.mock_store.lab import Gate, Lab, Net, StillClock, answering, provider_config

pytestmark = pytest.mark.anyio

SHOP = "http://shop/callbacks/payment"


class Bank:
    """A provider whose callbacks go to `net`, and a customer's words for it."""

    def __init__(self, provider: Provider, client: httpx.AsyncClient, gate: Gate, clock: StillClock) -> None:
        self.provider, self.client, self.gate, self.clock = provider, client, gate, clock

    async def post(self, path: str, key: str, **body: object) -> httpx.Response:
        """Post."""
        return await self.client.post(path, json=body, headers={"Idempotency-Key": key})

    async def authorize(self, order_id: str = "o", key: str = "a") -> httpx.Response:
        """Authorize 500 cents."""
        return await self.post("/authorize", key, order_id=order_id, amount_cents=500, callback_url=SHOP)

    async def authorized(self, order_id: str = "o", key: str = "a") -> str:
        """Return a new payment's id."""
        return str((await self.authorize(order_id, key)).json()["payment_id"])

    async def capture(self, payment_id: str, order_id: str = "o", key: str = "c") -> httpx.Response:
        """Capture 500 cents."""
        return await self.post("/capture", key, payment_id=payment_id, order_id=order_id, amount_cents=500)

    async def mode(self, name: str, **params: object) -> None:
        """Switch a mode on, over HTTP."""
        assert (await self.client.put(f"/__fault/{name}", json=params)).status_code == 200

    async def hits(self, name: str) -> int:
        """Return how many requests a mode has struck."""
        return int((await self.client.get("/__fault")).json()["hits"][name])

    async def entries(self, *fields: str) -> list[tuple[Any, ...]]:
        """Return the ledger."""
        entries = (await self.client.get("/admin/ledger")).json()["entries"]
        return [tuple(entry[name] for name in ("kind", *fields)) for entry in entries]


@pytest.fixture
def net() -> Net:
    """Return a network with a shop that takes every callback."""
    return Net(apps={"shop": answering(200, b"{}")})


@pytest.fixture
async def bank(tmp_path: Path, net: Net) -> AsyncIterator[Bank]:
    """Return a provider that waits at its gate before each callback."""
    gate, clock = Gate(), StillClock()
    world = World(sleep=gate.sleep, transport=net, now_ns=clock.now_ns)
    async with open_provider(provider_config(tmp_path), world) as provider:
        transport = httpx.ASGITransport(provider_app(provider))
        async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
            yield Bank(provider, client, gate, clock)


async def test_a_500_says_nothing_of_the_effect(bank: Bank) -> None:
    """Of four authorizations answered 500 two were made."""
    await bank.mode("errors", share=1)
    answers = [await bank.authorize(f"o{n}", f"a{n}") for n in range(4)]

    assert [answer.status_code for answer in answers] == [500] * 4
    assert len(await bank.entries()) == 2
    assert await bank.hits("errors") == 4


async def test_any_other_status_says_that_nothing_was_done(bank: Bank) -> None:
    """A 429 asks for time, and no authorization was made."""
    await bank.mode("errors", share=1, status=429, retry_after_s=1.5)
    answers = [await bank.authorize(f"o{n}", f"a{n}") for n in range(4)]

    assert {(answer.status_code, answer.headers["Retry-After"]) for answer in answers} == {(429, "2")}
    assert await bank.entries() == []


async def test_a_declined_card_stays_declined_under_its_key(bank: Bank) -> None:
    """The saved answer is given again, when the mode is off too."""
    await bank.mode("declines", share=1)
    first = await bank.authorize()
    await bank.client.delete("/__fault/declines")
    again = await bank.authorize()

    assert (first.status_code, first.json()) == (402, {"error": "declined"})
    assert (again.status_code, await bank.entries()) == (402, [])


async def test_a_garbled_answer_is_a_200_that_cannot_be_read_after_the_effect(bank: Bank) -> None:
    """The authorization stands in the ledger."""
    await bank.mode("garbled", share=1)
    answer = await bank.authorize()

    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (answer.status_code, len(await bank.entries())) == (200, 1)


async def test_a_partial_capture_takes_and_says_less(bank: Bank) -> None:
    """Answer, ledger and callback agree on the amount."""
    payment_id = await bank.authorized()
    await bank.mode("partial_capture", share=1, part=0.3)
    answer = (await bank.capture(payment_id)).json()
    refunded = await bank.post("/refund", "r", payment_id=payment_id, amount_cents=150)

    assert answer["amount_cents"] == 150
    assert (refunded.status_code, await bank.hits("partial_capture")) == (200, 1)
    expected = [("authorize", 500), ("capture", 150), ("refund", 150)]
    assert expected == await bank.entries("amount_cents")


async def test_a_forgotten_key_is_a_new_request(bank: Bank) -> None:
    """Two seconds later the same authorization is made again; a capture is not, for the payment knows."""
    payment_id = await bank.authorized()
    await bank.capture(payment_id)
    await bank.mode("forget_keys", after_s=2)
    fresh = await bank.authorized()
    bank.clock.advance(2)
    forgotten = await bank.authorized()
    captured = await bank.capture(payment_id)

    assert (payment_id == fresh, payment_id == forgotten) == (True, False)
    assert (captured.status_code, captured.json()) == (409, {"error": "already_captured"})
    assert await bank.hits("forget_keys") == 2


async def test_a_refund_is_made_once_though_its_key_was_forgotten(bank: Bank) -> None:
    """The second one is refused in words that say why."""
    payment_id = await bank.authorized()
    await bank.capture(payment_id)
    refund = {"payment_id": payment_id, "amount_cents": 500}
    first = await bank.post("/refund", "r", **refund)
    await bank.mode("forget_keys", after_s=0)
    second = await bank.post("/refund", "r", **refund)

    assert (first.status_code, second.json()) == (200, {"error": "already_refunded"})


async def test_refunds_alone_may_fail(bank: Bank) -> None:
    """The first is not served, the second is; nothing else is touched."""
    payment_id = await bank.authorized()
    await bank.mode("refund_errors", share=1)
    captured = await bank.capture(payment_id)
    refund = {"payment_id": payment_id, "amount_cents": 500}
    answers = [(await bank.post("/refund", "r", **refund)).status_code for _ in range(2)]

    assert (captured.status_code, answers) == (200, [500, 500])
    assert [entry[0] for entry in await bank.entries()] == ["authorize", "capture", "refund"]


async def test_what_was_asked_is_counted_by_endpoint(bank: Bank) -> None:
    """Requests, those that fail too, and the orders they were about."""
    payment_id = await bank.authorized()
    await bank.authorize()
    await bank.capture(payment_id)
    await bank.mode("errors", share=1)
    await bank.post("/refund", "r", payment_id=payment_id, amount_cents=500)
    await bank.client.get("/payments", params={"order_id": "x"})
    await bank.post("/void", "v", order_id="y")
    await bank.client.post("/capture", content=b"[")
    calls = (await bank.client.get("/admin/calls")).json()["calls"]

    expected = {"authorize": (2, 1), "capture": (2, 1), "status": (2, 2), "refund": (1, 1)}
    assert expected == {call["endpoint"]: (call["requests"], call["orders"]) for call in calls}


async def delivered(bank: Bank) -> None:
    """Let every task of the provider's end."""
    bank.gate.open()
    while bank.provider.callbacks._tasks:
        await asyncio.gather(*bank.provider.callbacks._tasks)


async def test_a_callback_may_come_several_times_and_once_more_later(bank: Bank, net: Net) -> None:
    """Three times at once; the fourth waits for its hour."""
    await bank.mode("callbacks_repeated", least=3, most=3, again_after_s=7)
    await bank.capture(await bank.authorized())
    await delivered(bank)

    assert net.calls == ["shop/callbacks/payment"] * 4
    assert 7 in bank.gate.asked_s


async def test_an_early_callback_overtakes_its_answer(bank: Bank, net: Net) -> None:
    """When the capture is answered the shop has heard of it; nothing is owed."""
    payment_id = await bank.authorized()
    await bank.mode("callbacks_early", share=1)
    await bank.capture(payment_id)

    assert net.calls == ["shop/callbacks/payment"]
    assert (bank.gate.asked_s, await bank.hits("callbacks_early")) == ([], 1)


async def test_an_early_callback_that_is_not_taken_comes_as_any_other(bank: Bank, net: Net) -> None:
    """At least once, whatever happens."""
    net.break_("refused", ["shop"])
    payment_id = await bank.authorized()
    await bank.mode("callbacks_early", share=1)
    await bank.capture(payment_id)
    net.heal()
    await delivered(bank)

    assert net.calls == ["shop/callbacks/payment"] * 2


async def test_a_callback_may_come_late(bank: Bank) -> None:
    """After its ordinary delay it waits this much longer."""
    await bank.mode("callbacks_late", delay_s=9)
    await bank.capture(await bank.authorized())
    await delivered(bank)

    assert bank.gate.asked_s[1] == 9


async def test_a_lost_callback_is_owed_and_follows(lab: Lab) -> None:
    """While the mode is on the event is not sent; once it is off, the order hears of its money."""
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    await lab.pay(order_id)
    lab.provider.modes.put("callbacks_lost", b'{"share": 1}')
    asleep, awake = asyncio.Event(), asyncio.Event()

    async def sleep(duration_s: float) -> None:
        if duration_s:
            asleep.set()
            await awake.wait()

    lab.provider.callbacks._sleep = sleep
    lab.provider.callbacks._delay_s = 0
    lab.provider.callbacks.resume()
    await asleep.wait()
    during = await lab.status(order_id)
    lab.provider.modes.delete("callbacks_lost")
    awake.set()
    while lab.provider.callbacks._tasks - {None}:
        done, _ = await asyncio.wait(lab.provider.callbacks._tasks, return_when=asyncio.FIRST_COMPLETED)
        if done:
            break

    assert (during, await lab.status(order_id)) == ("pending_payment", "paid")
    assert lab.provider.modes.report()["hits"] == {"callbacks_lost": 1}


async def test_callbacks_are_counted_as_calls_by_link(tmp_path: Path, net: Net) -> None:
    """Under the name that the configuration gives the address; a refusal is not an acknowledgement."""
    config = provider_config(tmp_path)
    config.links["callback_a"] = "http://shop"
    world = World(sleep=Gate().sleep, transport=net)
    async with open_provider(config, world) as provider:
        transport = httpx.ASGITransport(provider_app(provider))
        async with httpx.AsyncClient(transport=transport, base_url="http://bank") as client:
            bank = Bank(provider, client, Gate(), StillClock())
            await bank.mode("callbacks_early", share=1)
            await bank.capture(await bank.authorized())
            links = (await client.get("/admin/links")).json()["links"]

    assert links == {"callback_a": {"ok": 1, "refused": 0, "lost": 0, "slow": 0}}
