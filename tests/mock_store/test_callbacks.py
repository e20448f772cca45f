from pathlib import Path
from random import Random

import httpx
import pytest

from mock_store import provider_ledger
from mock_store.assembly import World, open_provider
from mock_store.callbacks import Callbacks
from mock_store.counted import CallbackOutlet, CountedClient
from mock_store.links import Links
from tests.mock_store.lab import Gate, Lab, open_lab, provider_config

pytestmark = pytest.mark.anyio


async def test_a_callback_is_late_and_repeated_until_acknowledged(lab: Lab) -> None:
    """First after 0.5 to 1.5 times the delay, then with doubling pauses up to two seconds, until a 2xx."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    (callback,) = lab.provider.storage.read(provider_ledger.undelivered)
    outcomes = iter([0, 500, 503, 0, 404, 200])
    slept_s: list[float] = []

    def shop(request: httpx.Request) -> httpx.Response:
        outcome = next(outcomes)
        if outcome == 0:
            raise httpx.ConnectError("refused", request=request)
        return httpx.Response(outcome)

    async def sleep(duration_s: float) -> None:
        slept_s.append(duration_s)

    async with httpx.AsyncClient(transport=httpx.MockTransport(shop)) as client:
        outlet = CallbackOutlet(CountedClient(client, Links(), lab.clock.now_ns), {})
        sender = Callbacks(
            lab.provider.storage,
            outlet,
            modes=lab.provider.modes,
            delay_ms=150,
            rng=Random(1),
            sleep=sleep,
        )
        await sender.deliver(callback)

    assert 0.075 <= slept_s[0] <= 0.225
    assert slept_s[1:] == [0.2, 0.4, 0.8, 1.6, 2.0]
    assert lab.provider.storage.read(provider_ledger.undelivered) == []


async def test_what_a_dead_provider_owed_is_sent_by_the_next(tmp_path: Path) -> None:
    """Callbacks under way when the provider stops are delivered after it has started again."""
    async with open_lab(tmp_path) as lab:
        await lab.pay(await lab.bought("ann"))
    gate, told = Gate(), []

    def shop(request: httpx.Request) -> httpx.Response:
        told.append(request.url.path)
        return httpx.Response(200)

    world = World(sleep=gate.sleep, transport=httpx.MockTransport(shop))
    async with open_provider(provider_config(tmp_path), world) as provider:
        provider.callbacks.resume()
        await gate.reached_by(1)
        (task,) = provider.callbacks._tasks
        gate.open()
        await task
        owed = provider.storage.read(provider_ledger.undelivered)

    assert (told, owed) == (["/callbacks/payment"], [])
