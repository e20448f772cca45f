"""I16 seen failing: every illegal arrow, an end that nobody wrote down, shoppers told paid and then not."""

from itertools import product

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i16_legal_states import KNOWN, check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, TransitionReading
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, became, cancelled, order, paid, readings, told

LEGAL = {
    ("pending_payment", "paid"),
    ("pending_payment", "confirmed"),
    ("pending_payment", "expired"),
    ("pending_payment", "cancelled"),
    ("paid", "cancelled"),
    ("confirmed", "paid"),
    ("confirmed", "cancelled"),
}
ARROWS = [(was, now) for was, now in product(sorted(KNOWN), repeat=2) if was != now]


def changed(*statuses: str) -> tuple[TransitionReading, ...]:
    """Return an order's changes of status, from nothing on."""
    return tuple(
        TransitionReading(order_id="o1", seq=seq, status=status) for seq, status in enumerate(statuses)
    )


def asks(at: int, **rest: str) -> Row:
    """Return the answer to a shopper who asks for her order."""
    return paid("o1", f="query", at=at, **rest)


def judged(rows: tuple[Row, ...], *parts: Part, undecided: int = 0) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts, undecided=undecided)), PLAN)


@pytest.mark.parametrize(("was", "now"), ARROWS)
def test_every_arrow(was: str, now: str) -> None:
    """Arrows of the graph are legal, all others are a FAIL."""
    expected = (Status.PASS, ()) if (was, now) in LEGAL else (Status.FAIL, ("o1",))
    begun = ("pending_payment", was) if was in {"expired", "cancelled"} else (was,)
    finding = judged((), *changed(*begun, now))

    assert expected == (finding.status, finding.ids)


@pytest.mark.parametrize("first", ["expired", "cancelled"])
def test_no_order_begins_at_its_end(first: str) -> None:
    """An order that was never there cannot expire."""
    assert judged((), *changed(first, first)).ids == ("o1",)


@pytest.mark.parametrize(
    ("rows", "parts", "ids"),
    [
        pytest.param((), (*became("o1", "paid"), order("o1", "expired")), ("o1",), id="the end is another"),
        pytest.param((), (*became("o1", "paid"), order("o1")), (), id="the end is the last change"),
        pytest.param((), (*reversed(became("o1", "paid")), order("o1")), (), id="told in another order"),
        pytest.param((), (*changed("pending_payment", "paid", "paid"),), (), id="written anew"),
        pytest.param((), (*became("o1", "paid"), *became("o2", "paid", "expired")), ("o2",), id="one of two"),
        pytest.param((), (*became("o1", "paid"), order("o2")), (), id="an order without changes"),
        pytest.param(
            (paid("o1", at=1), asks(2, outcome="info", error="pending")),
            became("o1", "paid"),
            ("o1",),
            id="told paid, then pending, and no more",
        ),
        pytest.param(
            (paid("o1", at=1), asks(2, outcome="fail", error="expired")),
            became("o1", "paid"),
            ("o1",),
            id="then expired",
        ),
        pytest.param(
            (paid("o1", at=1), asks(2, outcome="info", error="pending"), asks(3)),
            became("o1", "paid"),
            (),
            id="a stale answer that was corrected",
        ),
        pytest.param(
            (paid("o1", at=5), asks(4, outcome="info", error="pending")),
            became("o1", "paid"),
            (),
            id="pending before",
        ),
        pytest.param(
            (paid("o1", at=1), asks(2, outcome="info", error="timeout")),
            became("o1", "paid"),
            (),
            id="no answer",
        ),
        pytest.param(
            (paid("o1", at=1), cancelled("o1", at=2), asks(3, outcome="fail", error="cancelled")),
            became("o1", "paid", "cancelled"),
            (),
            id="cancelled as asked",
        ),
    ],
)
def test_stories(rows: tuple[Row, ...], parts: tuple[Part, ...], ids: tuple[str, ...]) -> None:
    """What the records, the books and the shoppers tell must be one story."""
    finding = judged(rows, *parts)

    assert (Status.FAIL if ids else Status.PASS, ids) == (finding.status, finding.ids)


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(), "changes of the orders' status", id="not read"),
        pytest.param(readings(), "no order ever changed", id="nothing happened"),
        pytest.param(readings(*changed("pending_payment")), "no order ever changed", id="nobody paid"),
        pytest.param(
            readings(*changed("paid", "shipped")), "nobody here knows: shipped", id="a strange state"
        ),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without changes, or with states nobody knows, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_the_history_alone_is_proof() -> None:
    """A shop that tells no changes can still be caught."""
    rows = told(paid("o1", at=1), asks(2, outcome="info", error="pending"))

    assert check(Books.of(rows, FinalReadings()), PLAN).ids == ("o1",)


def test_an_end_read_while_orders_were_open_is_not_compared() -> None:
    """The order may have changed between the two readings."""
    parts: tuple[Part, ...] = (*became("o1", "paid"), order("o1", "cancelled"))

    assert Status.PASS is judged((), *parts, undecided=1).status


def test_how_late_a_stale_answer_came_is_measured() -> None:
    """Two stale answers, each corrected: the later one came four seconds after the news."""
    second = 10**9
    stale = [asks(at * second, outcome="info", error="pending") for at in (3, 5)]
    good = [asks(at * second) for at in (4, 6)]
    finding = judged((paid("o1", at=second), *stale, *good), *became("o1", "paid"))

    assert (finding.status, finding.evidence["stable_s"]) == (Status.PASS, 4.0)
