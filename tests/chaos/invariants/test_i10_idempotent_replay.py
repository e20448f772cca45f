"""I10 seen failing: another id, a no after a yes, another body under one key, two orders of one intent."""

from typing import Any

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i10_idempotent_replay import check
from rehearsal.model.history import Doing, Row
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, bought, order, paid, readings, told

GIVEN = bought("o1")
AGAIN = bought("o1", at=3, note=Doing.SENT_AGAIN)
OTHERWISE = bought("", at=4, intent="buy:o1", note=Doing.SENT_OTHERWISE, outcome="fail", error="mismatch")
GOOD = (GIVEN, AGAIN, OTHERWISE)
PAID = paid("o1", payment_id="p1")
#: Where paying makes the order.
MADE = paid("o1", payment_id="p1", sku="flash", qty=1)
EMPTY: dict[str, Any] = {"outcome": "fail", "error": "empty_cart"}


def judged(rows: tuple[Row, ...], *parts: Part) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts)), PLAN)


@pytest.mark.parametrize(
    ("rows", "parts", "words"),
    [
        pytest.param(
            (*GOOD, bought("o2", at=5, intent="buy:o1", note=Doing.SENT_AGAIN)),
            (),
            "1 got another id",
            id="another order",
        ),
        pytest.param(
            (GIVEN, bought("o2", at=2, intent="buy:o1")),
            (),
            "1 got another id",
            id="another order, on a retry",
        ),
        pytest.param(
            (*GOOD, PAID, paid("o1", payment_id="p2", intent=PAID.intent)),
            (),
            "1 got another id",
            id="another payment of one click",
        ),
        pytest.param(
            (
                GIVEN,
                bought("", at=3, intent="buy:o1", note=Doing.SENT_AGAIN, outcome="fail", error="sold_out"),
            ),
            (),
            "1 were refused",
            id="sold out to who has it",
        ),
        pytest.param(
            (
                bought("o1", f="order"),
                bought("", at=3, f="order", intent="buy:o1", note=Doing.SENT_AGAIN, **EMPTY),
            ),
            (),
            "1 were refused",
            id="the cart is empty by now",
        ),
        pytest.param(
            (GIVEN, AGAIN, bought("o1", at=4, qty=2, note=Doing.SENT_OTHERWISE)),
            (),
            "1 took another body",
            id="another body, the same order",
        ),
        pytest.param(
            GOOD,
            (order("o1"), order("o2", shopper="s-o1", intent="buy:o1")),
            "1 made several",
            id="two orders",
        ),
        pytest.param(
            (MADE, paid("o2", at=3, intent=MADE.intent, payment_id="p1", sku="flash", qty=1)),
            (),
            "1 got another id",
            id="where paying makes the order: another order",
        ),
        pytest.param(
            (MADE, paid("", at=3, intent=MADE.intent, note=Doing.SENT_AGAIN, **EMPTY)),
            (),
            "1 were refused",
            id="where paying makes the order: the cart is empty by now",
        ),
    ],
)
def test_not_idempotent(rows: tuple[Row, ...], parts: tuple[Part, ...], words: str) -> None:
    """A repeated request that is taken for a new one is a FAIL that names the intent and the kind."""
    finding = judged(rows, *parts)

    assert (finding.status, words in finding.summary) == (Status.FAIL, True)
    assert finding.ids[0] in {"buy:o1", "pay:buy:o1"}


@pytest.mark.parametrize(
    ("rows", "parts"),
    [
        pytest.param(GOOD, (order("o1"),), id="the same, and refused"),
        pytest.param((*GOOD, PAID, PAID), (order("o1"),), id="one payment, told twice"),
        pytest.param((*GOOD, MADE, MADE), (order("o1"),), id="one order that paying made, told twice"),
        pytest.param(
            (*GOOD, PAID, paid("", at=3, intent=PAID.intent, note=Doing.SENT_AGAIN, **EMPTY)),
            (),
            id="a payment gives nothing where the order was there before",
        ),
        pytest.param(
            (*GOOD, PAID, paid("o1", channel="pay_later", payment_id="p2")), (), id="another way of paying"
        ),
        pytest.param((*GOOD, PAID, paid("o1")), (), id="an answer that names no payment"),
        pytest.param(
            (*GOOD, *(bought(name, intent="") for name in ("x", "y"))), (), id="intents nobody names"
        ),
        pytest.param(
            (*GOOD, bought("o2", at=5, intent="buy:o1", outcome="info")),
            (),
            id="an unknown answer is no proof",
        ),
        pytest.param(
            (*GOOD, bought("", at=5, intent="buy:o1", note=Doing.SENT_AGAIN, outcome="fail", error="busy")),
            (),
            id="turned away",
        ),
        pytest.param(
            (*GOOD, bought("", at=5, intent="buy:o9", outcome="fail", error="sold_out")),
            (),
            id="another buyer",
        ),
        pytest.param(
            (
                *GOOD,
                bought("o1", intent=""),
                bought("", at=5, intent="", note=Doing.SENT_AGAIN, outcome="fail", error="sold_out"),
            ),
            (),
            id="two requests without an intent are not one intent's",
        ),
        pytest.param(GOOD, (order("o1", intent=""), order("o2", intent="")), id="intents the books lack"),
        pytest.param(
            GOOD, (order("o1"), order("o2", intent="buy:o1")), id="two shoppers with one word for an intent"
        ),
    ],
)
def test_idempotent(rows: tuple[Row, ...], parts: tuple[Part, ...]) -> None:
    """The same answer again, and a no to another body, is a PASS."""
    assert Status.PASS is judged(rows, *parts).status


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param((GIVEN, OTHERWISE), "no request that was sent again", id="nobody repeated"),
        pytest.param(
            (GIVEN, bought("o1", note=Doing.SENT_AGAIN, outcome="info"), OTHERWISE),
            "no request that was sent again",
            id="no answer to the repetition",
        ),
        pytest.param((GIVEN, AGAIN), "another body", id="nobody sent another body"),
        pytest.param(
            (GIVEN, AGAIN, bought("o1", note=Doing.SENT_OTHERWISE, outcome="info")),
            "another body",
            id="no answer to the other body",
        ),
        pytest.param((), "no request", id="nothing happened"),
    ],
)
def test_unproven(rows: tuple[Row, ...], words: str) -> None:
    """Repetitions that nobody answered prove nothing."""
    finding = judged(rows)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_without_the_books_the_answers_count() -> None:
    """What shoppers were told needs no reading."""
    rows = told(*GOOD, bought("o2", at=5, intent="buy:o1"))

    assert Status.FAIL is check(Books.of(rows, FinalReadings()), PLAN).status
    assert Status.PASS is check(Books.of(told(*GOOD), FinalReadings()), PLAN).status
