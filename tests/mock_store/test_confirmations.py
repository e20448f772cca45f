from collections import Counter
from pathlib import Path

import pytest

from mock_store import confirmations, schema
from mock_store.storage import Storage
from tests.mock_store.lab import Lab

pytestmark = pytest.mark.anyio


async def sent(lab: Lab) -> dict[str, int]:
    """Return how often the shopper of each order was written to."""
    return {entry["order_id"]: entry["sent"] for entry in await lab.books("confirmations")}


async def test_an_order_that_is_settled_is_owed_a_confirmation(two_regions: Lab) -> None:
    """Paid or to be paid later: owed once, whatever callbacks come; of an unpaid order nothing is owed."""
    paid, later = await two_regions.bought("ann"), await two_regions.bought("bob", at="b")
    await two_regions.bought("cid")
    await two_regions.pay(paid)
    await two_regions.pay(later, shopper="bob", channel="pay_later", at="b")
    await two_regions.deliver_callbacks()

    assert await sent(two_regions) == {paid: 0, later: 0}
    assert (await two_regions.get("/admin/pending"))["unsent"] == 2


async def test_what_is_owed_is_sent_once(lab: Lab) -> None:
    """However often somebody looks, each shopper is written to once, in the order in which they paid."""
    orders = [await lab.bought(shopper) for shopper in ("ann", "bob")]
    for shopper, order_id in zip(("ann", "bob"), orders, strict=True):
        await lab.pay(order_id, shopper=shopper)
    storage = lab.regions["a"].storage
    steps = [storage.read(confirmations.unsent, 9)]
    for _ in range(3):
        await storage.write(confirmations.send_all, 1)
        steps.append(storage.read(confirmations.unsent, 9))

    assert [orders, orders[1:], [], []] == steps
    assert await sent(lab) == dict.fromkeys(orders, 1)


async def test_sending_that_fails_is_undone(tmp_path: Path) -> None:
    """If the process dies, or the disk fails, between sending and crossing off, neither has happened."""
    storage = Storage(tmp_path / "shop.sqlite", schema=schema.TABLES)
    await storage.write(confirmations.owe, "o-1")
    storage._reader.execute("DROP TABLE outbox")
    with pytest.raises(Exception, match="outbox"):
        await storage.write(confirmations.send_all, 9)
    counts = Counter(storage._reader.execute("SELECT sent FROM mailbox").fetchall())
    storage.close()

    assert not counts
