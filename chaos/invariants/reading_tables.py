"""The final readings as tables, made from parts: a long run's are too many to be values all at once."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import polars as pl

from rehearsal.model.readings import (
    ChargeReading,
    ConfirmationReading,
    CouponReading,
    EventReading,
    FinalReadings,
    GiftCardReading,
    OrderReading,
    RegionReading,
    StockReading,
    TokenReading,
    TransitionReading,
)

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


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ReadingTables:
    """Tables of what could be read, None for what could not.

    `orders` (without lines) and `lines` (each with its order's shopper and status) are of all orders that any
    region tells of; `regions` are each region's as it tells them, `content` standing for the lines; `charges`
    are without the nemesis's canaries that the shop has no order for. The others have their readings' fields.
    """

    orders: pl.DataFrame | None = None
    lines: pl.DataFrame | None = None
    regions: pl.DataFrame | None = None
    charges: pl.DataFrame | None = None
    stock: pl.DataFrame | None = None
    transitions: pl.DataFrame | None = None
    events: pl.DataFrame | None = None
    confirmations: pl.DataFrame | None = None
    coupons: pl.DataFrame | None = None
    gift_cards: pl.DataFrame | None = None
    tokens: pl.DataFrame | None = None
    undecided: int = 0


def tables_of(parts: Iterable[FinalReadings]) -> ReadingTables:
    """Return the readings of all parts together (`rundir.final_file.read_final`), or of one whole."""
    pieces: dict[str, list[pl.DataFrame]] = {}
    undecided = 0
    for part in parts:
        undecided += part.undecided
        _add(pieces, part)
    # One after another: what was joined must not be held twice.
    tables = {name: pl.concat(pieces.pop(name)) for name in list(pieces)}
    for name in _REGIONAL:
        if (regional := tables.pop(f"regional_{name}", None)) is not None:
            mine = [tables[name]] if name in tables else []
            tables[name] = pl.concat([*mine, _once(regional)])
    if "charges" in tables:
        tables["charges"] = _without_canaries(tables["charges"], tables.get("orders"))
    return ReadingTables(**tables, undecided=undecided)


def _add(pieces: dict[str, list[pl.DataFrame]], part: FinalReadings) -> None:
    for name, build in _BUILDERS.items():
        if (table := build(part)) is not None:
            pieces.setdefault(name, []).append(table)
    # What only a region tells of is little; all that every region tells of would not fit.
    for name, build in _REGIONAL.items():
        if (table := build(part)) is not None:
            kept = _unknown(table, pieces.get("orders", []))
            pieces.setdefault(f"regional_{name}", []).append(kept)


def _unknown(regional: pl.DataFrame, orders: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the rows of orders that the shop itself does not tell of."""
    for table in orders:
        regional = regional.join(table.select("order_id"), on="order_id", how="anti", maintain_order="left")
    return regional


def _once(regional: pl.DataFrame) -> pl.DataFrame:
    """Return each order's rows as the first region has them that tells of it."""
    first = regional.group_by("order_id", maintain_order=True).agg(pl.col("seen_by").first())
    return regional.join(first, on=["order_id", "seen_by"], how="semi", maintain_order="left").drop("seen_by")


def _without_canaries(charges: pl.DataFrame, orders: pl.DataFrame | None) -> pl.DataFrame:
    """Leave out canaries. One is worth a cent at most: any other of such a name is somebody's money."""
    named = pl.col("order_id").str.starts_with(CANARY) & (pl.col("amount_cents") <= CANARY_CENTS)
    if orders is None:
        return charges.filter(~named)
    known = orders["order_id"].filter(orders["order_id"].str.starts_with(CANARY))
    return charges.filter(~named | pl.col("order_id").is_in(known.implode()))


def _table(rows: Sequence[Any] | None, kind: type[msgspec.Struct]) -> pl.DataFrame | None:
    """Return readings as a table, without what is neither a word nor a number; None if not read."""
    if rows is None:
        return None
    fields = [field for field in msgspec.structs.fields(kind) if field.type in _POLARS]
    columns = {field.name: [getattr(row, field.name) for row in rows] for field in fields}
    return pl.DataFrame(columns, schema={field.name: _POLARS[field.type] for field in fields})


def _lines(orders: Sequence[OrderReading] | None) -> pl.DataFrame | None:
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


def _regions(regions: Sequence[RegionReading] | None) -> pl.DataFrame | None:
    if regions is None:
        return None
    pairs = [(told.region, order) for told in regions for order in told.orders]
    columns = {
        "seen_by": [region for region, _ in pairs],
        "order_id": [order.order_id for _, order in pairs],
        "shopper": [order.shopper for _, order in pairs],
        "status": [order.status for _, order in pairs],
        "total_cents": [order.total_cents for _, order in pairs],
        "content": [hash(order.lines) for _, order in pairs],
    }
    return pl.DataFrame(columns, schema=_REGIONS)


def _seen_by(
    build: Callable[[Sequence[OrderReading] | None], pl.DataFrame | None],
    regions: Sequence[RegionReading] | None,
) -> pl.DataFrame | None:
    """Return what `build` makes of each region's orders, with the region (`seen_by`)."""
    tables = [
        table.with_columns(seen_by=pl.lit(told.region))
        for told in regions or ()
        if (table := build(told.orders)) is not None
    ]
    return pl.concat(tables) if tables else None


_orders = partial(_table, kind=OrderReading)
_BUILDERS: dict[str, Callable[[FinalReadings], pl.DataFrame | None]] = {
    "orders": lambda part: _orders(part.orders),
    "lines": lambda part: _lines(part.orders),
    "regions": lambda part: _regions(part.regions),
    "charges": lambda part: _table(part.charges, ChargeReading),
    "stock": lambda part: _table(part.stock, StockReading),
    "transitions": lambda part: _table(part.transitions, TransitionReading),
    "events": lambda part: _table(part.events, EventReading),
    "confirmations": lambda part: _table(part.confirmations, ConfirmationReading),
    "coupons": lambda part: _table(part.coupons, CouponReading),
    "gift_cards": lambda part: _table(part.gift_cards, GiftCardReading),
    "tokens": lambda part: _table(part.tokens, TokenReading),
}

_REGIONAL: dict[str, Callable[[FinalReadings], pl.DataFrame | None]] = {
    "orders": lambda part: _seen_by(_orders, part.regions),
    "lines": lambda part: _seen_by(_lines, part.regions),
}
