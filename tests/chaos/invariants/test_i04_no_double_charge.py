"""I4 seen failing: two captures of an order, of an intent, and wrong amounts."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i04_no_double_charge import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    bought,
    charge,
    order,
    paid,
    readings,
    told,
)

ONCE = charge("capture", "o1")
AGAIN = charge("capture", "o1", payment="p2")


@pytest.mark.parametrize(
    ("rows", "final"),
    [
        pytest.param([], readings(order("o1"), ONCE, AGAIN), id="a second payment of the order"),
        pytest.param([], readings(order("o1"), ONCE, ONCE), id="one payment captured twice"),
        pytest.param(
            [],
            readings(order("o1"), ONCE, AGAIN, charge("void", "o1", payment="p3")),
            id="another attempt's void",
        ),
        pytest.param(
            [],
            readings(order("o1"), order("o0", intent="buy:o1"), ONCE, charge("capture", "o0")),
            id="two orders of one intent, in the books",
        ),
        pytest.param(
            [bought("o1"), bought("o0", intent="buy:o1")],
            FinalReadings(charges=(ONCE, charge("capture", "o0"))),
            id="two orders of one intent, in the history",
        ),
        pytest.param([], readings(order("o1"), charge("capture", "o1", cents=99)), id="another amount"),
        pytest.param(
            [bought("o1", amount_cents=90)], FinalReadings(charges=(ONCE,)), id="not what was quoted"
        ),
        pytest.param(
            [], readings(order("o1"), ONCE, charge("refund", "o1", cents=40)), id="refunded in part only"
        ),
        pytest.param([], FinalReadings(charges=(ONCE, AGAIN)), id="the ledger alone is proof"),
        pytest.param(
            [bought("o1", amount_cents=90)],
            readings(order("o1"), ONCE),
            id="more than was quoted, both agreeing",
        ),
        pytest.param(
            [paid("o1", amount_cents=200)], readings(order("o1"), ONCE), id="told to have paid something else"
        ),
        pytest.param(
            [bought("o1", amount_cents=90)],
            readings(order("o1", "confirmed", channel="pay_later"), order("o2"), charge("capture", "o2")),
            id="billed more than was quoted",
        ),
        pytest.param(
            [], readings(order("o1", "expired"), charge("refund", "o1")), id="refunded, never captured"
        ),
    ],
)
def test_double_charge(rows: list[Row], final: FinalReadings) -> None:
    """Whoever is charged twice, or not what they owe, is named."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert Status.FAIL is finding.status
    assert "o1" in finding.ids


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(readings(*GOOD_BOOKS), id="each once"),
        pytest.param(readings(order("o1"), ONCE, AGAIN, charge("refund", "o1", payment="p2")), id="refunded"),
        pytest.param(readings(order("o1"), ONCE, AGAIN, charge("void", "o1", payment="p2")), id="voided"),
        pytest.param(readings(order("o1"), charge("authorize", "o1"), ONCE), id="authorised, then captured"),
        pytest.param(
            readings(order("o1", intent=""), order("o2", intent=""), ONCE, charge("capture", "o2")),
            id="orders without an intent are told apart",
        ),
        pytest.param(readings(ONCE), id="an order nobody knows is another invariant's"),
    ],
)
def test_charged_once(final: FinalReadings) -> None:
    """One standing charge of the right amount for each order is a PASS."""
    assert Status.PASS is check(Books.of(told(*GOOD_ROWS), final), PLAN).status


@pytest.mark.parametrize(
    "final",
    [
        pytest.param(FinalReadings(), id="no ledger"),
        pytest.param(FinalReadings(charges=(ONCE,)), id="no orders"),
        pytest.param(readings(order("o1"), charge("authorize", "o1")), id="nothing captured"),
        pytest.param(readings(charge("capture", "canary-1", cents=1)), id="the nemesis's own payment alone"),
    ],
)
def test_unproven(final: FinalReadings) -> None:
    """Without ledger and orders, or without a single capture, nothing is proven."""
    assert Status.INCONCLUSIVE is check(Books.of(told(), final), PLAN).status
