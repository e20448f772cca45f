import pytest

from mock_store import payments
from mock_store.payments import Capture
from tests.mock_store.lab import PRICE_CENTS, Lab

pytestmark = pytest.mark.anyio


def capture(order_id: str, payment_id: str = "p-1", amount_cents: int = PRICE_CENTS) -> Capture:
    """Return a capture for an order."""
    return Capture(payment_id=payment_id, order_id=order_id, amount_cents=amount_cents)


async def test_settling_is_idempotent(lab: Lab) -> None:
    """The same capture settles once, however often it is reported."""
    storage = lab.regions["a"].storage
    order_id = await lab.bought("ann")
    for _ in range(3):
        await storage.write(payments.settle, capture(order_id))

    assert await lab.flash() == {"initial": 10, "available": 9, "reserved": 0, "sold": 1}
    assert await lab.pending() == (0, 0, 0)


async def test_a_capture_of_another_amount_is_surplus(lab: Lab) -> None:
    """Too little money does not pay an order; it is to be given back."""
    order_id = await lab.bought("ann")
    await lab.regions["a"].storage.write(payments.settle, capture(order_id, amount_cents=1))

    assert await lab.status(order_id) == "pending_payment"
    assert await lab.pending() == (0, 1, 1)


async def test_an_unknown_order_is_not_ours_to_judge(lab: Lab) -> None:
    """Money for an order of somebody else's is left alone."""
    await lab.regions["a"].storage.write(payments.settle, capture("o-nobody"))

    assert await lab.pending() == (0, 0, 0)


async def test_an_attempt_that_is_closed_stays_closed(lab: Lab) -> None:
    """Neither a move nor a void touches an attempt that has its outcome."""
    order_id = await lab.bought("ann")
    await lab.pay(order_id)
    storage = lab.regions["a"].storage
    paid = storage.read(payments.by_key, order_id, "p")
    assert paid is not None

    assert not await storage.write(payments.move, paid, payments.UNKNOWN, lease_until_ns=0)
    await storage.write(payments.void, paid, 0)
    assert await lab.status(order_id) == "paid"


async def test_a_void_leaves_a_settled_order_alone(lab: Lab) -> None:
    """Closing an attempt expires its order only if that is still unpaid."""
    storage = lab.regions["a"].storage
    order_id = await lab.bought("ann")
    lab.net.break_("lost", ["capture"])
    await lab.pay(order_id)
    unknown = storage.read(payments.open_of, order_id)
    assert unknown is not None
    await storage.write(lambda c: c.execute("UPDATE orders SET status = 'confirmed'").rowcount)
    await storage.write(payments.void, unknown, 0)

    assert await lab.status(order_id) == "confirmed"
    assert (await lab.flash())["available"] == 9
