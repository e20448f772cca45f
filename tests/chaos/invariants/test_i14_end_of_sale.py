"""I14 around the end of a sale: its price before, the full price after, either one in between."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i14_price_honoured import GRACE_NS, check
from rehearsal.model.clock import NS_PER_S
from rehearsal.model.history import Row
from rehearsal.model.plan import Plan
from rehearsal.model.plan_shop import Target
from rehearsal.model.readings import OrderReading
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding, Status
from rehearsal.rundir.history_file import frame_of
from tests.chaos.invariants.conftest import LATER, PRICE, bought, order, paid, readings, sold_out

FULL = 150
#: The sale of ten seconds that opens at once and ends with the phase `burst`.
ENDS = LATER.model_copy(
    update={
        "sale": LATER.sale.model_copy(
            update={"opens_with": "normal", "closes_with": "burst", "full_price_cents": FULL}
        )
    }
)
END = 10 * NS_PER_S
LATE = END + GRACE_NS + 1


def sold(name: str, cents: int) -> OrderReading:
    """Return a paid order of one unit at a price."""
    kept = order(name)
    lines = tuple(type(line)(sku=line.sku, qty=1, price_cents=cents) for line in kept.lines)
    return order(name, total_cents=cents, lines=lines)


def judged(rows: list[Row], *orders: OrderReading, plan: Plan = ENDS) -> Finding:
    """Return the finding on rows and orders."""
    return check(Books.of(frame_of(rows, timeline_of(plan)), readings(*orders)), plan)


@pytest.mark.parametrize(
    ("at", "cents", "status"),
    [
        pytest.param(1, PRICE, Status.PASS, id="the sale's price in its time"),
        pytest.param(1, FULL, Status.FAIL, id="the full price too early"),
        pytest.param(END, PRICE, Status.PASS, id="as it ended"),
        pytest.param(END, FULL, Status.PASS, id="as it ended, the full price"),
        pytest.param(END + GRACE_NS, PRICE, Status.PASS, id="within the grace"),
        pytest.param(LATE, FULL, Status.PASS, id="the full price after"),
        pytest.param(LATE, PRICE, Status.FAIL, id="the sale's price for ever"),
        pytest.param(LATE, 120, Status.FAIL, id="a price of nobody's"),
    ],
)
def test_prices_in_time(at: int, cents: int, status: Status) -> None:
    """Each price belongs to its time."""
    finding = judged([bought("o1", at=at), sold_out(at=LATE)], sold("o1", cents))

    assert (finding.status, finding.ids) == (status, ("o1",) if status is Status.FAIL else ())


def test_the_first_attempt_counts() -> None:
    """It may have made the order that the last one was told of."""
    first = bought("", at=1, intent="buy:o1", outcome="info", error="timeout")
    again = bought("o1", at=LATE)

    assert Status.PASS is judged([first, again], sold("o1", PRICE)).status


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        pytest.param([], Status.INCONCLUSIVE, id="nobody came after the end"),
        pytest.param([sold_out(at=END + 1)], Status.INCONCLUSIVE, id="only within the grace"),
        pytest.param([sold_out(at=LATE)], Status.PASS, id="all was sold by then"),
        pytest.param(
            [bought("", at=LATE, outcome="info", error="timeout")],
            Status.INCONCLUSIVE,
            id="nobody was answered",
        ),
    ],
)
def test_the_end_is_put_to_the_test(rows: list[Row], status: Status) -> None:
    """A sale whose end nobody tried proves nothing about it."""
    assert status is judged([bought("o1", at=1), *rows], sold("o1", PRICE)).status


def test_a_shop_that_was_never_told_of_the_end_is_not_blamed() -> None:
    """The plan of another shop may be wrong about it; a wrong sum is wrong anywhere."""
    plan = ENDS.model_copy(update={"target": Target(shop="url", url="http://127.0.0.1:1")})
    late = bought("o1", at=LATE)
    finding = judged([late], sold("o1", PRICE), plan=plan)
    wrong = judged([late], sold("o1", PRICE), order("o2", total_cents=1), plan=plan)

    assert (finding.status, "o1" in finding.summary) == (Status.INCONCLUSIVE, True)
    assert Status.FAIL is wrong.status


def made(began: int, at: int, sku: str = "flash") -> list[Row]:
    """Return a buy that names no order, and the payment that makes it."""
    return [bought("", at=began, intent="buy:o1"), paid("o1", at=at, sku=sku, qty=1)]


@pytest.mark.parametrize(
    ("rows", "cents", "status"),
    [
        pytest.param([*made(1, 2), sold_out(at=LATE)], PRICE, Status.PASS, id="all in time"),
        pytest.param([*made(1, 2), sold_out(at=LATE)], FULL, Status.FAIL, id="the full price too early"),
        pytest.param([*made(1, LATE), sold_out(at=LATE)], PRICE, Status.PASS, id="begun in time"),
        pytest.param([*made(1, LATE), sold_out(at=LATE)], FULL, Status.PASS, id="paid when it was over"),
        pytest.param(made(LATE, LATE + 1), FULL, Status.PASS, id="all after the end"),
        pytest.param(made(LATE, LATE + 1), PRICE, Status.FAIL, id="the sale's price for ever"),
        pytest.param(
            [*made(1, 2), bought("", at=LATE, intent="buy:o2")],
            PRICE,
            Status.INCONCLUSIVE,
            id="a late buy that was not paid has told no price",
        ),
    ],
)
def test_prices_where_paying_makes_the_order(rows: list[Row], cents: int, status: Status) -> None:
    """Whoever began to buy has asked."""
    assert status is judged(rows, sold("o1", cents)).status
