"""I2, stock conserved: at rest initial = available + reserved + sold, and sold is what the orders say.

Kin: Jepsen's bank (the total is constant). Judged on the final reading, for only that is at rest.
"""

from collections import Counter

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.tables import SOLD, lines_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings, StockReading
from rehearsal.model.verdict import Finding

CHECK = "I2.stock_conserved"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Balance each SKU's stock and compare its sold and reserved units with the orders."""
    lines = lines_of(readings)
    broken = {row.sku: fault for row in readings.stock or () if (fault := _imbalance(row, plan))}
    if lines is not None:
        broken = {**_unlike(readings.stock or (), lines), **broken}
    broken = {**broken, **_twice(readings.stock or ())}
    if not broken and (readings.stock is None or lines is None):
        return unread(CHECK, "the stock", "the orders")
    if not broken and (unlisted := _unlisted(readings.stock or (), lines, plan)):
        return unknown(CHECK, f"the stock does not list {', '.join(unlisted)}, so nothing is known of it")
    if not broken and not sum(row.sold for row in readings.stock or ()):
        return unknown(CHECK, "nothing was sold, so the stock had nothing to conserve")
    count = len(readings.stock or ())
    return judged(
        CHECK,
        sorted(broken),
        held=f"all {count} SKUs balance: initial = available + reserved + sold, and sold as the orders say",
        broken="; ".join(f"{sku}: {fault}" for sku, fault in sorted(broken.items())[:3]),
        evidence={"imbalances": broken},
    )


def _twice(stock: tuple[StockReading, ...]) -> dict[str, str]:
    listed = Counter(row.sku for row in stock)
    return {sku: f"the stock lists it {count} times" for sku, count in listed.items() if count > 1}


def _unlisted(stock: tuple[StockReading, ...], lines: pl.DataFrame | None, plan: Plan) -> list[str]:
    """Return the SKUs that were sold, or should have been, and that the stock says nothing of."""
    sold = set() if lines is None else set(lines.filter(pl.col("status").is_in(SOLD))["sku"])
    on_sale = {plan.sale.sku} if plan.has_sale else set()
    return sorted((sold | on_sale) - {row.sku for row in stock})


def _imbalance(row: StockReading, plan: Plan) -> str:
    sale = plan.sale
    if plan.has_sale and row.sku == sale.sku and row.initial != sale.stock:
        return f"initial {row.initial}, but the plan sells {sale.stock}"
    if min(row.available, row.reserved, row.sold) < 0:
        return f"a count below zero (available {row.available}, reserved {row.reserved}, sold {row.sold})"
    total = row.available + row.reserved + row.sold
    parts = f"available {row.available} + reserved {row.reserved} + sold {row.sold}"
    return "" if total == row.initial else f"initial {row.initial}, but {parts} = {total}"


def _unlike(stock: tuple[StockReading, ...], lines: pl.DataFrame) -> dict[str, str]:
    """Return what stock and orders disagree on; units reserved for no order can never be sold."""
    reserved, sold = _units(lines, ("pending_payment",)), _units(lines, SOLD)
    pairs = {
        row.sku: (("reserved", row.reserved, reserved[row.sku]), ("sold", row.sold, sold[row.sku]))
        for row in stock
    }
    return {
        sku: f"the stock says {said} {word}, the orders say {known}"
        for sku, counts in pairs.items()
        for word, said, known in counts
        if said != known
    }


def _units(lines: pl.DataFrame, states: tuple[str, ...]) -> Counter[str]:
    held = lines.filter(pl.col("status").is_in(states)).group_by("sku").agg(pl.col("qty").sum())
    return Counter(dict(held.iter_rows()))
