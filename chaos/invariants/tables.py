"""The final readings and the acknowledged orders as tables: what the invariants have in common."""

import polars as pl

from rehearsal.model.history import Kind, Outcome, Step
from rehearsal.model.readings import ChargeReading, FinalReadings

#: Orders that are sold: paid, or confirmed on account.
SOLD = ("paid", "confirmed")
#: Orders that hold units: sold, or reserved and not paid yet. Expired and cancelled ones do not.
LIVE = ("pending_payment", *SOLD)
#: Orders of the nemesis's own, by which it proves that a fault took effect.
CANARY = "canary-"
CANARY_CENTS = 1

_ORDERS = {
    "order_id": pl.String,
    "shopper": pl.String,
    "intent": pl.String,
    "status": pl.String,
    "channel": pl.String,
    "total_cents": pl.Int64,
}
_LINES = {
    "order_id": pl.String,
    "shopper": pl.String,
    "status": pl.String,
    "sku": pl.String,
    "qty": pl.Int64,
    "price_cents": pl.Int64,
}
_CHARGES = {
    "kind": pl.String,
    "payment_id": pl.String,
    "order_id": pl.String,
    "amount_cents": pl.Int64,
}


def orders_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return the final orders, or None if they were not read."""
    if readings.orders is None:
        return None
    rows = [tuple(getattr(order, name) for name in _ORDERS) for order in readings.orders]
    return pl.DataFrame(rows, schema=_ORDERS, orient="row")


def lines_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return the final orders' lines, each with its order's shopper and status, or None if not read."""
    if readings.orders is None:
        return None
    rows = [
        (order.order_id, order.shopper, order.status, line.sku, line.qty, line.price_cents)
        for order in readings.orders
        for line in order.lines
    ]
    return pl.DataFrame(rows, schema=_LINES, orient="row")


def charges_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return the provider's ledger, or None if not read; without canaries that the shop has no order for.

    A canary is worth a cent at most: whatever else bears such a name is somebody's money.
    """
    if readings.charges is None:
        return None
    known = {order.order_id for order in readings.orders or ()}
    rows = [
        tuple(getattr(charge, name) for name in _CHARGES)
        for charge in readings.charges
        if not _is_canary(charge) or charge.order_id in known
    ]
    return pl.DataFrame(rows, schema=_CHARGES, orient="row")


def given_to(frame: pl.DataFrame) -> pl.DataFrame:
    """Return every pair of `order_id` and `shopper` in which an order was given, each once."""
    given = _ok(frame).filter(pl.col("f").is_in([Step.FLASH_BUY, Step.ORDER]) & (pl.col("shopper") != ""))
    return given.select("order_id", "shopper").unique(maintain_order=True)


def _is_canary(charge: ChargeReading) -> bool:
    return charge.order_id.startswith(CANARY) and charge.amount_cents <= CANARY_CENTS


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
    )


def acknowledged_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the orders that shoppers were told are paid or confirmed, in time order.

    Columns, of the first such answer: order_id, intent, acked_ns, shopper, sku, qty, amount_cents.
    """
    told = _ok(frame).filter(pl.col("f").is_in([Step.PAY, Step.QUERY]))
    return _first(told)


def ordered_of(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the orders that shoppers were given, paid or not; columns as `acknowledged_of`."""
    given = _ok(frame).filter(pl.col("f").is_in([Step.FLASH_BUY, Step.ORDER]))
    return _first(given)


def _ok(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter((pl.col("kind") == Kind.OP) & (pl.col("outcome") == Outcome.OK))


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.select(
            "order_id", "intent", pl.col("done_ns").alias("acked_ns"), "shopper", "sku", "qty", "amount_cents"
        )
        .sort("acked_ns", maintain_order=True)
        .unique("order_id", keep="first", maintain_order=True)
    )
