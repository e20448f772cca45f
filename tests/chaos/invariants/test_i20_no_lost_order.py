"""I20 seen failing: an order given to a shopper that the shop no longer knows."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i20_no_lost_order import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, OrderReading, RegionReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import PLAN, bought, order, readings, told


@pytest.mark.parametrize("f", ["flash_buy", "order"])
def test_lost(f: str) -> None:
    """An acknowledged order that is missing in the end is a FAIL, unpaid or not."""
    finding = check(Books.of(told(bought("o1", f=f), bought("o2")), readings(order("o2"))), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([bought("o1", shopper="thief")], id="kept for somebody else"),
        pytest.param([bought("o1"), bought("o1", shopper="thief", at=2)], id="given to two shoppers"),
    ],
)
def test_somebody_elses(rows: list[Row]) -> None:
    """An order that in the end is not the shopper's it was given to is a FAIL."""
    there = bought("", shopper="s-o1", outcome="fail")
    finding = check(Books.of(told(*rows, there), readings(order("o1"))), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))
    assert "1 belong to another shopper" in finding.summary


def test_books_that_name_shoppers_otherwise() -> None:
    """Where no order names anybody of this run, that each names another proves nothing."""
    final = readings(order("o1", shopper="u1@shop.test"), order("o2", shopper="u2@shop.test"))
    finding = check(Books.of(told(bought("o1"), bought("o2")), final), PLAN)

    assert Status.INCONCLUSIVE is finding.status
    assert "name none of the shoppers of this run" in finding.summary


def test_an_order_lost_is_lost_however_shoppers_are_named() -> None:
    """What is missing is missing in any language."""
    final = readings(order("o1", shopper="u1@shop.test"))
    finding = check(Books.of(told(bought("o1"), bought("o2")), final), PLAN)

    assert (finding.status, finding.ids[0]) == (Status.FAIL, "o2")


def in_regions(*stories: tuple[OrderReading, ...], undecided: int = 0) -> FinalReadings:
    """Return what regions a, b … tell; the shop itself tells what a does."""
    regions = tuple(
        RegionReading(region=name, orders=story) for name, story in zip("abc", stories, strict=False)
    )
    return FinalReadings(orders=stories[0], regions=regions, undecided=undecided)


@pytest.mark.parametrize(
    ("a", "b", "ids"),
    [
        pytest.param(order("o1"), order("o1", "expired"), ("o1",), id="paid here, expired there"),
        pytest.param(order("o1"), order("o1", qty=2, total_cents=100), ("o1",), id="other lines"),
        pytest.param(order("o1"), order("o1", total_cents=1), ("o1",), id="another total"),
        pytest.param(order("o1"), order("o1", shopper="thief"), ("o1",), id="another shopper"),
        pytest.param(order("o1"), order("o1", region="b"), (), id="the same, wherever it was made"),
        pytest.param(order("o2"), order("o1"), (), id="known there only"),
    ],
)
def test_stories_of_regions(a: OrderReading, b: OrderReading, ids: tuple[str, ...]) -> None:
    """One id with two contents is a FAIL; what one region knows is known."""
    finding = check(Books.of(told(bought("o1")), in_regions((a,), (b,))), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL if ids else Status.PASS, ids)


def test_states_that_were_read_while_orders_were_open_are_not_compared() -> None:
    """An order may have been paid between the two readings; its lines may not have changed."""
    expired, other = order("o1", "expired"), order("o1", total_cents=1)
    books = [
        Books.of(told(bought("o1")), in_regions((order("o1"),), (second,), undecided=1))
        for second in (expired, other)
    ]

    assert [check(one, PLAN).status for one in books] == [Status.PASS, Status.FAIL]


def test_known() -> None:
    """An order known in whatever state is not lost."""
    rows = [bought("o1"), bought("o2"), bought("o3", outcome="info")]

    assert (
        Status.PASS
        is check(Books.of(told(*rows), readings(order("o1", "expired"), order("o2"))), PLAN).status
    )


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([bought("o1")], FinalReadings(), id="the orders cannot be read"),
        pytest.param([], readings(order("o1")), id="no order was given"),
    ],
)
def test_unproven(rows: list[Row], final: FinalReadings) -> None:
    """Without the orders or a single acknowledgement nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(*rows), final), PLAN).status
