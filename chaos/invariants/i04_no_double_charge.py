"""I4, no double charge: an order, and an intent, is charged at most once, and with the order's total.

The unit is the intent, not the idempotency key: a new key on retry is the very bug. Jepsen's total-queue
only reports duplicates; here they fail.
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import SOLD, acknowledged_of, charges_of, ordered_of, orders_of, payments_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I4.no_double_charge"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Count each order's and each intent's standing charges in the provider's ledger, and compare amounts."""
    charges, orders = charges_of(readings), orders_of(readings)
    if charges is None:
        return unread(CHECK, "the provider's ledger")
    strange = strange_of(charges)
    charged = (
        payments_of(strange.leave_out(charges))
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("charged", "net_cents").sum())
    )
    if charged.is_empty():
        return unknown(CHECK, "nothing was charged at all, so nothing can have been charged twice")
    known = charged.join(_origins(frame, orders), on="order_id", how="left", maintain_order="left")
    twice = _twice(known)
    wrong = known.filter(
        (pl.col("charged") <= 1) & (pl.col("net_cents") != pl.col("charged") * pl.col("total_cents"))
    )
    wrong_ids = list(dict.fromkeys([*wrong["order_id"].to_list(), *_otherwise(frame, orders)]))
    offenders = list(dict.fromkeys([*twice, *wrong_ids]))
    if not offenders and orders is None:
        return unread(CHECK, "the orders")
    finding = judged(
        CHECK,
        offenders,
        held=f"each of {charged.height} charged orders was charged once and with its total",
        broken=f"{len(twice)} orders charged more than once, {len(wrong_ids)} not with their total",
        evidence={"charged_orders": charged.height, "twice": len(twice), "wrong_amount": len(wrong_ids)},
    )
    return strange.qualify(finding)


def _origins(frame: pl.DataFrame, orders: pl.DataFrame | None) -> pl.DataFrame:
    """Return each order's intent and total: as the shop keeps it, else as the shopper was told."""
    told = ordered_of(frame).select("order_id", "intent", pl.col("amount_cents").alias("total_cents"))
    if orders is None:
        return told
    kept = orders.select("order_id", "intent", "total_cents")
    return pl.concat([kept, told]).unique("order_id", keep="first", maintain_order=True)


def _otherwise(frame: pl.DataFrame, orders: pl.DataFrame | None) -> list[str]:
    """Return the sold orders of which a shopper was ever told another amount: pay later is billed too."""
    told = pl.concat([ordered_of(frame), acknowledged_of(frame)]).filter(pl.col("amount_cents") > 0)
    if orders is None:
        return []
    sold = orders.filter(pl.col("status").is_in(SOLD))
    both = sold.join(told.select("order_id", "amount_cents"), on="order_id", maintain_order="left")
    return both.filter(pl.col("amount_cents") != pl.col("total_cents"))["order_id"].to_list()


def _twice(known: pl.DataFrame) -> list[str]:
    wanted = pl.col("intent").is_not_null() & (pl.col("intent") != "")
    by_intent = pl.when(wanted).then(pl.col("charged").sum().over("intent")).otherwise(pl.col("charged"))
    return known.filter((by_intent > 1) & (pl.col("charged") > 0))["order_id"].to_list()
