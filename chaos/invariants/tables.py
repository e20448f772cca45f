"""What can be reckoned from the final readings' tables: what the invariants have in common."""

import polars as pl

#: Orders that are sold: paid, or confirmed on account.
SOLD = ("paid", "confirmed")
#: Orders that hold units: sold, or reserved and not paid yet. Expired and cancelled ones do not.
LIVE = ("pending_payment", *SOLD)


def payments_of(charges: pl.DataFrame) -> pl.DataFrame:
    """Return each captured or refunded payment: `order_id`, `payment_id`, `charged` (how often), `net_cents`.

    A refund of what was never captured gives money away: its `net_cents` are below zero.
    A refund or a void takes one capture back, but only of the payment it names: a void that kept another
    attempt from capturing must not hide a double charge.
    """
    kind, amount = pl.col("kind"), pl.col("amount_cents")
    undone = kind.is_in(["refund", "void"])
    by_payment = charges.group_by("order_id", "payment_id", maintain_order=True).agg(
        (kind == "capture").sum().cast(pl.Int64).alias("captures"),
        undone.sum().cast(pl.Int64).alias("undone"),
        (kind == "refund").sum().cast(pl.Int64).alias("refunds"),
        amount.filter(kind == "capture").sum().alias("captured_cents"),
        amount.filter(kind == "refund").sum().alias("refunded_cents"),
        (kind == "void").any().alias("voided"),
    )
    net = pl.when("voided").then(0).otherwise(pl.col("captured_cents") - pl.col("refunded_cents"))
    moved = (pl.col("captures") > 0) | (pl.col("refunded_cents") > 0)
    return by_payment.filter(moved).select(
        "order_id",
        "payment_id",
        (pl.col("captures") - pl.col("undone")).clip(0).alias("charged"),
        net.alias("net_cents"),
        "captured_cents",
        "refunded_cents",
        "captures",
        "refunds",
    )
