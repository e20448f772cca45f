"""I8 seen failing: what failed for certain left an order, a charge, a used voucher, a cancelled order."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i08_fail_means_fail import check
from rehearsal.model.history import Drop, Kind, Outcome, Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import (
    GOOD_BOOKS,
    GOOD_ROWS,
    PLAN,
    Part,
    asked,
    bought,
    cancelled,
    charge,
    order,
    paid,
    readings,
    told,
)

NO = Outcome.FAIL
REFUSED = bought("", intent="buy:o1", shopper="s-o1", outcome=NO, error="sold_out")
DECLINED = paid("o1", outcome=NO, error="declined")
LATER_NO = paid("o1", outcome=NO, channel="pay_later", error="declined")
USED_UP = asked("coupon", 1, shopper="s-o1", outcome=NO, error="coupon_used_up")
EMPTY = asked("gift_card", 1, shopper="s-o1", outcome=NO, error="gift_card_empty")
KEPT = cancelled("o1", outcome=NO, error="not_cancellable")
CAPTURED = charge("capture", "o1")


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


@pytest.mark.parametrize(
    ("rows", "parts", "what"),
    [
        pytest.param((REFUSED,), (order("o1"),), "order", id="told sold out, and sold"),
        pytest.param((REFUSED, REFUSED), (order("o1", "expired"),), "order", id="twice no, and reserved"),
        pytest.param(
            (bought("", f="order", intent="buy:o1", outcome=NO, error="busy"),),
            (order("o1"),),
            "order",
            id="turned away, and the cart ordered",
        ),
        pytest.param(
            (bought("", intent="buy:o1"), paid("", intent="pay:buy:o1", outcome=NO, error="declined")),
            (order("o1", intent="pay:buy:o1"),),
            "order",
            id="where paying makes the order: declined, and made",
        ),
        pytest.param((DECLINED,), (order("o1", "expired"), CAPTURED), "capture", id="declined, and charged"),
        pytest.param((DECLINED, DECLINED), (order("o1"),), "payment", id="declined twice, and paid"),
        pytest.param(
            (paid("o1", outcome=NO, channel=""),),
            (order("o1"), CAPTURED),
            "capture",
            id="refused on a channel nobody names, and charged",
        ),
        pytest.param(
            (DECLINED, LATER_NO),
            (order("o1", "confirmed", channel="pay_later"),),
            "payment",
            id="refused on account, and billed",
        ),
        pytest.param(
            (DECLINED, paid("o1", channel="pay_later")),
            (order("o1", "confirmed", channel="pay_later"), CAPTURED),
            "capture",
            id="paid on account, and charged by the card that was declined",
        ),
        pytest.param((USED_UP,), (order("o1", coupon="save"),), "coupon", id="used up, and used"),
        pytest.param((EMPTY,), (order("o1", gift_card="gift-0"),), "gift card", id="empty, and drawn on"),
        pytest.param((KEPT,), (order("o1", "cancelled"),), "cancellation", id="not cancellable, cancelled"),
    ],
)
def test_a_failure_with_an_effect(rows: tuple[Row, ...], parts: tuple[Part, ...], what: str) -> None:
    """Whatever failed in every attempt and shows in the books is a FAIL that says what is there."""
    finding = judged(rows, *parts)

    assert (finding.status, finding.ids) == (Status.FAIL, ("o1",))
    assert f"× {what}" in finding.summary


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param((REFUSED,), (order("o2"),), id="refused, and nothing there"),
        pytest.param((REFUSED, bought("o1")), (order("o1"),), id="refused, then given"),
        pytest.param(
            (bought("o1", outcome="info"), REFUSED), (order("o1"),), id="unknown first, refused then"
        ),
        pytest.param(
            (REFUSED, bought("o1", outcome="info")), (order("o1"),), id="refused first, unknown then"
        ),
        pytest.param((DECLINED, paid("o1")), (order("o1"), CAPTURED), id="declined, then paid"),
        pytest.param(
            (DECLINED, paid("o1", outcome="info")), (order("o1"), CAPTURED), id="declined, then unknown"
        ),
        pytest.param(
            (DECLINED,),
            (order("o1", "expired"), CAPTURED, charge("refund", "o1")),
            id="taken, and given back",
        ),
        pytest.param((LATER_NO,), (order("o1", "expired", channel="pay_later"),), id="refused on account"),
        pytest.param((DECLINED,), (order("o1", "expired"),), id="declined, and expired"),
        pytest.param(
            (paid("o1", outcome=NO, channel="", error="busy"), paid("o1")),
            (order("o1"), CAPTURED),
            id="a refusal that names no channel, then paid",
        ),
        pytest.param(
            (DECLINED, paid("o1", channel="")),
            (order("o1"), CAPTURED),
            id="declined, then paid on a channel nobody names",
        ),
        pytest.param((USED_UP,), (order("o1"), order("o2", coupon="save")), id="another's coupon"),
        pytest.param(
            (USED_UP, asked("coupon", 2, shopper="s-o1")), (order("o1", coupon="save"),), id="then ok"
        ),
        pytest.param((KEPT, cancelled("o1")), (order("o1", "cancelled"),), id="refused, then cancelled"),
        pytest.param(
            (REFUSED, Row(kind=Kind.DROP, f=Drop.ABORTED, visit=-1)),
            (order("o1"),),
            id="the visit died: an attempt may be missing",
        ),
        pytest.param(
            (bought("", intent="", outcome=NO),), (order("o1", intent=""),), id="intents nobody names"
        ),
        pytest.param(GOOD_ROWS, GOOD_BOOKS, id="a good sale"),
    ],
)
def test_a_failure_without_effect(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """One attempt that is ok or unknown, in whatever position, makes the intent so."""
    witness = (order("o7"), charge("capture", "o7"))

    assert Status.PASS is judged((*rows, paid("o7")), *parts, *witness).status


@pytest.mark.parametrize(
    ("rows", "final", "words"),
    [
        pytest.param((REFUSED,), FinalReadings(), "reading the orders", id="nothing was read"),
        pytest.param((REFUSED,), FinalReadings(orders=()), "the provider's ledger", id="no ledger"),
        pytest.param((DECLINED,), FinalReadings(charges=()), "reading the orders", id="no orders"),
        pytest.param((), readings(), "nothing was asked", id="nothing happened"),
    ],
)
def test_unproven(rows: tuple[Row, ...], final: FinalReadings, words: str) -> None:
    """Without the books, or where nothing was asked, nothing is proven."""
    finding = check(Books.of(told(*rows), final), PLAN)

    assert Status.INCONCLUSIVE is finding.status
    assert words in finding.summary.lower()


def test_the_ledger_alone_is_proof() -> None:
    """A charge after a definite no needs no order to be wrong."""
    final = FinalReadings(charges=(CAPTURED,))

    assert check(Books.of(told(DECLINED), final), PLAN).ids == ("o1",)


def test_a_shop_that_never_says_no_passes() -> None:
    """Where nothing failed nothing can be left behind, and the sentence says that none did."""
    finding = judged((bought("o1"), paid("o1")), order("o1"), CAPTURED)

    assert Status.PASS is finding.status
    assert finding.summary.startswith("0 intents failed")
