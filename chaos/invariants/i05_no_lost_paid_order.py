"""I5, no lost paid order: what a shopper was told is paid or confirmed is so in the end.

Kin: Jepsen's set, `lost`.
"""

import polars as pl

from chaos.invariants.outcome import NAMED, judged, unknown, unread
from chaos.invariants.tables import SOLD, acknowledged_of, orders_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I5.no_lost_paid_order"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up each acknowledged payment's order among the final orders."""
    told, orders = acknowledged_of(frame), orders_of(readings)
    if orders is None:
        return unread(CHECK, "the orders")
    if told.is_empty():
        return unknown(CHECK, "no payment succeeded at all, so none could be lost")
    found = told.join(orders.select("order_id", "status"), on="order_id", how="left", maintain_order="left")
    lost = found.filter(~pl.col("status").is_in(SOLD).fill_null(value=False))
    now = dict(lost.head(NAMED).select("order_id", pl.col("status").fill_null("missing")).iter_rows())
    return judged(
        CHECK,
        lost["order_id"].to_list(),
        held=f"all {told.height} orders that shoppers were told are paid are so in the end",
        broken=f"{lost.height} of {told.height} orders that shoppers were told are paid are not in the end",
        evidence={"acknowledged": told.height, "status_now": now},
    )
