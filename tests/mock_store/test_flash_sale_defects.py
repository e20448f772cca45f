from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mock_store.defects import Defect
from mock_store.pages import Copy
from tests.mock_store.lab import FULL_PRICE_CENTS, NS_PER_S, PRICE_CENTS, T_ZERO_NS, Lab, open_lab

pytestmark = pytest.mark.anyio

STOCK = 10
Story = Callable[[Lab], Awaitable[Any]]


async def buys(lab: Lab, count: int, at: str, *, after: int = 0) -> list[int]:
    """Let shoppers buy one unit each at a region, one after the other; return the answers' statuses."""
    names = [f"shopper-{at}{number}" for number in range(after, after + count)]
    return [(await lab.buy(name, at=at)).status_code for name in names]


async def units_sold(lab: Lab) -> int:
    """Return how many units are ordered in all, as the orders say."""
    return sum(line["qty"] for order in await lab.books("orders") for line in order["lines"])


async def both_regions_sell_all(lab: Lab) -> int:
    """As many come to each region as there are units."""
    await buys(lab, STOCK, "a")
    await buys(lab, STOCK, "b")
    return await units_sold(lab)


async def a_page_is_old(lab: Lab) -> int:
    """Region a shows a page, region b sells out, and then one more comes to a."""
    await lab.get("/products/flash", at="a")
    await buys(lab, STOCK, "b")
    await buys(lab, 1, "a")
    return await units_sold(lab)


async def sold_out_and_not(lab: Lab) -> bool:
    """Tell whether anybody was sold a unit after another was told that there are none."""
    statuses = [status for n in range(0, STOCK, 4) for status in await buys(lab, 4, "a", after=n)]
    return 409 in statuses and 201 in statuses[statuses.index(409) :]


async def a_shopper_visits_both_regions(lab: Lab) -> int:
    """Two units, as many as anybody may have, at one region, and two at the other."""
    for at in "ab":
        await lab.buy("ann", at, qty=2, at=at)
    return await units_sold(lab)


async def the_sale_has_closed(lab: Lab) -> int:
    """Return the price of an order made after the end."""
    await lab.post("/admin/sale", {"opens_at_ns": T_ZERO_NS, "closes_at_ns": T_ZERO_NS + NS_PER_S})
    lab.clock.advance(1)
    return int((await lab.buy("ann")).json()["total_cents"])


async def a_clock_is_ahead(lab: Lab) -> list[int]:
    """Region a's own clock is five seconds ahead; the sale opens in three. Return who was served."""
    await lab.post("/admin/sale", {"opens_at_ns": T_ZERO_NS + 3 * NS_PER_S})
    await lab.clients["a"].put("/__fault/clock_offset", json={"s": 5})
    return [(await lab.buy(f"shopper-{at}", at=at)).status_code for at in "ab"]


async def a_request_is_sent_again(lab: Lab) -> tuple[list[int], int]:
    """As it was, at the other region, and then with another body; return the answers and the orders made."""
    answers = [await lab.buy("ann", qty=qty, at=at) for qty, at in ((1, "a"), (1, "b"), (2, "a"))]
    return [answer.status_code for answer in answers], len(await lab.books("orders"))


async def ten_orders(lab: Lab) -> tuple[int, int]:
    """Return how many different ids ten orders got, and how many of them the books know."""
    bought = [await lab.bought(f"shopper-{at}{n}", at=at) for at in "ab" for n in range(5)]
    return len(set(bought)), len(await lab.books("orders"))


async def a_number_is_shown_again(lab: Lab) -> list[int]:
    """Return how often the one number drawn let somebody buy, and the uses in its books."""
    token = (await lab.drawn("ann"))["token"]
    answers = [await lab.buy("ann", key, token=token) for key in ("k1", "k2")]
    (entry,) = await lab.books("queue", name="tokens")
    return [sum(answer.status_code == 201 for answer in answers), entry["uses"], entry["admitted"]]


@pytest.mark.parametrize(
    ("defect", "story", "right", "wrong"),
    [
        (Defect.OVERSELL_TWO_REGIONS, both_regions_sell_all, STOCK, 2 * STOCK),
        (Defect.SPLIT_BRAIN, both_regions_sell_all, STOCK, 2 * STOCK),
        (Defect.OVERSELL_CACHE, a_page_is_old, STOCK, STOCK + 1),
        (Defect.SOLD_OUT_FLAPS, sold_out_and_not, False, True),
        (Defect.LIMIT_PER_REGION, a_shopper_visits_both_regions, 2, 4),
        (Defect.PROMO_PRICE_FOR_EVER, the_sale_has_closed, FULL_PRICE_CENTS, PRICE_CENTS),
        (Defect.OPENS_EARLY, a_clock_is_ahead, [403, 403], [201, 403]),
        (Defect.IDEMPOTENCY_IGNORED, a_request_is_sent_again, ([201, 200, 422], 1), ([201, 201, 409], 2)),
        (Defect.ORDER_ID_REUSED, ten_orders, (10, 10), (9, 9)),
        (Defect.TOKEN_REUSED, a_number_is_shown_again, [1, 1, 1], [2, 2, 2]),
    ],
)
async def test_a_defect_breaks_what_the_correct_shop_keeps(
    tmp_path: Path, defect: Defect, story: Story, right: object, wrong: object
) -> None:
    """The same happens to both shops: the one without the defect keeps its books right."""
    tokens = story is a_number_is_shown_again
    told = []
    for name, defects in (("right", []), ("wrong", [defect])):
        async with open_lab(tmp_path / name, names="ab", stock=STOCK, tokens=tokens, defects=defects) as lab:
            told.append(await story(lab))

    assert [right, wrong] == told


async def test_a_split_brain_follows_its_peers_word(tmp_path: Path) -> None:
    """As long as a region hears what the other sold, it knows when there is nothing left."""
    async with open_lab(tmp_path, names="ab", stock=STOCK, defects=[Defect.SPLIT_BRAIN]) as lab:
        await buys(lab, STOCK, "b")
        product = lab.regions["b"].pages.product("flash")
        news = {"region": "b", "as_of_ns": T_ZERO_NS, "copies": [Copy(product, T_ZERO_NS)]}
        await lab.clients["a"].post("/sync/stock", content=msgspec.json.encode(news))
        statuses = await buys(lab, 2, "a")

    assert statuses == [409, 409]


async def test_units_counted_in_the_wrong_place_overdraw_the_shelf(tmp_path: Path) -> None:
    """The books then hold more units reserved than there were: that is how the defect is found."""
    async with open_lab(tmp_path, names="ab", stock=STOCK, defects=[Defect.OVERSELL_TWO_REGIONS]) as lab:
        await both_regions_sell_all(lab)
        shelf = await lab.flash()

    assert shelf == {"initial": STOCK, "available": 0, "reserved": 2 * STOCK, "sold": 0}
