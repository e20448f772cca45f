import pytest

from tests.mock_store.lab import FULL_PRICE_CENTS, NS_PER_S, PRICE_CENTS, T_ZERO_NS, Lab

pytestmark = pytest.mark.anyio


async def close_in(lab: Lab, duration_s: float | None) -> int:
    """Set when the sale closes; return the status of the answer."""
    body = {"opens_at_ns": T_ZERO_NS}
    if duration_s is not None:
        body["closes_at_ns"] = T_ZERO_NS + round(duration_s * NS_PER_S)
    return (await lab.post("/admin/sale", body)).status_code


@pytest.mark.parametrize(
    ("waited_s", "price_cents"),
    [(1.999, PRICE_CENTS), (2.0, FULL_PRICE_CENTS), (60.0, FULL_PRICE_CENTS)],
    ids=["just before the end", "at the end", "long after"],
)
async def test_the_price_of_a_new_order_is_full_from_the_end_on(
    two_regions: Lab, waited_s: float, price_cents: int
) -> None:
    """Page and order say the same, at both regions, on either side of the end."""
    await close_in(two_regions, 2.0)
    two_regions.clock.advance(waited_s)
    page = await two_regions.get("/products/flash", at="b")
    order = (await two_regions.buy("ann", at="b")).json()

    assert (price_cents, price_cents) == (page["price_cents"], order["total_cents"])


async def test_an_order_keeps_the_price_it_was_made_at(lab: Lab) -> None:
    """Made before the end and paid after it, it costs what was promised."""
    await close_in(lab, 2.0)
    order_id = await lab.bought("ann")
    lab.clock.advance(3.0)
    response = await lab.pay(order_id)

    assert (response.status_code, lab.charged_cents()) == (200, PRICE_CENTS)


async def test_a_sale_that_never_closes_keeps_its_price(lab: Lab) -> None:
    """Without an end, and after one taken back, the price stays; a change of the opening leaves the end."""
    lab.clock.advance(1e6)
    endless = (await lab.buy("ann")).json()["total_cents"]
    await close_in(lab, 2.0)
    await close_in(lab, None)
    closed = (await lab.buy("bob")).json()["total_cents"]
    await lab.post("/admin/sale", {"opens_at_ns": T_ZERO_NS, "closes_at_ns": 0})
    reopened = (await lab.buy("cid")).json()["total_cents"]

    assert (endless, closed, reopened) == (PRICE_CENTS, FULL_PRICE_CENTS, PRICE_CENTS)
