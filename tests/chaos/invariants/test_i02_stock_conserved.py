"""I2 seen failing: a unit vanished, appeared, went below zero, or was sold off the books."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i02_stock_conserved import check
from rehearsal.model.history import Kind, Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import GOOD_BOOKS, PLAN, order, readings, stock, told


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(readings(order("o1"), stock(1, available=0)), "initial 2, but", id="a unit vanished"),
        pytest.param(readings(order("o1"), stock(1, available=2)), "= 3", id="a unit appeared"),
        pytest.param(
            readings(order("o1", qty=3), stock(3)),
            "a count below zero (available -1",
            id="below zero, though the sum is right",
        ),
        pytest.param(
            readings(order("o1"), stock(2)),
            "the stock says 2 sold, the orders say 1",
            id="sold without an order",
        ),
        pytest.param(
            readings(order("o1"), order("o2"), stock(1)),
            "the stock says 1 sold, the orders say 2",
            id="an order without stock",
        ),
        pytest.param(
            FinalReadings(stock=(stock(1, available=0),)), "initial 2, but", id="without the orders"
        ),
        pytest.param(
            readings(order("o1"), stock(1, reserved=1)),
            "the stock says 1 reserved, the orders say 0",
            id="a unit reserved for nobody",
        ),
        pytest.param(
            readings(order("o1"), stock(1, initial=9)), "but the plan sells 2", id="more stock than planned"
        ),
        pytest.param(readings(order("o1"), stock(1), stock(1)), "lists it 2 times", id="listed twice"),
    ],
)
def test_not_conserved(final: FinalReadings, words: str) -> None:
    """A stock that does not add up is a FAIL naming the SKU and the sums."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("flash",))
    assert words in finding.summary


@pytest.mark.parametrize("units", [-1, 3])
def test_seen_while_it_ran(units: int) -> None:
    """A stock that was ever seen below nothing, or above all there was, is a FAIL, whatever it is at rest."""
    seen = Row(kind=Kind.STOCK, f="flash", sent_ns=5, qty=units)
    finding = check(Books.of(told(seen), readings(*GOOD_BOOKS)), PLAN)

    assert (finding.status, finding.ids) == (Status.FAIL, ("flash",))
    assert f"{units} units were seen" in finding.summary


def test_orders_that_were_still_open_are_not_compared_with_the_stock() -> None:
    """One may have expired between the two readings; a stock that does not add up in itself is wrong."""
    open_ = (order("o1"), order("o2", "pending_payment"))
    fine = readings(*open_, stock(1), undecided=1)
    wrong = readings(*open_, stock(1, available=0), undecided=1)

    assert Status.INCONCLUSIVE is check(Books.of(told(), fine), PLAN).status
    assert Status.FAIL is check(Books.of(told(), wrong), PLAN).status


def test_seen_within_bounds() -> None:
    """Nothing and everything are good readings, and another product is not the plan's."""
    seen = [Row(kind=Kind.STOCK, f="flash", sent_ns=5, qty=units) for units in (0, 2)]
    other = Row(kind=Kind.STOCK, f="p1", sent_ns=5, qty=99)

    assert Status.PASS is check(Books.of(told(*seen, other), readings(*GOOD_BOOKS)), PLAN).status


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(readings(*GOOD_BOOKS), id="sold out"),
        pytest.param(
            readings(order("o1", "cancelled"), order("o2"), stock(1, restocked=1)), id="one was restocked"
        ),
        pytest.param(
            readings(order("o1", "confirmed"), order("o2", "expired"), stock(1)),
            id="pay later sold, expired not",
        ),
        pytest.param(
            readings(order("o1"), order("o2", "pending_payment"), stock(1, reserved=1)),
            id="one still reserved",
        ),
    ],
)
def test_conserved(final: FinalReadings) -> None:
    """A stock that adds up and agrees with the orders is a PASS."""
    assert Status.PASS is check(Books.of(told(), final), PLAN).status


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(FinalReadings(), id="nothing read"),
        pytest.param(FinalReadings(stock=(stock(0),)), id="stock alone"),
        pytest.param(FinalReadings(orders=(order("o1"),)), id="orders alone"),
        pytest.param(readings(stock(0)), id="nothing sold"),
        pytest.param(readings(order("o1")), id="the stock lists nothing"),
    ],
)
def test_unproven(final: FinalReadings) -> None:
    """Without both readings, or with nothing sold, conservation is not proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(), final), PLAN).status
