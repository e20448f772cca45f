import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mock_store import queue_tokens
from mock_store.web import Refused
from tests.mock_store.lab import RESERVATION_S, Lab, open_lab

pytestmark = pytest.mark.anyio


@pytest.fixture
async def queued(tmp_path: Path) -> AsyncIterator[Lab]:
    """Return a correct shop of two regions whose sale asks for numbers."""
    async with open_lab(tmp_path, names="ab", tokens=True) as opened:
        yield opened


async def test_numbers_are_drawn_in_order(queued: Lab) -> None:
    """Each draw has the next place, at whichever region; the same key gets the same number."""
    first = await queued.drawn("ann")
    second = await queued.drawn("bob", at="b")
    again = await queued.drawn("ann", at="b")

    assert (first["place"], second["place"]) == (1, 2)
    assert (first["token"], 1, "b") == (again["token"], again["place"], again["region"])


async def test_a_number_lets_its_holder_in_once(queued: Lab) -> None:
    """A buy uses the number, a replay needs none, another order is refused; ranks are those of the orders."""
    ann, bob = await queued.drawn("ann"), await queued.drawn("bob")
    later = await queued.buy("bob", token=bob["token"])
    sooner = await queued.buy("ann", token=ann["token"], at="b")
    replay = await queued.buy("ann")
    other = await queued.buy("ann", "k2", token=ann["token"])

    assert [response.status_code for response in (later, sooner, replay)] == [201, 201, 200]
    assert (other.status_code, other.json()) == (409, {"error": "token_used"})
    assert [
        (entry["shopper"], entry["place"], entry["admitted"], entry["uses"])
        for entry in await queued.books("queue", name="tokens")
    ] == [("ann", 1, 2, 1), ("bob", 2, 1, 1)]


@pytest.mark.parametrize("token", ["", "q-made-up", "another's"], ids=["none", "made up", "another's"])
async def test_nobody_buys_without_a_number_of_their_own(queued: Lab, token: str) -> None:
    """No number, one never drawn, and one that another drew are refused alike."""
    bob = await queued.drawn("bob")
    response = await queued.buy("ann", token=bob["token"] if token == "another's" else token)

    assert (response.status_code, response.json()) == (403, {"error": "no_token"})
    assert (await queued.flash())["reserved"] == 0


async def test_a_number_used_everywhere_at_once_makes_one_order(queued: Lab) -> None:
    """Four orders with one number, at two regions at once: one is made."""
    ann = await queued.drawn("ann")
    answers = await asyncio.gather(
        *(queued.buy("ann", key, token=ann["token"], at="ab"[n % 2]) for n, key in enumerate("wxyz"))
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert (await queued.flash())["reserved"] == 1


async def test_using_a_number_is_conditional(queued: Lab) -> None:
    """Even past the look at it, a number that is used, or was never drawn, lets nobody in."""
    token = (await queued.drawn("ann"))["token"]
    write = queued.regions["a"].storage.write
    await write(queue_tokens.use, token)

    for shown in (token, "q-made-up"):
        with pytest.raises(Refused, match="token_used"):
            await write(queue_tokens.use, shown)


async def test_a_refused_buy_keeps_the_number(tmp_path: Path) -> None:
    """Who came too late for the last unit keeps the number, and uses it when a unit comes back."""
    async with open_lab(tmp_path, stock=1, tokens=True) as lab:
        ann, bob = await lab.drawn("ann"), await lab.drawn("bob")
        await lab.buy("ann", token=ann["token"])
        refused = await lab.buy("bob", token=bob["token"])
        lab.clock.advance(RESERVATION_S)
        await lab.tick()
        taken = await lab.buy("bob", token=bob["token"])

    assert [(refused.status_code, refused.json()), taken.status_code] == [(409, {"error": "sold_out"}), 201]


async def test_only_the_flash_sale_has_a_queue(lab: Lab) -> None:
    """There are no numbers for an ordinary product; a sale that asks for none ignores them."""
    response = await lab.post("/flash-sale/mug/queue", {})

    assert (response.status_code, response.json()) == (404, {"error": "unknown_sku"})
    assert (await lab.buy("ann", token="whatever")).status_code == 201
