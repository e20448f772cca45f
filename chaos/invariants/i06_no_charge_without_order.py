"""I6, no charge without order: every standing charge belongs to a paid order.

Kin: Jepsen's set, `unexpected`.
"""

import polars as pl

from chaos.invariants.outcome import NAMED, judged, unknown, unread
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import charges_of, orders_of, payments_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I6.no_charge_without_order"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up the order of each payment that was captured and neither refunded nor voided.

    `confirmed` is not enough: who pays on account must not be charged by card as well.
    """
    charges, orders = charges_of(readings), orders_of(readings)
    if charges is None or orders is None:
        return unread(CHECK, "the provider's ledger", "the orders")
    strange = strange_of(charges)
    payments = payments_of(strange.leave_out(charges))
    if payments.is_empty():
        return unknown(CHECK, "nothing was charged at all, so no charge could lack an order")
    standing = payments.filter(pl.col("charged") > 0)
    found = standing.join(
        orders.select("order_id", "status"), on="order_id", how="left", maintain_order="left"
    )
    loose = found.filter(pl.col("status").fill_null("missing") != "paid")
    now = dict(loose.head(NAMED).select("order_id", pl.col("status").fill_null("missing")).iter_rows())
    finding = judged(
        CHECK,
        loose["order_id"].unique(maintain_order=True).to_list(),
        held=f"all {standing.height} standing charges belong to paid orders",
        broken=f"{loose.height} of {standing.height} standing charges belong to no paid order",
        evidence={"payments": payments.height, "standing": standing.height, "status_now": now},
    )
    return strange.qualify(finding)
