"""I23 seen failing: balances below zero, above the worth, and money that no order drew."""

import pytest

from chaos.invariants.books import Books
from chaos.invariants.i23_gift_card_balance import check
from rehearsal.model.history import Row
from rehearsal.model.readings import FinalReadings, GiftCardReading, OrderReading
from rehearsal.model.verdict import Finding, Status
from tests.chaos.invariants.conftest import PLAN, Part, asked, order, readings, told

EMPTY = asked("gift_card", 1, shopper="late", outcome="fail", error="gift_card_empty")


def card(balance: int, code: str = "gift-0") -> GiftCardReading:
    """Return a card that was worth 100 cents."""
    return GiftCardReading(code=code, initial_cents=100, balance_cents=balance)


def drew(order_id: str, cents: int, status: str = "paid", code: str = "gift-0") -> OrderReading:
    """Return an order that was paid in part with a card."""
    return order(order_id, status, gift_card=code, gift_cents=cents)


def judged(*parts: Part, rows: tuple[Row, ...] = (EMPTY,), undecided: int = 0) -> Finding:
    """Return the finding on rows and books."""
    return check(Books.of(told(*rows), readings(*parts, undecided=undecided)), PLAN)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param((card(-20), drew("o1", 60), drew("o2", 60)), id="two spent more than there was"),
        pytest.param((card(120),), id="more than it was worth"),
        pytest.param((card(40), drew("o1", 60), drew("o2", 40)), id="one of two draws was forgotten"),
        pytest.param((card(40),), id="drawn by no order"),
        pytest.param((card(40), drew("o1", 60, "expired")), id="expired, not given back"),
        pytest.param((card(100), drew("o1", 60, "pending_payment")), id="drawn and not taken off"),
        pytest.param((card(100, "gift-1"), drew("o1", 60)), id="a card that the shop does not list"),
    ],
)
def test_unbalanced(parts: tuple[Part, ...]) -> None:
    """A card that does not add up is a FAIL naming it."""
    finding = judged(*parts)

    assert (finding.status, finding.ids) == (Status.FAIL, ("gift-0",))


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        pytest.param((card(0), drew("o1", 60), drew("o2", 40)), (), id="two orders, and empty"),
        pytest.param((card(40), drew("o1", 60), drew("o2", 60, "cancelled")), (), id="one gave it back"),
        pytest.param((card(40), drew("o1", 60)), (EMPTY,), id="one order, and somebody was refused"),
        pytest.param((card(100), card(100, "gift-1")), (EMPTY,), id="nothing drawn for good"),
    ],
)
def test_balanced(parts: tuple[Part, ...], rows: tuple[Row, ...]) -> None:
    """Cards that add up, and that somebody fought for, are a PASS."""
    assert Status.PASS is judged(*parts, rows=rows).status


@pytest.mark.parametrize(
    ("final", "words"),
    [
        pytest.param(FinalReadings(orders=()), "reading the gift cards", id="no cards"),
        pytest.param(FinalReadings(gift_cards=(card(40),)), "reading the orders", id="no orders"),
        pytest.param(readings(card(40), drew("o1", 60)), "nobody fought", id="each used once"),
        pytest.param(readings(card(100)), "nobody fought", id="nobody used one"),
        pytest.param(readings(card(40), undecided=1), "orders were still open", id="read too early"),
    ],
)
def test_unproven(final: FinalReadings, words: str) -> None:
    """Without both books, or two who want one balance, nothing is proven."""
    finding = check(Books.of(told(), final), PLAN)

    assert (finding.status, words in finding.summary.lower()) == (Status.INCONCLUSIVE, True)


def test_the_cards_alone_prove_a_debt() -> None:
    """A balance below zero needs no orders, and no rest."""
    assert check(Books.of(told(), FinalReadings(gift_cards=(card(-1),))), PLAN).ids == ("gift-0",)
    assert judged(card(-1), undecided=1).ids == ("gift-0",)
