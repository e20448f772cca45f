"""I20, no lost order: every order a shopper was given is known in the end, as theirs, in whatever state.

One order given to two shoppers is lost to one of them. What a region acknowledged, its death must not
take back. Kin: Jepsen's set-full, for each region.
"""

import polars as pl

from chaos.invariants.outcome import NAMED, judged, unknown, unread
from chaos.invariants.tables import given_to, ordered_of, orders_of
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
    strange = _of_others(frame, orders)
    broken = f"the shop no longer knows {lost.height} of {given.height} orders it acknowledged"
    if strange:
        broken += f", and {len(strange)} belong to another shopper than the one they were given to"
    return judged(
        CHECK,
        [*lost["order_id"].to_list(), *strange],
        held=f"the shop knows all {given.height} orders it acknowledged",
        broken=broken,
        evidence={"acknowledged": given.height, "of_others": strange[:NAMED]},
    )


def _of_others(frame: pl.DataFrame, orders: pl.DataFrame) -> list[str]:
    owned = orders.select("order_id", pl.col("shopper").alias("owner")).filter(pl.col("owner") != "")
    both = given_to(frame).join(owned, on="order_id", maintain_order="left")
    return both.filter(pl.col("shopper") != pl.col("owner"))["order_id"].unique(maintain_order=True).to_list()
