"""I9, indeterminate resolves: a payment of unknown state becomes paid, or certainly never was.

An order that stays pending for ever is a violation.
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.tables import acknowledged_of, charges_of, orders_of
from rehearsal.model.history import Kind, Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I9.indeterminate_resolves"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Find orders still pending whose payment an attempt left unknown, or the provider knows of."""
    orders = orders_of(readings)
    if orders is None:
        return unread(CHECK, "the orders")
    if acknowledged_of(frame).is_empty():
        return unknown(CHECK, "no payment succeeded at all, so none could be resolved")
    attempts = frame.filter((pl.col("kind") == Kind.OP) & (pl.col("f") == Step.PAY))
    doubtful = attempts.filter(pl.col("outcome") == Outcome.INFO)["order_id"].unique(maintain_order=True)
    charges = charges_of(readings)
    touched = doubtful if charges is None else pl.concat([doubtful, charges["order_id"]])
    pending = orders.filter(pl.col("status") == "pending_payment")
    stuck = pending.filter(pl.col("order_id").is_in(touched.implode()))
    return judged(
        CHECK,
        stuck["order_id"].to_list(),
        held=f"none of {doubtful.len()} orders with a payment of unknown state was left pending",
        broken=f"{stuck.height} orders are still pending, with a payment nobody knows the state of",
        evidence={"doubtful": doubtful.len(), "pending": pending.height},
    )
