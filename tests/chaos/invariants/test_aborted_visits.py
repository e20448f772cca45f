"""A load process that was killed: what its shoppers had under way is in the shop's books and in no history.

Such orders are neither lost nor made up. Whatever the process had told us before stays as binding as ever.
"""

import pytest
from msgspec.structs import replace

from chaos.invariants.audit import audit
from rehearsal.model.history import Drop, Kind, Outcome, Row
from rehearsal.model.readings import ChargeReading, OrderReading, StockReading
from rehearsal.model.verdict import Status
from tests.chaos.invariants.conftest import (
    GOOD_ROWS,
    PLAN,
    bought,
    charge,
    confirmed,
    order,
    paid,
    readings,
    sold_out,
    stock,
    told,
)

Book = OrderReading | ChargeReading | StockReading

DIED = "worker 1 of 2 was lost at 0.0 s: its process ended (killed by SIGKILL)"
#: The first shopper's visit went on in a process that died; the second's is whole.
ABORTED = Row(kind=Kind.DROP, f=Drop.ABORTED, visit=1, due_ns=1, sent_ns=1, note=DIED)
WHOLE = (replace(bought("o2"), visit=2), replace(paid("o2"), visit=2), sold_out())
GAVE = replace(bought("o1"), visit=1)
PAID = replace(paid("o1"), visit=1)
UNKNOWN = replace(paid("o1", outcome=Outcome.INFO, error="timeout"), visit=1)

CARD = tuple(charge(kind, "o1") for kind in ("authorize", "capture"))
OTHER: tuple[Book, ...] = (order("o2"), *(charge(kind, "o2") for kind in ("authorize", "capture")))


def fails(rows: tuple[Row, ...], books: tuple[Book, ...]) -> set[str]:
    """Return the invariants that a history with an aborted visit and these books break."""
    kept = [part for part in (*books, *OTHER) if isinstance(part, OrderReading)]
    mail = [confirmed(part.order_id) for part in kept if part.status in {"paid", "confirmed"}]
    final = replace(readings(*books, *OTHER, *mail), events=None, transitions=None)
    findings = audit(told(*rows, *WHOLE, ABORTED), final, PLAN)
    return {finding.check for finding in findings if finding.status is Status.FAIL}


@pytest.mark.parametrize(
    ("rows", "books"),
    [
        pytest.param((), (order("o1"), *CARD, stock(2)), id="bought and paid, and no row of it"),
        pytest.param((), (order("o1", "confirmed", channel="pay_later"), stock(2)), id="bought on account"),
        pytest.param((), (order("o1", "expired", channel=""), stock(1)), id="bought, never paid, no row"),
        pytest.param((GAVE,), (order("o1"), *CARD, stock(2)), id="the answer to the payment came too late"),
        pytest.param((GAVE,), (order("o1", "expired", channel=""), stock(1)), id="never came to paying"),
        pytest.param((GAVE, UNKNOWN), (order("o1"), *CARD, stock(2)), id="never came to asking; it was paid"),
        pytest.param(
            (GAVE, UNKNOWN),
            (order("o1", "expired", channel=""), charge("authorize", "o1"), charge("void", "o1"), stock(1)),
            id="never came to asking; it was voided",
        ),
        pytest.param((GAVE, PAID), (order("o1"), *CARD, stock(2)), id="all but the visit's own row"),
    ],
)
def test_what_a_dead_process_left_in_the_books_is_no_violation(
    rows: tuple[Row, ...], books: tuple[Book, ...]
) -> None:
    """No order is called lost, none made up, no charge loose: the shopper is undecided, the shop is not."""
    assert fails(rows, books) == set()


@pytest.mark.parametrize(
    ("rows", "books", "broken"),
    [
        pytest.param((GAVE,), (stock(1),), "I20.no_lost_order", id="an order it was given is gone"),
        pytest.param(
            (GAVE, PAID),
            (order("o1", "expired", channel=""), *CARD, stock(1)),
            "I5.no_lost_paid_order",
            id="told paid, and expired",
        ),
        pytest.param((), (*CARD, stock(1)), "I6.no_charge_without_order", id="charged without an order"),
        pytest.param(
            (),
            (order("o1"), *CARD, charge("capture", "o1", payment="p-again"), stock(2)),
            "I4.no_double_charge",
            id="charged twice",
        ),
        pytest.param(
            (),
            (order("o1", qty=2), *CARD, charge("capture", "o1", payment="p2"), stock(3, available=-1)),
            "I1.no_oversell",
            id="sold beyond the stock",
        ),
        pytest.param(
            (GAVE, UNKNOWN),
            (order("o1", "pending_payment"), *CARD, stock(1, reserved=1)),
            "I9.indeterminate_resolves",
            id="pending for ever, though it took the money",
        ),
    ],
)
def test_what_the_shop_did_wrong_is_its_own_all_the_same(
    rows: tuple[Row, ...], books: tuple[Book, ...], broken: str
) -> None:
    """That nobody was left to look excuses nothing."""
    assert f"invariant.{broken}" in fails(rows, books)


def test_the_rows_of_a_whole_run_break_nothing() -> None:
    """The books that these tests spoil are correct before."""
    assert GOOD_ROWS
    assert fails((GAVE, PAID), (order("o1"), *CARD, stock(2))) == set()
