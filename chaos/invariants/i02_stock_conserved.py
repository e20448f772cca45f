"""I2, stock conserved: at rest initial = available + reserved + sold, and sold is what the orders say.

Kin: Jepsen's bank (the total is constant). Judged on the final reading, for only that is at rest.
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.tables import SOLD, lines_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings, StockReading
from rehearsal.model.verdict import Finding

CHECK = "I2.stock_conserved"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Balance each SKU's stock and compare its sold units with the sold orders."""
    lines = lines_of(readings)
    broken = {row.sku: fault for row in readings.stock or () if (fault := _imbalance(row))}
    if lines is not None:
        broken = {**_unlike(readings.stock or (), lines), **broken}
    if not broken and (readings.stock is None or lines is None):
        return unread(CHECK, "the stock", "the orders")
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


def _imbalance(row: StockReading) -> str:
    if min(row.available, row.reserved, row.sold) < 0:
        return f"a count below zero (available {row.available}, reserved {row.reserved}, sold {row.sold})"
    total = row.available + row.reserved + row.sold
    parts = f"available {row.available} + reserved {row.reserved} + sold {row.sold}"
    return "" if total == row.initial else f"initial {row.initial}, but {parts} = {total}"


def _unlike(stock: tuple[StockReading, ...], lines: pl.DataFrame) -> dict[str, str]:
    sold = lines.filter(pl.col("status").is_in(SOLD)).group_by("sku").agg(pl.col("qty").sum())
    units: dict[str, int] = dict(sold.iter_rows())
    return {
        row.sku: f"the stock says {row.sold} sold, the orders say {units.get(row.sku, 0)}"
        for row in stock
        if row.sold != units.get(row.sku, 0)
    }
