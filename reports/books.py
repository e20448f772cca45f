"""The shop's and the provider's books after everything has settled. Pure."""

from collections import Counter
from dataclasses import dataclass

from rehearsal.model.readings import FinalReadings, StockReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Final stock, orders by status, money by kind of ledger entry; None for what could not be read."""

    stock: tuple[StockReading, ...] | None
    orders: tuple[tuple[str, int], ...] | None
    money_cents: tuple[tuple[str, int, int], ...] | None


def books_of(readings: FinalReadings, sku: str) -> Books:
    """Sum up the final readings. Of the stock only the SKU on sale is kept.

    Rows of `orders` are (status, count), of `money_cents` (kind, entries, cents).
    """
    return Books(
        stock=None if readings.stock is None else tuple(row for row in readings.stock if row.sku == sku),
        orders=_by_status(readings),
        money_cents=_by_kind(readings),
    )


def _by_status(readings: FinalReadings) -> tuple[tuple[str, int], ...] | None:
    if readings.orders is None:
        return None
    return tuple(sorted(Counter(order.status for order in readings.orders).items()))


def _by_kind(readings: FinalReadings) -> tuple[tuple[str, int, int], ...] | None:
    if readings.charges is None:
        return None
    entries = Counter(charge.kind for charge in readings.charges)
    cents: Counter[str] = Counter()
    for charge in readings.charges:
        cents[charge.kind] += charge.amount_cents
    return tuple((kind, entries[kind], cents[kind]) for kind in sorted(entries))
