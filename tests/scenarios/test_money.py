"""Prices become minor units without a cent lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.money import cents


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("19.99", 1999),
        ("19,99 €", 1999),
        ("£1,299.00", 129900),
        ("1.299,00", 129900),
        ("1 299,00 kr", 129900),
        ("1,299", 129900),
        ("7", 700),
        ("-5.00", -500),
        ("-£5.00", -500),
        ("$ 5.00", 500),
        ("Total: 0.05", 5),
        ("Your total is £12.50.", 1250),
        ("12,50, delivery included", 1250),
        ("12.50 3 items", 1250),
        ("19.9", 1990),
        ("19,9 €", 1990),
        ("19.9900", 1999),
        ("0.125", 12),
        ("CHF 1\u2019299.\u2013", 129900),
        ("1,234,567.89", 123456789),
        (19.99, 1999),
        (0.29, 29),
        (12, 1200),
        (Decimal("12.30"), 1230),
    ],
)
def test_a_price_in_minor_units(price: object, expected: int) -> None:
    """Texts of any country, and numbers as JSON has them."""
    assert expected == cents(price)


@pytest.mark.parametrize(
    ("price", "digits", "expected"),
    [("1200", 0, 1200), ("1,200", 0, 1200), ("1.234", 3, 1234), ("1,299.500", 3, 1299500)],
)
def test_currencies_have_other_digits(price: str, digits: int, expected: int) -> None:
    """Yen have none, dinars three."""
    assert expected == cents(price, digits=digits)


@pytest.mark.parametrize("price", ["", "free", None, [1], float("nan"), float("inf")])
def test_what_holds_no_number_is_refused(price: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="price"):
        cents(price)


@given(st.integers(0, 10**9))
def test_every_amount_survives_its_text(amount: int) -> None:
    """Written with two digits, with or without thousands, it comes back."""
    text = f"{amount // 100}.{amount % 100:02d}"

    assert amount == cents(text) == cents(f"{amount // 100:,}.{amount % 100:02d}")
