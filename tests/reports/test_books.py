"""The books afterwards."""

from rehearsal.model.readings import ChargeReading, FinalReadings, StockReading
from reports.books import Books, books_of
from tests.reports.run_factory import readings_of


def test_unread_books_are_none() -> None:
    """What an adapter cannot read is not an empty book."""
    assert books_of(FinalReadings(), "flash") == Books(stock=None, orders=None, money_cents=None)


def test_empty_books_are_empty() -> None:
    """Read and empty is not unread."""
    assert books_of(FinalReadings(stock=(), orders=(), charges=()), "flash") == Books(
        stock=(), orders=(), money_cents=()
    )


def test_orders_are_counted_by_status() -> None:
    """In alphabetical order, so that equal books are equal."""
    assert books_of(readings_of(), "flash").orders == (("confirmed", 30), ("paid", 120))


def test_money_is_summed_by_kind() -> None:
    """Entries and minor units of each kind of entry."""
    charge = {"entry_id": "e", "payment_id": "p", "order_id": "o", "idempotency_key": "k"}
    charges = (
        ChargeReading(kind="refund", amount_cents=5, **charge),
        ChargeReading(kind="capture", amount_cents=7, **charge),
        ChargeReading(kind="capture", amount_cents=8, **charge),
    )

    assert books_of(FinalReadings(charges=charges), "flash").money_cents == (
        ("capture", 2, 15),
        ("refund", 1, 5),
    )


def test_only_the_stock_on_sale_is_told() -> None:
    """The catalogue's other SKUs would drown it."""
    flash = StockReading(sku="flash", initial=1, available=0, reserved=0, sold=1)
    other = StockReading(sku="p1", initial=9, available=9, reserved=0, sold=0)

    assert books_of(FinalReadings(stock=(other, flash)), "flash").stock == (flash,)
