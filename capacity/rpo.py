"""Orders that were acknowledged and are gone (the recovery point): recovery.<fault>.lost_orders.

An order is acknowledged if a shopper was told its number, and paid if she was told that. Lost is one that the
final books do not have, or have unpaid although it was paid (cancelled since is all right). Each is laid at
the door of the fault that was healed next after the acknowledgement (of the last, if none was). Its age is
how long before the injection it was acknowledged, 0 if later: the oldest says how far back the shop was
thrown.

Nothing may be lost. What cannot be read is INCONCLUSIVE, and so is a fault in whose time nobody ordered; a
plan under which nobody orders has no finding.
"""

from collections.abc import Iterable

import polars as pl
from msgspec.structs import replace

from capacity.fault_windows import Drill, name_of
from rehearsal.model.clock import seconds
from rehearsal.model.history import Outcome, Step
from rehearsal.model.readings import OrderReading
from rehearsal.model.timeline import Window
from rehearsal.model.verdict import Finding, Status

_ORDERING = (Step.ORDER, Step.FLASH_BUY)
_PAYING = (Step.PAY, Step.QUERY)
#: What may have become of an order whose payment was acknowledged.
_KEPT = frozenset({"paid", "confirmed", "cancelled", "shipped"})
_NAMED = 20


def lost_of(requests: pl.DataFrame, orders: Iterable[OrderReading]) -> pl.DataFrame:
    """Return the lost orders: `order_id` and when that which was lost was acknowledged (`told_ns`)."""
    status = {order.order_id: order.status for order in orders}
    told = acknowledged_of(requests)
    kept = [order_id for order_id, now in status.items() if now in _KEPT]
    gone = ~pl.col("order_id").is_in(list(status))
    unpaid = pl.col("paid") & ~pl.col("order_id").is_in(kept)
    lost = told.filter(gone | unpaid)
    return (
        lost.group_by("order_id", maintain_order=True)
        .agg(pl.col("told_ns").max())
        .sort("told_ns", "order_id")
    )


def acknowledged_of(requests: pl.DataFrame) -> pl.DataFrame:
    """Return what shoppers were told of their orders: `order_id`, when (`told_ns`), and if it was `paid`."""
    ordering, paying = pl.col("f").is_in(_ORDERING), pl.col("f").is_in(_PAYING)
    ok = (pl.col("outcome") == Outcome.OK) & (pl.col("order_id") != "")
    told = requests.filter(ok & (ordering | paying))
    return told.select("order_id", pl.col("done_ns").alias("told_ns"), paying.alias("paid"))


def judge_lost_orders(
    requests: pl.DataFrame, *, drill: Drill, acknowledged: Window, orders: Iterable[OrderReading] | None
) -> Finding | None:
    """Count the lost ones of the orders that were acknowledged in a window (`acknowledged`)."""
    told = acknowledged_of(requests)
    mine = pl.col("told_ns").is_between(acknowledged.start_ns, acknowledged.end_ns, closed="left")
    count = told.filter(mine)["order_id"].n_unique()
    if told.is_empty():
        return None
    finding = Finding(
        check=f"recovery.{drill.fault.kind}.lost_orders",
        subject=drill.fault.phase,
        status=Status.INCONCLUSIVE,
        summary=f"{name_of(drill.placed)}: orders could not be read, so it is not known whether one was lost",
        limit=0.0,
        unit="orders",
        evidence={"acknowledged": count},
    )
    if orders is None:
        return finding
    if not count:
        words = f"{name_of(drill.placed)}: no order was acknowledged in its time, so none could be lost"
        return replace(finding, summary=words)
    lost = lost_of(requests, orders).filter(mine)
    oldest_ns = lost["told_ns"].min()
    age_s = max(0.0, seconds(drill.inject_ns - oldest_ns)) if isinstance(oldest_ns, int) else 0.0
    words = f"{name_of(drill.placed)}: {lost.height} of {count} acknowledged orders were lost"
    return replace(
        finding,
        status=Status.FAIL if lost.height else Status.PASS,
        summary=f"{words}; the oldest was {age_s:.1f} s old at the injection" if lost.height else words,
        measured=float(lost.height),
        ids=tuple(lost["order_id"].head(_NAMED)),
        evidence={**finding.evidence, "age_s": age_s},
    )
