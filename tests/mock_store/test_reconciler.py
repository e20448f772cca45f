import asyncio
from typing import Any

import msgspec
import pytest

from mock_store import orders, payments, reconciler
from mock_store.region import Region
from tests.mock_store.lab import PRICE_CENTS, Gate, Lab, answering

pytestmark = pytest.mark.anyio


async def pay_lost(lab: Lab, step: str, fault: str = "lost") -> str:
    """Return an order whose payment got lost at a step, with everything healed again."""
    order_id = await lab.bought("ann")
    lab.net.break_(fault, [step])
    assert (await lab.pay(order_id)).status_code == 202
    lab.net.heal()
    return order_id


async def test_at_rest_it_only_looks(lab: Lab) -> None:
    """With nothing left over there is no call and no change."""
    await lab.bought("ann")

    await lab.tick()

    assert lab.net.calls == []
    assert await lab.pending() == (0, 1, 0)


async def test_another_region_resolves_what_a_dead_one_left(two_regions: Lab) -> None:
    """An attempt that region a began and never finished is resolved by b, once its lease is over."""
    order_id = await two_regions.bought("ann", at="a")
    crashed = two_regions.regions["a"].storage
    order = crashed.read(orders.by_id, order_id)
    started = payments.Payment(
        "t-1", order_id, "p", "card/19900", order.total_cents, "authorizing", "", two_regions.clock.at_ns + 1
    )
    await crashed.write(payments.save, started)
    await two_regions.tick("b")
    early = two_regions.net.calls.copy()
    two_regions.clock.advance(1)
    await two_regions.tick("b")

    assert early == []
    assert (await two_regions.status(order_id), two_regions.charged_cents()) == ("paid", PRICE_CENTS)


async def test_what_may_still_be_on_its_way_is_left_alone(lab: Lab) -> None:
    """The provider would not know of it yet, and be asked for it a second time."""
    msgspec.structs.force_setattr(lab.regions["a"].config, "arrives_within_s", 1.0)
    order_id = await pay_lost(lab, "capture")
    before = len(lab.net.calls)
    await lab.tick()
    early = len(lab.net.calls)
    lab.clock.advance(1)
    await lab.tick()

    assert early == before
    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


async def test_two_regions_do_not_work_the_same_attempt(two_regions: Lab) -> None:
    """While a's reconciler asks about an attempt, b's finds it leased."""
    order_id = await pay_lost(two_regions, "capture", "dropped")

    async def tick_b() -> None:
        two_regions.net.before.clear()
        await two_regions.tick("b")

    two_regions.net.before["status"] = tick_b
    await two_regions.tick("a")

    assert two_regions.net.calls.count("status/payments") == 1
    assert (await two_regions.status(order_id), len(two_regions.ledger("capture"))) == ("paid", 1)


async def test_two_regions_at_once_are_harmless(two_regions: Lab) -> None:
    """However their reconcilers interleave, there is one capture."""
    order_id = await pay_lost(two_regions, "capture", "dropped")

    await asyncio.gather(*(two_regions.tick(at) for at in "abab"))

    assert (await two_regions.status(order_id), len(two_regions.ledger("capture"))) == ("paid", 1)


async def test_a_reconciler_that_cannot_ask_waits(lab: Lab) -> None:
    """While the provider cannot be asked, the order neither expires nor is paid, however long it takes."""
    order_id = await pay_lost(lab, "capture")
    lab.net.break_("refused")
    for _ in range(3):
        lab.clock.advance(6)
        await lab.tick()

    assert await lab.status(order_id) == "pending_payment"
    assert await lab.pending() == (1, 1, 1)


async def test_past_the_deadline_a_capture_still_counts(lab: Lab) -> None:
    """An unknown payment that turns out to be captured pays the order, even after its deadline."""
    order_id = await pay_lost(lab, "capture")
    lab.clock.advance(60)
    await lab.tick()

    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


@pytest.mark.parametrize("step", ["authorize", "capture"])
async def test_past_the_deadline_what_was_not_captured_is_voided(lab: Lab, step: str) -> None:
    """The provider promises that no zombie will charge; then the order expires and the stock comes back."""
    order_id = await pay_lost(lab, step, "dropped")
    lab.clock.advance(6)
    await lab.tick()

    assert await lab.status(order_id) == "expired"
    assert await lab.pending() == (0, 0, 0)
    zombie = await capture_now(lab, order_id)
    assert zombie in {404, 409}
    assert lab.charged_cents() == 0
    assert (await lab.pay(order_id, "p")).status_code == 409


async def test_a_void_whose_answer_is_lost_is_asked_again(lab: Lab) -> None:
    """Until the provider's promise is seen, the order does not expire."""
    order_id = await pay_lost(lab, "capture", "dropped")
    lab.clock.advance(6)
    lab.net.after["status"] = lambda: lab.net.break_("lost", ["status"])
    await lab.tick()
    before = await lab.status(order_id)
    lab.net.after.clear()
    lab.net.heal()
    lab.clock.advance(1)
    await lab.tick()

    assert (before, await lab.status(order_id)) == ("pending_payment", "expired")


async def test_a_decline_found_out_late_leaves_the_order_payable(lab: Lab) -> None:
    """If the repeated authorization is declined, the order can be paid otherwise."""
    order_id = await pay_lost(lab, "authorize", "dropped")
    working = lab.net.apps["authorize"]
    lab.net.apps["authorize"] = answering(402, b'{"error":"declined"}')
    await lab.tick()
    lab.net.apps["authorize"] = working

    assert (await lab.pay(order_id, "q", channel="pay_later")).status_code == 200


async def test_money_taken_twice_is_given_back_once(lab: Lab) -> None:
    """Of two captures for one order one is kept, the other refunded; a lost refund answer refunds no more."""
    order_id = await pay_lost(lab, "capture")
    await charge_aside(lab, order_id)
    lab.net.break_("lost", ["refund"])
    await lab.tick()
    before = await lab.pending()
    lab.net.heal()
    lab.clock.advance(1)
    await lab.tick()

    assert before == (0, 0, 1)
    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)
    assert len(lab.ledger("refund")) == 1
    assert await lab.pending() == (0, 0, 0)


async def test_a_capture_of_an_expired_order_is_given_back(lab: Lab) -> None:
    """Money that comes when the order is gone goes back."""
    order_id = await lab.bought("ann")
    lab.clock.advance(6)
    await lab.tick()
    await charge_aside(lab, order_id)
    await lab.deliver_callbacks()
    await lab.tick()

    assert (await lab.status(order_id), lab.charged_cents(), len(lab.ledger("refund"))) == ("expired", 0, 1)


async def test_it_goes_on_after_a_tick_that_failed(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong in a tick, the next one comes."""
    ticks = []
    twice = Gate()

    async def tick(_: Region) -> None:
        ticks.append(1)
        if len(ticks) == 1:
            raise RuntimeError
        await twice.sleep(0)

    async def go_on(_: float) -> None:
        pass

    monkeypatch.setattr(reconciler, "tick", tick)
    region = Region(**{n: getattr(lab.regions["a"], n) for n in Region.__slots__} | {"sleep": go_on})
    task = asyncio.ensure_future(reconciler.reconcile_for_ever(region))
    await twice.reached_by(1)
    task.cancel()

    assert len(ticks) == 2


async def test_a_database_that_cannot_be_used_is_waited_for(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    """A reconciler that finds it down tries again a tick later, without a traceback."""
    lab.regions["a"].modes.put("database_down", b"")
    loop = asyncio.ensure_future(reconciler.reconcile_for_ever(lab.regions["a"]))
    await lab.gate.reached_by(1)
    loop.cancel()

    assert lab.gate.asked_s == [reconciler.TICK_S]
    assert "Traceback" not in caplog.text


async def test_one_leftover_that_fails_keeps_no_other_back(
    lab: Lab, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two refunds are due and the first breaks off: it is logged, the second is made."""
    orders = [await lab.bought(shopper) for shopper in ("ann", "bob")]
    for shopper, order_id in zip(("ann", "bob"), orders, strict=True):
        await lab.pay(order_id, shopper=shopper)
        await lab.cancel(order_id, shopper=shopper)
    bank = lab.regions["a"].channels.of("first")
    refund, tries = bank.refund, iter([True, False])

    async def breaks_first(*args: Any, **kwargs: Any) -> Any:
        if next(tries):
            raise RuntimeError
        return await refund(*args, **kwargs)

    monkeypatch.setattr(bank, "refund", breaks_first)
    await lab.tick()

    assert "a leftover could not be worked at" in caplog.text
    assert len(lab.ledger("refund")) == 1


async def charge_aside(lab: Lab, order_id: str) -> None:
    """Charge an order behind the shop's back."""
    gateway = lab.regions["a"].channels.of("first")
    answer = await gateway.authorize(order_id, PRICE_CENTS, key="aside/a")
    await gateway.capture(answer.body["payment_id"], order_id, PRICE_CENTS, key="aside/c")  # type: ignore[union-attr]


async def capture_now(lab: Lab, order_id: str) -> int:
    """Let a capture arrive that was on its way; return the provider's status."""
    known = lab.ledger("authorize")
    payment_id = known[0]["payment_id"] if known else "p-none"
    answer = (
        await lab.regions["a"].channels.of("first").capture(payment_id, order_id, PRICE_CENTS, key="zombie")
    )
    return answer.status  # type: ignore[union-attr]
