import asyncio
from collections.abc import Iterable

import httpx
import pytest

from mock_store import confirmations
from mock_store.assembly import World, open_app, open_worker
from mock_store.config import WorkerConfig
from mock_store.defects import Defect
from mock_store.worker import worker_app
from tests.mock_store.lab import Gate, Lab

pytestmark = pytest.mark.anyio


def config(lab: Lab, defects: Iterable[Defect] = ()) -> WorkerConfig:
    """Return the configuration of a worker of the shop."""
    database = lab.regions["a"].config.database
    return WorkerConfig(host="127.0.0.1", port=3, database=database, defects=frozenset(defects))


async def pay(lab: Lab, *shoppers: str) -> list[str]:
    """Let shoppers buy and pay, and return their orders."""
    orders = [await lab.bought(shopper) for shopper in shoppers]
    for shopper, order_id in zip(shoppers, orders, strict=True):
        await lab.pay(order_id, shopper=shopper)
    return orders


async def sent(lab: Lab) -> list[int]:
    """Return how often each shopper was written to."""
    return [entry["sent"] for entry in await lab.books("confirmations")]


async def killed_at_work(lab: Lab, defects: Iterable[Defect] = ()) -> list[int]:
    """Kill a worker at work, let another finish, and return how often each order was confirmed."""
    gate = Gate()
    await pay(lab, "ann", "bob")
    async with open_worker(config(lab, defects), World(sleep=gate.sleep)) as worker:
        first = asyncio.ensure_future(worker.work_for_ever())
        await gate.reached_by(1)
        first.cancel()
    gate.open()
    async with open_worker(config(lab, defects), World(sleep=gate.sleep)) as worker:
        await worker.tick()
        await worker.tick()
    return await sent(lab)


async def test_a_worker_killed_after_sending_does_not_send_again(lab: Lab) -> None:
    """Sending and crossing off are one commit: whoever takes over finds nothing left to do."""
    assert await killed_at_work(lab) == [1, 1]


async def test_the_defect_confirms_twice(lab: Lab) -> None:
    """Sent, then killed before it was crossed off: the next worker sends again."""
    assert await killed_at_work(lab, [Defect.CONFIRMED_TWICE]) == [2, 2]


async def test_two_workers_at_once_send_once(lab: Lab) -> None:
    """Both saw the same confirmations owed; each is sent by one of them."""
    await pay(lab, "ann", "bob", "cid")
    async with open_worker(config(lab), World()) as one, open_worker(config(lab), World()) as other:
        await asyncio.gather(*(worker.tick() for worker in (one, other, one, other)))

    assert await sent(lab) == [1, 1, 1]


async def test_a_paused_worker_catches_up(lab: Lab) -> None:
    """While paused it sends nothing, and counts each look that found something; afterwards it sends all."""
    async with open_worker(config(lab), World()) as worker:
        transport = httpx.ASGITransport(worker_app(worker))
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            await client.put("/__fault/paused", json={})
            await worker.tick()
            await pay(lab, "ann")
            await worker.tick()
            paused = await sent(lab)
            report = (await client.delete("/__fault/paused")).json()
            await worker.tick()
            links = (await client.get("/admin/links")).json()
            health = (await client.get("/health")).status_code

    assert (paused, await sent(lab)) == ([0], [1])
    assert (report, links, health) == ({"modes": {}, "hits": {"paused": 1}}, {"links": {}}, 200)


async def test_a_tick_that_fails_is_not_the_last(lab: Lab, caplog: pytest.LogCaptureFixture) -> None:
    """The error is logged and the worker looks again after its interval."""
    await pay(lab, "ann")
    books = lab.regions["a"].storage._reader
    slept: list[float] = []

    async def sleep(duration_s: float) -> None:
        slept.append(duration_s)
        if len(slept) > 1:
            raise asyncio.CancelledError
        books.execute("ALTER TABLE lost RENAME TO outbox")

    async with open_worker(config(lab), World(sleep=sleep)) as worker:
        books.execute("ALTER TABLE outbox RENAME TO lost")
        with pytest.raises(asyncio.CancelledError):
            await worker.work_for_ever()

    assert "a tick of the worker failed" in caplog.text
    assert (slept, await sent(lab)) == ([0.1, 0.1], [1])


async def test_the_process_works_in_the_background(lab: Lab) -> None:
    """Opened as a process is, it sends without being asked."""
    gate = Gate()
    await pay(lab, "ann")
    async with open_app(config(lab), World(sleep=gate.sleep)):
        await gate.reached_by(1)

    assert await sent(lab) == [1]
    assert lab.regions["a"].storage.read(confirmations.unsent, 9) == []
