"""I12, limit for each shopper: nobody holds more units of the sale SKU than the promotion allows.

Judged twice: over the shop's live orders, and over the orders shoppers were told are paid.
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.tables import LIVE, acknowledged_of, lines_of, ordered_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I12.limit_per_shopper"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:
    """Sum each shopper's units across sessions and regions; the ids are the orders of who has too many."""
    sku, limit = plan.sale.sku, plan.sale.limit_per_shopper
    lines = lines_of(readings)
    given = ordered_of(frame).filter((pl.col("sku") == sku) & (pl.col("shopper") != ""))
    told = given.join(
        acknowledged_of(frame).select("order_id"), on="order_id", how="semi", maintain_order="left"
    )
    held = told if lines is None else lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(LIVE))
    greedy = pl.concat([_beyond(table.select("shopper", "order_id", "qty"), limit) for table in (held, told)])
    offenders = greedy["order_id"].unique(maintain_order=True).to_list()
    if not offenders and lines is None:
        return unread(CHECK, "the orders", subject=sku)
    if not offenders and given.is_empty():
        return unknown(CHECK, f"nobody got an order of {sku}, so the limit was never tested", subject=sku)
    shoppers = greedy["shopper"].n_unique()
    return judged(
        CHECK,
        offenders,
        held=f"{sku}: none of {held['shopper'].n_unique()} shoppers holds more than {limit}",
        broken=f"{sku}: {shoppers} shoppers hold more than {limit}",
        subject=sku,
        evidence={
            "limit": limit,
            "shoppers": greedy["shopper"].unique(maintain_order=True).head(20).to_list(),
        },
    )


def _beyond(held: pl.DataFrame, limit: int) -> pl.DataFrame:
    return held.filter(pl.col("qty").sum().over("shopper") > limit)
