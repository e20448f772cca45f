"""I1, no oversell: Σ qty of the sale SKU, sold in the end or promised at one time, ≤ the stock.

History alone can prove the failure: two shoppers told "paid" for one unit is one too many, whatever the
shop's books say. A unit is promised from the answer that says so until its cancellation may have taken
effect (a cancellation that timed out may have), so nothing is counted that might be back on the shelf.
Orders that only one region knows are sold all the same. Kin: Jepsen's counter bounds. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import LIVE, SOLD
from rehearsal.model.history import Kind, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I1.no_oversell"


def check(books: Books, plan: Plan) -> Finding:
    """Compare the stock with the units sold in the end and with the units promised at one time."""
    sku, stock = plan.sale.sku, plan.sale.stock
    case, lines = Case(CHECK, sku), books.lines
    promised = _promised(books, sku)
    sold = (
        promised.clear().select("order_id", "qty", "since_ns") if lines is None else _sold(books, lines, sku)
    )
    units = {"promised": _most(promised), "sold": int(sold["qty"].sum()), "stock": stock}
    excess = pl.concat([_beyond(sold, stock), _beyond(promised, stock)]).unique(
        "order_id", maintain_order=True
    )
    if not excess.is_empty():
        broken = "{sold} units sold and {promised} promised, but the stock was {stock}".format_map(units)
        offenders = excess.sort("since_ns", nulls_last=True)["order_id"].to_list()
        shown = partial(_proof, books, offenders, f"{sku}: {broken}")
        return case.judged(offenders, held="", broken=f"{sku}: {broken}", evidence=units, proof=shown)
    if lines is None:
        return case.unread("the orders")
    if books.told.is_empty():
        return case.unknown("no payment succeeded at all, so selling was never tested")
    if not (units["sold"] or units["promised"]):
        # Books and answers that call it otherwise would look just so.
        return case.unknown(f"neither the books nor the answers name a unit of {sku}; see how they call it")
    if max(units["sold"], units["promised"]) < stock and not ran_out(books, sku):
        return case.unknown(f"{sku} never sold out, so nobody fought for the last unit")
    held = "{sold} units sold and {promised} promised of a stock of {stock}, and it ran out".format_map(units)
    return case.judged((), held=f"{sku}: {held}", broken="", evidence=units, proof=list)


def ran_out(books: Books, sku: str) -> bool:
    """Tell whether a shopper was turned away as sold out, or the stock was seen at nothing."""
    refused = books.ops(Step.FLASH_BUY, Step.PAY).filter(pl.col("error") == "sold_out").select("f")
    empty = books.history.filter((pl.col("kind") == Kind.STOCK) & (pl.col("f") == sku) & (pl.col("qty") <= 0))
    return any(not rows.head(1).collect().is_empty() for rows in (refused, empty.select("f")))


def _promised(books: Books, sku: str) -> pl.DataFrame:
    """Return what was promised and when: `qty` > 0 from `since_ns` on, and < 0 from when it may be back."""
    given = books.given.filter(pl.col("sku") == sku).select("order_id", "qty", "acked_ns")
    paid = books.told.select("order_id", pl.col("acked_ns").alias("paid_ns"))
    back = books.cancels.select("order_id", "asked_ns")
    known = given.join(paid, on="order_id", how="left").join(back, on="order_id", how="left")
    known = known.with_columns(pl.col("order_id").is_in(_live(books, sku).implode()).alias("live"))
    standing = known.filter(pl.col("live") | pl.col("paid_ns").is_not_null())
    begun = standing.select(
        "order_id", "qty", pl.coalesce("paid_ns", "acked_ns").alias("since_ns"), "acked_ns"
    )
    gone = standing.filter(~pl.col("live") & pl.col("asked_ns").is_not_null())
    back_ns = pl.max_horizontal("asked_ns", pl.coalesce("paid_ns", "acked_ns")).alias("since_ns")
    ended = gone.select("order_id", -pl.col("qty"), back_ns, "acked_ns")
    # At the same instant the unit that comes back is counted first: the doubt is the shop's.
    both = pl.concat([ended, begun]).sort("since_ns", "acked_ns", maintain_order=True)
    return both.sort("since_ns", pl.col("qty") > 0, maintain_order=True).select("order_id", "qty", "since_ns")


def _live(books: Books, sku: str) -> pl.Series:
    if books.lines is None:
        return pl.Series([], dtype=pl.String)
    return books.lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(LIVE))["order_id"]


def _sold(books: Books, lines: pl.DataFrame, sku: str) -> pl.DataFrame:
    sold = lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(SOLD))
    by_order = sold.group_by("order_id", maintain_order=True).agg(pl.col("qty").sum())
    given = books.given.select("order_id", pl.col("acked_ns").alias("since_ns"))
    known = by_order.join(given, on="order_id", how="left", maintain_order="left")
    return known.sort("since_ns", nulls_last=True, maintain_order=True)


def _most(promised: pl.DataFrame) -> int:
    return int(promised.select(pl.col("qty").cum_sum().max().fill_null(0)).item())


def _beyond(orders: pl.DataFrame, stock: int) -> pl.DataFrame:
    """Return the orders beyond the stock, first come, first served."""
    over = (pl.col("qty").cum_sum() > stock) & (pl.col("qty") > 0)
    return orders.filter(over).select("order_id", "since_ns")


def _proof(books: Books, offenders: list[str], counts: str) -> proof.Proof:
    beyond = offenders[: proof.MOST // 3]
    told = proof.ops(books, pl.col("order_id").is_in(beyond) & pl.col("f").is_in([*Step]), proof.MOST // 2)
    return proof.proof_of(proof.counted("the plan and the books", counts), proof.kept(books, beyond), told)
