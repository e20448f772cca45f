"""The final readings of the shop that `clean_history` tells of, made and written as tables.

A violation is planted here: one order among all leaves behind what no correct shop does.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from rehearsal.model.errors import RehearsalError

#: What may be planted, and in which of the readings it shows.
PLANTED = {
    "I4": "an order is captured twice",
    "I5": "an order that its shopper was told is paid has expired",
    "I6": "an order's money is captured and the shop does not know the order",
    "I22": "a shopper gets two confirmations",
}
_EXTRA = 1000


def tables_of(orders: pl.DataFrame, stock: int) -> dict[str, pl.DataFrame]:
    """Return the readings by name, from the orders (columns of `clean_history.ordering`), all sold."""
    order_id = pl.col("order_id")
    return {
        "stock": _stock(orders, stock),
        "orders": orders.select(
            "order_id",
            "shopper",
            "intent",
            pl.lit("paid").alias("status"),
            pl.lit("card").alias("channel"),
            "total_cents",
            pl.when(pl.col("visit") % 2 == 0).then(pl.lit("a")).otherwise(pl.lit("b")).alias("region"),
            pl.concat_list(
                pl.struct("sku", pl.lit(1).alias("qty"), pl.col("total_cents").alias("price_cents"))
            ).alias("lines"),
            "payment_id",
        ),
        "charges": pl.concat([_charges(orders, kind) for kind in ("authorize", "capture")]),
        "transitions": pl.concat([_transition(orders, seq, status) for seq, status in _STATES]),
        "events": orders.select(
            pl.concat_str(pl.lit("ev-"), "payment_id").alias("event_id"),
            order_id,
            pl.lit(1).alias("received"),
            pl.lit(1).alias("effects"),
        ),
        "confirmations": orders.select(order_id, pl.lit(1).alias("sent")),
    }


def planted(tables: Mapping[str, pl.DataFrame], what: str) -> tuple[dict[str, pl.DataFrame], str]:
    """Return the readings with one violation in their middle, and the order it is of.

    RehearsalError if `what` is not in PLANTED.
    """
    if what not in PLANTED:
        raise RehearsalError(f"{what!r} cannot be planted; there are {', '.join(PLANTED)}.")
    orders = tables["orders"]
    victim = str(orders["order_id"][orders.height // 2])
    of_victim = pl.col("order_id") == victim
    changes = {
        "I4": lambda: {"charges": _again(tables["charges"], of_victim & (pl.col("kind") == "capture"))},
        "I5": lambda: {
            "orders": orders.with_columns(
                status=pl.when(of_victim).then(pl.lit("expired")).otherwise("status")
            )
        },
        "I6": lambda: {"orders": orders.filter(~of_victim)},
        "I22": lambda: {
            "confirmations": tables["confirmations"].with_columns(
                sent=pl.when(of_victim).then(2).otherwise("sent")
            )
        },
    }
    return {**tables, **changes[what]()}, victim


def write_readings(path: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write the readings as `FinalReadings` are written, one table after another."""
    with path.open("wb") as file:
        for number, (name, table) in enumerate(tables.items()):
            file.write(f"{',' if number else '{'}\n{name!r}: ".replace("'", '"').encode())
            table.write_json(file)
        file.write(b"\n}\n")


_STATES = ((1, "pending_payment"), (2, "paid"))


def _stock(orders: pl.DataFrame, stock: int) -> pl.DataFrame:
    sold = orders.group_by("sku").agg(pl.len().alias("sold")).sort("sku")
    initial = pl.when(pl.col("sku") == "flash").then(stock).otherwise(pl.col("sold") + _EXTRA)
    return sold.select(
        "sku",
        initial.alias("initial"),
        (initial - pl.col("sold")).alias("available"),
        pl.lit(0).alias("reserved"),
        "sold",
    )


def _charges(orders: pl.DataFrame, kind: str) -> pl.DataFrame:
    name = pl.concat_str(pl.lit(f"{kind}-"), "visit")
    return orders.select(
        name.alias("entry_id"),
        pl.lit(kind).alias("kind"),
        "payment_id",
        "order_id",
        pl.col("total_cents").alias("amount_cents"),
        name.alias("idempotency_key"),
    )


def _again(charges: pl.DataFrame, which: pl.Expr) -> pl.DataFrame:
    again = charges.filter(which).with_columns(
        pl.concat_str("entry_id", pl.lit("-again")).alias("entry_id"),
        pl.concat_str("payment_id", pl.lit("-again")).alias("payment_id"),
    )
    name = pl.concat_str(pl.lit("authorize-"), "entry_id")
    authorized = again.with_columns(kind=pl.lit("authorize"), entry_id=name)
    return pl.concat([charges, authorized, again])


def _transition(orders: pl.DataFrame, seq: int, status: str) -> pl.DataFrame:
    return orders.select("order_id", pl.lit(seq).alias("seq"), pl.lit(status).alias("status"))
