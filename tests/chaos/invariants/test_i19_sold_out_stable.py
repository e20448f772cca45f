"""I19 seen failing: orders that were asked for and given after the sale was sold out."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i19_sold_out_stable import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, bought, order, readings, sold_out, told

OUT = sold_out(at=3)
LATE = sold_out(at=9)
#: Where paying makes the order: refused there, and the way of o1 and o2 to it.
OUT_AT_PAYING = sold_out(at=3, f="pay", intent="pay:buy:o9")


def led(order_id: str, at: int) -> Row:
    """Return a buy that came as far as the payment's page."""
    return bought("", at=at, shopper=f"s-{order_id}", intent=f"buy:{order_id}")


def paid(order_id: str, at: int) -> Row:
    """Return the payment that made the order."""
    return bought(order_id, at=at, f="pay", intent=f"pay:buy:{order_id}", channel="card")


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


@pytest.mark.parametrize(
    ("rows", "parts", "ids"),
    [
        pytest.param((OUT, bought("o1", at=4)), (order("o1"),), ("o1",), id="sold after all"),
        pytest.param(
            (OUT, bought("o1", at=4), bought("o2", at=5)),
            (order("o1"), order("o2"), order("o0", "expired")),
            ("o2",),
            id="one came back, two were sold",
        ),
        pytest.param(
            (OUT, bought("o1", at=4, qty=2)),
            (order("o1", qty=2), order("o0", "cancelled")),
            ("o1",),
            id="by units, not by orders",
        ),
        pytest.param(
            (sold_out(at=3, qty=2), bought("o1", at=4, qty=2)),
            (order("o1", qty=2),),
            ("o1",),
            id="two for two",
        ),
        pytest.param(
            (OUT, bought("o1", at=4)), (order("o1", "pending_payment"),), ("o1",), id="reserved, not yet paid"
        ),
        pytest.param(
            (OUT, led("o1", 4), paid("o1", 5)), (order("o1"),), ("o1",), id="refused before, paying makes it"
        ),
        pytest.param(
            (led("o9", 1), OUT_AT_PAYING, led("o1", 4), paid("o1", 5)),
            (order("o1"),),
            ("o1",),
            id="refused at paying, which makes it",
        ),
    ],
)
def test_flaps(rows: tuple[Row, ...], parts: tuple[Part, ...], ids: tuple[str, ...]) -> None:
    """More units sold afterwards than came back is a FAIL naming the orders beyond them."""
    finding = judged(rows, *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, ids)


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param((bought("o1", at=1), OUT, LATE), (order("o1"),), id="sold before, refused after"),
        pytest.param((bought("o1", at=3), OUT, LATE), (order("o1"),), id="at the same moment"),
        pytest.param(
            (bought("o1", at=1, outcome="info"), OUT, bought("o1", at=4)),
            (order("o1"),),
            id="first asked before",
        ),
        pytest.param((OUT, bought("o1", at=4)), (order("o1"), order("o0", "expired")), id="one ran out"),
        pytest.param(
            (OUT, bought("o1", at=4)), (order("o1"), order("o0", "cancelled")), id="one was cancelled"
        ),
        pytest.param((OUT, bought("o1", at=4)), (order("o1", "expired"),), id="it came back itself"),
        pytest.param((sold_out(at=3, qty=2), bought("o1", at=4)), (order("o1"),), id="two wanted, one left"),
        pytest.param(
            (OUT, LATE, bought("o1", at=4, outcome="info")), (order("o1"),), id="unknown is no proof"
        ),
        pytest.param((OUT, LATE, bought("o1", at=4, sku="p1")), (order("o1"),), id="another product"),
        pytest.param(
            (sold_out(at=1, error="busy"), bought("o1", at=2), OUT, LATE), (order("o1"),), id="turned away"
        ),
        pytest.param(
            (sold_out(at=1, sku="p1"), bought("o1", at=2), OUT, LATE),
            (order("o1"),),
            id="another was sold out",
        ),
        pytest.param(
            (led("o1", 1), OUT, paid("o1", 5), LATE), (order("o1"),), id="at the payment's page before"
        ),
        pytest.param(
            (led("o0", 1), OUT, led("o1", 4), paid("o1", 5)), (order("o1"),), id="another left that page"
        ),
    ],
)
def test_stable(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """What came back may be sold again."""
    assert Status.PASS is judged(rows, *parts).status


@pytest.mark.parametrize(
    ("rows", "final", "words"),
    [
        pytest.param((OUT, LATE), FinalReadings(), "reading the orders", id="no orders"),
        pytest.param((bought("o1"),), readings(), "nobody was told", id="never sold out"),
        pytest.param((OUT,), readings(), "nobody tried", id="nobody came after"),
        pytest.param(
            (OUT, sold_out(at=9, outcome="info", error="timeout")),
            readings(),
            "nobody tried",
            id="no answer after",
        ),
    ],
)
def test_unproven(rows: tuple[Row, ...], final: FinalReadings, words: str) -> None:
    """Without the books, a refusal, or anybody after it, nothing is proven."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)
