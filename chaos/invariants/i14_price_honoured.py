"""I14, price honoured: what a sold order costs is what its lines come to.

A discount or a delivery fee is a line of its own (`readings.OrderReading`). That the provider took this
total, and that the shopper was quoted it, is I4's and I21's to say.
"""

import polars as pl

from chaos.invariants.outcome import NAMED, judged, unknown, unread
from chaos.invariants.tables import SOLD, lines_of, orders_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I14.price_honoured"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Add up each sold order's lines and compare the sum with its total."""
    orders, lines = orders_of(readings), lines_of(readings)
    if orders is None or lines is None:
        return unread(CHECK, "the orders")
    sold = orders.filter(pl.col("status").is_in(SOLD)).select("order_id", "total_cents")
    if sold.is_empty():
        return unknown(CHECK, "nothing was sold, so no price was asked")
    if lines.is_empty():
        return unread(CHECK, "the orders' lines")
    line_cents = (pl.col("qty") * pl.col("price_cents")).sum().alias("lines_cents")
    sums = lines.group_by("order_id").agg(line_cents)
    both = sold.join(sums, on="order_id", how="left", maintain_order="left").fill_null(0)
    wrong = both.filter(pl.col("total_cents") != pl.col("lines_cents"))
    return judged(
        CHECK,
        wrong["order_id"].to_list(),
        held=f"the total of each of {sold.height} sold orders is what its lines come to",
        broken=f"{wrong.height} of {sold.height} sold orders do not cost what their lines come to",
        evidence={"sold": sold.height, "wrong": wrong.head(NAMED).to_dicts()},
    )
