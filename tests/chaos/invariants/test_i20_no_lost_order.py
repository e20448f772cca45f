"""I20 seen failing: an order given to a shopper that the shop no longer knows."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i20_no_lost_order import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings
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
    finding = check(Books.of(told(*rows), readings(order("o1"))), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))
    assert "1 belong to another shopper" in finding.summary


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
