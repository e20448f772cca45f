"""The final readings as tables, and what can be reckoned from them: what the invariants have in common."""

from collections.abc import Sequence
from typing import Any

import msgspec
import polars as pl

from rehearsal.model.readings import ChargeReading, FinalReadings, OrderReading

#: Orders that are sold: paid, or confirmed on account.
SOLD = ("paid", "confirmed")
#: Orders that hold units: sold, or reserved and not paid yet. Expired and cancelled ones do not.
LIVE = ("pending_payment", *SOLD)
#: Orders of the nemesis's own, by which it proves that a fault took effect.
CANARY = "canary-"
CANARY_CENTS = 1

_POLARS = {str: pl.String(), int: pl.Int64()}
_LINES = {
    "order_id": pl.String,
    "shopper": pl.String,
    "status": pl.String,
    "sku": pl.String,
    "qty": pl.Int64,
    "price_cents": pl.Int64,
}
_REGIONS = {
    "seen_by": pl.String,
    "order_id": pl.String,
    "shopper": pl.String,
    "status": pl.String,
    "total_cents": pl.Int64,
    "content": pl.Int64,
}


def table_of(rows: Sequence[Any] | None, kind: type[msgspec.Struct]) -> pl.DataFrame | None:
    """Return readings as a table, without what is neither a word nor a number; None if not read."""
    if rows is None:
        return None
    fields = [field for field in msgspec.structs.fields(kind) if field.type in _POLARS]
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields}
    return pl.DataFrame(columns, schema={field.name: _POLARS[field.type] for field in fields})


def orders_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return the final orders without their lines, whichever region tells of them; None if not read."""
    return table_of(_everywhere(readings), OrderReading)


def lines_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return the final orders' lines, each with its order's shopper and status, or None if not read."""
    orders = _everywhere(readings)
    if orders is None:
        return None
    pairs = [(order, line) for order in orders for line in order.lines]
    columns = {
        "order_id": [order.order_id for order, _ in pairs],
        "shopper": [order.shopper for order, _ in pairs],
        "status": [order.status for order, _ in pairs],
        "sku": [line.sku for _, line in pairs],
        "qty": [line.qty for _, line in pairs],
        "price_cents": [line.price_cents for _, line in pairs],
    }
    return pl.DataFrame(columns, schema=_LINES)


def regions_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return each region's orders (`seen_by`), `content` standing for the lines, or None if not read."""
    if readings.regions is None:
        return None
    pairs = [(told.region, order) for told in readings.regions for order in told.orders]
    columns = {
        "seen_by": [region for region, _ in pairs],
        "order_id": [order.order_id for _, order in pairs],
        "shopper": [order.shopper for _, order in pairs],
        "status": [order.status for _, order in pairs],
        "total_cents": [order.total_cents for _, order in pairs],
        "content": [hash(order.lines) for _, order in pairs],
    }
    return pl.DataFrame(columns, schema=_REGIONS)


def charges_of(readings: FinalReadings) -> pl.DataFrame | None:
    """Return the provider's ledger, or None if not read; without canaries that the shop has no order for.

    A canary is worth a cent at most: whatever else bears such a name is somebody's money.
    """
    if readings.charges is None:
        return None
    known = {order.order_id for order in _everywhere(readings) or ()}
    own = [charge for charge in readings.charges if not _is_canary(charge) or charge.order_id in known]
    return table_of(own, ChargeReading)


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


def _everywhere(readings: FinalReadings) -> Sequence[OrderReading] | None:
    """Return the shop's orders, and those besides that only a region tells of; None if none were read."""
    if readings.regions is None:
        return readings.orders
    orders = {order.order_id: order for told in readings.regions for order in told.orders}
    mine = readings.orders or ()
    known = {order.order_id for order in mine}
    return (*mine, *(order for order_id, order in orders.items() if order_id not in known))


def _is_canary(charge: ChargeReading) -> bool:
    return charge.order_id.startswith(CANARY) and charge.amount_cents <= CANARY_CENTS
