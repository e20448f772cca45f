"""Whatever shoppers and faults do, the correct shop neither oversells nor takes money for nothing."""

import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mock_store.lab import CLASSES, PRICE_CENTS, Lab, open_lab

BUYS = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cid", "dot"]),
        st.sampled_from("12"),
        st.integers(1, 3),
        st.sampled_from("ab"),
    ),
    min_size=1,
    max_size=24,
)
FAULTS = st.dictionaries(
    st.sampled_from(CLASSES), st.sampled_from(["refused", "dropped", "lost", "error", "garbled"])
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("net"), FAULTS),
        st.tuples(st.just("pay"), st.sampled_from("pq")),
        st.tuples(st.just("later"), st.sampled_from("pq")),
        st.tuples(st.just("tick"), st.sampled_from("ab")),
        st.tuples(st.just("wait"), st.sampled_from([0.5, 3.0, 6.0])),
        st.tuples(st.just("callbacks"), st.just("")),
    ),
    min_size=1,
    max_size=12,
)


@given(BUYS, st.integers(1, 6))
@settings(max_examples=25, deadline=None)
def test_concurrent_buys_never_oversell(buys: list[tuple[str, str, int, str]], stock: int) -> None:
    """However buys interleave at two regions: units are conserved, limits hold, an intent has one order."""
    asyncio.run(check_buys(buys, stock))


async def check_buys(buys: list[tuple[str, str, int, str]], stock: int) -> None:
    """Send all buys at once and audit what came of them."""
    with TemporaryDirectory() as folder:
        async with open_lab(Path(folder), names="ab", stock=stock) as lab:
            answers = await asyncio.gather(*(lab.buy(s, k, qty=q, at=at) for s, k, q, at in buys))
            orders = (await lab.get("/admin/orders"))["orders"]
            shelf = await lab.flash()

    assert {answer.status_code for answer in answers} <= {200, 201, 409, 422}
    assert sum(answer.status_code == 201 for answer in answers) == len(orders)
    assert len(orders) == len({(order["shopper"], order["intent"]) for order in orders})
    units = {s: sum(o["lines"][0]["qty"] for o in orders if o["shopper"] == s) for s, *_ in buys}
    assert max(units.values()) <= 2
    assert (sum(units.values()), stock) == (shelf["reserved"], shelf["reserved"] + shelf["available"])
    assert shelf["available"] >= 0


@given(STEPS)
@settings(max_examples=60, deadline=None)
def test_no_sequence_of_faults_loses_or_doubles_money(steps: list[tuple[str, object]]) -> None:
    """After any sequence and a quiet time: paid means charged once, anything else charged nothing."""
    asyncio.run(check_payment(steps))


async def check_payment(steps: list[tuple[str, object]]) -> None:
    """Buy, let everything happen, heal, settle, and audit."""
    with TemporaryDirectory() as folder:
        async with open_lab(Path(folder), names="ab") as lab:
            order_id = await lab.bought("ann")
            told = [await take(lab, order_id, what, detail) for what, detail in steps]
            await lab.settle()
            status, charged_cents = await lab.status(order_id), lab.charged_cents()
            assert await lab.pending() == (0, 0, 0)
            await lab.deliver_callbacks()
            await lab.tick()
            assert (status, charged_cents) == (await lab.status(order_id), lab.charged_cents())

    assert status in {"paid", "confirmed", "expired"}
    assert (PRICE_CENTS if status == "paid" else 0) == charged_cents
    assert told.count("paid") == 0 or status == "paid"
    assert told.count("confirmed") == 0 or status == "confirmed"


async def take(lab: Lab, order_id: str, what: str, detail: object) -> str:
    """Take one step and return what the shopper was told, if anything."""
    match what, detail:
        case "net", dict():
            lab.net.heal()
            lab.net.faults.update(detail)
        case "tick", str():
            await lab.tick(detail)
        case "wait", float():
            lab.clock.advance(detail)
        case "callbacks", _:
            await lab.deliver_callbacks()
        case _:
            channel = "card" if what == "pay" else "pay_later"
            response = await lab.pay(order_id, str(detail), channel=channel)
            before = lab.charged_cents()
            assert response.status_code in {200, 202, 409, 422, 503}
            if response.status_code == 503:
                assert before == 0
            return str(response.json().get("status"))
    return ""
