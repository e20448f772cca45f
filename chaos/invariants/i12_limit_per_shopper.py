"""I12, limit for each shopper: Σ qty of the sale SKU a shopper holds ≤ the limit, over sessions and regions.

Judged twice: over the shop's live orders, whichever region tells of them, and over the orders shoppers were
told are paid, less those they may have cancelled. Kin: Jepsen's counter. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import LIVE
from rehearsal.model.history import Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I12.limit_per_shopper"


def check(books: Books, plan: Plan) -> Finding:
    """Sum each shopper's units across sessions and regions; the ids are the orders of who has too many."""
    sku, limit = plan.sale.sku, plan.sale.limit_per_shopper
    case, lines = Case(CHECK, sku), books.lines
    given = books.given.filter((pl.col("sku") == sku) & (pl.col("shopper") != ""))
    told = _told(books, given)
    held = told if lines is None else _held(lines, given, sku)
    greedy = pl.concat([_beyond(table.select("shopper", "order_id", "qty"), limit) for table in (held, told)])
    offenders = greedy["order_id"].unique(maintain_order=True).to_list()
    if not offenders and lines is None:
        return case.unread("the orders")
    if not offenders and given.is_empty():
        return case.unknown(f"nobody got an order of {sku}, so the limit was never tested")
    shoppers = greedy["shopper"].unique(maintain_order=True)
    reached = held.group_by("shopper").agg(pl.col("qty").sum()).filter(pl.col("qty") == limit).height
    holders = held["shopper"].n_unique()
    return case.judged(
        offenders,
        held=f"{sku}: none of {holders} shoppers holds more than {limit}, and {reached} hold that many",
        broken=f"{sku}: {shoppers.len()} shoppers hold more than {limit}",
        evidence={"limit": limit, "at_the_limit": reached, "shoppers": shoppers.head(20).to_list()},
        proof=partial(_proof, books, greedy),
    )


def _held(lines: pl.DataFrame, given: pl.DataFrame, sku: str) -> pl.DataFrame:
    """Return the live units that are somebody's: where the books do not say whose, of who was given them."""
    live = lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(LIVE))
    whose = given.select("order_id", pl.col("shopper").alias("to"))
    known = live.join(whose, on="order_id", how="left", maintain_order="left")
    owner = pl.when(pl.col("shopper") == "").then("to").otherwise("shopper").alias("shopper")
    return known.with_columns(owner).drop_nulls("shopper")


def _told(books: Books, given: pl.DataFrame) -> pl.DataFrame:
    asked = books.cancels.filter(pl.col("asked_ns").is_not_null())
    paid = given.join(books.told.select("order_id"), on="order_id", how="semi", maintain_order="left")
    return paid.join(asked, on="order_id", how="anti", maintain_order="left")


def _beyond(held: pl.DataFrame, limit: int) -> pl.DataFrame:
    return held.filter(pl.col("qty").sum().over("shopper") > limit)


def _proof(books: Books, greedy: pl.DataFrame) -> proof.Proof:
    shopper = greedy["shopper"][0]
    ids = greedy.filter(pl.col("shopper") == shopper)["order_id"].unique(maintain_order=True).to_list()[:6]
    bought = pl.col("order_id").is_in(ids) & (pl.col("f") == Step.FLASH_BUY)
    return proof.proof_of(proof.kept(books, ids), proof.ops(books, bought, 6))
