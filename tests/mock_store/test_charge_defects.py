"""The shop's bugs of charging, switched on: each is seen charging wrongly."""

import asyncio
from pathlib import Path

import pytest

from mock_store.defects import Defect
from tests.mock_store.lab import PRICE_CENTS, Lab, open_lab

pytestmark = pytest.mark.anyio

UNAVAILABLE = {"error": "payment_unavailable", "fallback": "pay_later"}


async def test_double_charge_on_retry_charges_twice(tmp_path: Path) -> None:
    """With the defect on, a lost capture answer is followed by a second charge that nobody gives back."""
    async with open_lab(tmp_path, defects=[Defect.DOUBLE_CHARGE_ON_RETRY]) as lab:
        order_id = await lab.bought("ann")
        lab.net.break_("lost", ["capture"])
        response = await lab.pay(order_id)
        await lab.deliver_callbacks()
        await lab.settle()
        status, charged_cents = await lab.status(order_id), lab.charged_cents()

    assert response.status_code == 202
    assert (status, charged_cents) == ("paid", 2 * PRICE_CENTS)


async def test_two_clicks_at_once_are_charged_once(lab: Lab) -> None:
    """The same key twice at the same moment: one capture, and the second click hears paid or pending."""
    order_id = await lab.bought("ann")
    answers = await asyncio.gather(*(lab.pay(order_id) for _ in range(2)))
    await lab.deliver_callbacks()
    await lab.settle()

    assert {answer.status_code for answer in answers} <= {200, 202}
    assert (await lab.status(order_id), lab.charged_cents()) == ("paid", PRICE_CENTS)


async def test_double_click_charges_charges_both(tmp_path: Path) -> None:
    """With the defect on, the click that finds the first under way charges anew, and nobody gives it back."""
    async with open_lab(tmp_path, defects=[Defect.DOUBLE_CLICK_CHARGES]) as lab:
        order_id = await lab.bought("ann")
        second: list[int] = []

        async def click_again() -> None:
            lab.net.before.clear()
            second.append((await lab.pay(order_id)).status_code)

        lab.net.before["capture"] = click_again
        first = await lab.pay(order_id)
        await lab.deliver_callbacks()
        await lab.settle()
        status, charged_cents = await lab.status(order_id), lab.charged_cents()

    assert (first.status_code, second) == (200, [200])
    assert (status, charged_cents) == ("paid", 2 * PRICE_CENTS)


async def test_double_click_charges_bites_at_the_same_moment_too(tmp_path: Path) -> None:
    """Both clicks look before either has written: whoever comes second to the books charges."""
    async with open_lab(tmp_path, defects=[Defect.DOUBLE_CLICK_CHARGES]) as lab:
        order_id = await lab.bought("ann")
        await asyncio.gather(*(lab.pay(order_id) for _ in range(2)))
        await lab.deliver_callbacks()
        await lab.settle()

        assert lab.charged_cents() == 2 * PRICE_CENTS


async def test_double_charge_on_retry_says_paid_when_the_second_is_answered(tmp_path: Path) -> None:
    """With the defect on and one answer lost, the shopper is told paid, and has been charged twice."""
    async with open_lab(tmp_path, defects=[Defect.DOUBLE_CHARGE_ON_RETRY]) as lab:
        order_id = await lab.bought("ann")
        lab.net.after["capture"] = lab.net.heal
        lab.net.break_("lost", ["capture"])
        response = await lab.pay(order_id)
        charged_cents = lab.charged_cents()

    assert (response.status_code, charged_cents) == (200, 2 * PRICE_CENTS)


async def test_double_charge_on_retry_gives_up_without_an_authorization(tmp_path: Path) -> None:
    """With the defect on, a second authorization that cannot be had leaves the first charge pending."""
    async with open_lab(tmp_path, defects=[Defect.DOUBLE_CHARGE_ON_RETRY]) as lab:
        order_id = await lab.bought("ann")
        lab.net.break_("lost", ["capture"])
        lab.net.after["capture"] = lambda: lab.net.break_("refused", ["authorize"])
        response = await lab.pay(order_id)
        charged_cents = lab.charged_cents()

    assert (response.status_code, charged_cents) == (202, PRICE_CENTS)
