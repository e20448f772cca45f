"""I20, no lost order: every order a shopper was given is known to the shop in the end, in whatever state.

What a region acknowledged and its death must not take back. Kin: Jepsen's set-full, for each region.
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.tables import ordered_of, orders_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I20.no_lost_order"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up each acknowledged order among the final orders."""
    given, orders = ordered_of(frame), orders_of(readings)
    if orders is None:
        return unread(CHECK, "the orders")
    if given.is_empty():
        return unknown(CHECK, "no order was given at all, so none could be lost")
    lost = given.join(orders.select("order_id"), on="order_id", how="anti", maintain_order="left")
    return judged(
        CHECK,
        lost["order_id"].to_list(),
        held=f"the shop knows all {given.height} orders it acknowledged",
        broken=f"the shop no longer knows {lost.height} of {given.height} orders it acknowledged",
        evidence={"acknowledged": given.height},
    )
