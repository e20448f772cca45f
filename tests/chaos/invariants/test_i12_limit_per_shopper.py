"""I12 seen failing: too many for one shopper, across orders, regions and books."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i12_limit_per_shopper import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, OrderLine
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    bought,
    cancelled,
    order,
    paid,
    readings,
    told,
)

GREEDY_ROWS = [row for i in "123" for row in (bought(f"o{i}", shopper="s"), paid(f"o{i}"))]


@pytest.mark.parametrize(
    ("rows", "final", "ids"),
    [
        pytest.param([], readings(order("o1", qty=3)), ("o1",), id="three in one order"),
        pytest.param(
            [],
            readings(order("o1", qty=2, shopper="s"), order("o2", shopper="s", region="b")),
            ("o1", "o2"),
            id="two in one region, one in the other",
        ),
        pytest.param(
            [],
            readings(order("o1", qty=2, shopper="s"), order("o2", "pending_payment", shopper="s")),
            ("o1", "o2"),
            id="a reserved unit counts",
        ),
        pytest.param(
            GREEDY_ROWS, readings(), ("o1", "o2", "o3"), id="the shopper was told so, the books forgot"
        ),
        pytest.param(GREEDY_ROWS, FinalReadings(), ("o1", "o2", "o3"), id="history alone is proof"),
        pytest.param(
            [bought(name, shopper="s") for name in ("o1", "o2", "o3")],
            readings(*(order(name, shopper="") for name in ("o1", "o2", "o3"))),
            ("o1", "o2", "o3"),
            id="a guest who was given three",
        ),
        pytest.param(
            [*GREEDY_ROWS, cancelled("o1", outcome="fail")],
            readings(),
            ("o1", "o2", "o3"),
            id="a cancellation that was refused",
        ),
    ],
)
def test_beyond_the_limit(rows: list[Row], final: FinalReadings, ids: tuple[str, ...]) -> None:
    """Who holds more than the limit is a FAIL naming all their orders."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert (Status.FAIL, ids) == (finding.status, finding.ids)


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param(GOOD_ROWS, readings(*GOOD_BOOKS), id="one each"),
        pytest.param(
            [bought("o1", qty=2)],
            readings(order("o1", qty=2, shopper="s"), order("o2", "expired", shopper="s")),
            id="two, and one expired",
        ),
        pytest.param(
            [bought("o1")],
            readings(order("o1", lines=(OrderLine(sku="p1", qty=9, price_cents=1),))),
            id="nine of another SKU",
        ),
        pytest.param(
            [*GREEDY_ROWS[:4], GREEDY_ROWS[0]], readings(), id="a replayed answer is no third order"
        ),
        pytest.param([*GREEDY_ROWS, cancelled("o1")], readings(), id="one was cancelled"),
        pytest.param(
            [bought("o1"), bought("o2"), bought("o3")],
            readings(*(order(name, shopper="") for name in ("o1", "o2", "o3", "o4"))),
            id="guests whom the books do not name",
        ),
        pytest.param([*GREEDY_ROWS, cancelled("o1", outcome="info")], readings(), id="one perhaps"),
    ],
)
def test_within_the_limit(rows: list[Row], final: FinalReadings) -> None:
    """Nobody above the limit is a PASS."""
    assert Status.PASS is check(Books.of(told(*rows), final), PLAN).status


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param(GOOD_ROWS, FinalReadings(), id="the orders cannot be read"),
        pytest.param([], readings(), id="nobody got an order"),
    ],
)
def test_unproven(rows: list[Row], final: FinalReadings) -> None:
    """Without the orders or a single buyer nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(*rows), final), PLAN).status
