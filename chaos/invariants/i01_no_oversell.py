"""I1, no oversell: the units of the sale SKU in sold orders, and in acknowledged ones, fit into the stock.

History alone can prove the failure: two shoppers told "paid" for one unit is one too many, whatever the
shop's books say. Kin: Jepsen's counter bounds.
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.tables import LIVE, SOLD, acknowledged_of, lines_of, ordered_of
from rehearsal.model.history import Kind, Step
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I1.no_oversell"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:
    """Compare the stock with the units sold in the end and with the units promised to shoppers."""
    sku, stock = plan.sale.sku, plan.sale.stock
    told, lines = acknowledged_of(frame), lines_of(readings)
    given = ordered_of(frame).filter(pl.col("sku") == sku)
    promised = _promised(given, told, lines, sku)
    sold = promised.clear() if lines is None else _sold(given, lines, sku)
    units = {"promised": int(promised["qty"].sum()), "sold": int(sold["qty"].sum()), "stock": stock}
    excess = pl.concat([_beyond(sold, stock), _beyond(promised, stock)]).unique(
        "order_id", maintain_order=True
    )
    if not excess.is_empty():
        broken = "{sold} units sold and {promised} promised, but the stock was {stock}".format_map(units)
        offenders = excess.sort("acked_ns", nulls_last=True)["order_id"].to_list()
        return judged(CHECK, offenders, held="", broken=f"{sku}: {broken}", subject=sku, evidence=units)
    if lines is None:
        return unread(CHECK, "the orders", subject=sku)
    if told.is_empty():
        return unknown(CHECK, "no payment succeeded at all, so selling was never tested", subject=sku)
    if max(units["sold"], units["promised"]) < stock and not _ran_out(frame, sku):
        return unknown(CHECK, f"{sku} never sold out, so nobody fought for the last unit", subject=sku)
    held = "{sold} units sold and {promised} promised of a stock of {stock}, and it ran out".format_map(units)
    return judged(CHECK, (), held=f"{sku}: {held}", broken="", subject=sku, evidence=units)


def _promised(given: pl.DataFrame, told: pl.DataFrame, lines: pl.DataFrame | None, sku: str) -> pl.DataFrame:
    """Return the acknowledged orders that still hold their units: live in the end, or told to be paid."""
    standing = told["order_id"]
    if lines is not None:
        live = lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(LIVE))
        standing = pl.concat([standing, live["order_id"]])
    return given.filter(pl.col("order_id").is_in(standing.implode())).select("order_id", "qty", "acked_ns")


def _sold(given: pl.DataFrame, lines: pl.DataFrame, sku: str) -> pl.DataFrame:
    sold = lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(SOLD))
    by_order = sold.group_by("order_id", maintain_order=True).agg(pl.col("qty").sum())
    return by_order.join(
        given.select("order_id", "acked_ns"), on="order_id", how="left", maintain_order="left"
    )


def _beyond(orders: pl.DataFrame, stock: int) -> pl.DataFrame:
    """Return the orders beyond the stock, first come, first served."""
    in_time = orders.sort("acked_ns", nulls_last=True, maintain_order=True)
    return in_time.filter(pl.col("qty").cum_sum() > stock).select("order_id", "acked_ns")


def _ran_out(frame: pl.DataFrame, sku: str) -> bool:
    is_op, is_stock = pl.col("kind") == Kind.OP, pl.col("kind") == Kind.STOCK
    refused = is_op & (pl.col("f") == Step.FLASH_BUY) & (pl.col("error") == "sold_out")
    empty = is_stock & (pl.col("f") == sku) & (pl.col("qty") <= 0)
    return not frame.filter(refused | empty).is_empty()
