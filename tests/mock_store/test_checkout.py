import pytest

from mock_store import checkout
from mock_store.checkout import Reply, Tender
from tests.mock_store.lab import PRICE_CENTS, Lab

pytestmark = pytest.mark.anyio


def tender(order_id: str, channel: str = "card") -> Tender:
    """Return ann's offer to pay an order."""
    return Tender(
        order_id=order_id,
        shopper="ann",
        key="p",
        channel="card" if channel == "card" else "pay_later",
        amount_cents=PRICE_CENTS,
    )


@pytest.mark.parametrize("channel", ["card", "pay_later"])
async def test_who_comes_second_to_the_writer_gets_the_firsts_answer(lab: Lab, channel: str) -> None:
    """Two that both saw a payable order on their snapshots: the second unit of work writes nothing."""
    storage, now_ns = lab.regions["a"].storage, lab.clock.at_ns
    offer = tender(await lab.bought("ann"), channel)
    work = checkout.begin if channel == "card" else checkout.confirm
    await storage.write(work, offer, now_ns)

    second = await storage.write(work, offer, now_ns)

    assert isinstance(second, Reply)
    assert second.body["status"] == ("pending" if channel == "card" else "confirmed")


def test_a_fingerprint_tells_offers_apart() -> None:
    """Channel and amount are what a replay must repeat."""
    assert tender("o").fingerprint == "card/19900"
    assert tender("o", "pay_later").fingerprint == "pay_later/19900"
