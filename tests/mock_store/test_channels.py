"""The second payment channel: new payments go there, and what was begun stays where it is."""

from pathlib import Path

import pytest

from mock_store import channels, payments
from mock_store.web import Refused
from tests.mock_store.lab import PRICE_CENTS, SECOND, Lab, open_lab

pytestmark = pytest.mark.anyio


async def switch(lab: Lab, provider: str, at: str = "a") -> int:
    """Let a provider take new payments and return the status of the answer."""
    return (await lab.clients[at].post("/admin/channel", json={"provider": provider})).status_code


async def test_new_payments_go_to_the_other_provider_in_both_regions(tmp_path: Path) -> None:
    """What one region is told both know; refunds find the provider that has the money; and back again."""
    async with open_lab(tmp_path, names="ab", second=True) as lab:
        status = await switch(lab, "second")
        now = await lab.get("/admin/channel", "b")
        order_id = await lab.bought("ann", at="b")
        paid = (await lab.pay(order_id, at="b")).json()
        await lab.cancel(order_id)
        await lab.tick()
        assert lab.second is not None
        ledger = [entry["kind"] for entry in lab.ledger("authorize", "capture", "refund")]
        first = lab.net.calls.count("capture/capture")
        await switch(lab, "first", "b")
        await lab.pay(await lab.bought("bob"), shopper="bob")

        assert (status, now, paid["payment_id"][:3]) == (200, {"provider": "second"}, "p2-")
        assert (ledger, first) == (["authorize", "capture", "refund"], 0)
        assert (lab.net.calls.count("capture/capture"), lab.charged_cents()) == (1, PRICE_CENTS)


@pytest.mark.parametrize("lost", ["lost", "dropped"], ids=["captured", "not captured"])
async def test_an_unknown_payment_stays_with_its_provider(tmp_path: Path, lost: str) -> None:
    """While it is unknown nobody charges the order elsewhere; then it is settled where it was begun."""
    async with open_lab(tmp_path, second=True) as lab:
        order_id = await lab.bought("ann")
        lab.net.break_(lost, ["capture"])
        await lab.pay(order_id)
        await switch(lab, "second")
        other_key = await lab.pay(order_id, "p2")
        lab.net.heal()
        await lab.tick()
        elsewhere = [call for call in lab.net.calls if call.split("/")[0] in SECOND]

        assert (other_key.status_code, other_key.json()["error"]) == (409, "payment_in_progress")
        assert (await lab.status(order_id), lab.charged_cents(), elsewhere) == ("paid", PRICE_CENTS, [])


async def test_an_attempt_that_was_never_sent_may_go_to_the_other(tmp_path: Path) -> None:
    """Refused by the first, promised to be without effect, then paid with the second."""
    async with open_lab(tmp_path, second=True) as lab:
        order_id = await lab.bought("ann")
        lab.net.break_("refused", ["authorize"])
        refused = await lab.pay(order_id)
        await switch(lab, "second")
        paid = await lab.pay(order_id)

        assert (refused.status_code, paid.status_code) == (503, 200)
        assert lab.charged_cents() == PRICE_CENTS


@pytest.mark.parametrize("provider", ["third", ""])
async def test_there_is_no_third_channel(lab: Lab, provider: str) -> None:
    """400, and nothing changes."""
    assert await switch(lab, provider) == 400
    assert lab.regions["a"].storage.read(channels.current) == payments.FIRST


async def test_a_channel_that_the_shop_does_not_have() -> None:
    """Refused, rather than paid through nobody."""
    with pytest.raises(Refused, match="no_such_channel"):
        channels.Channels({}).of("second")
