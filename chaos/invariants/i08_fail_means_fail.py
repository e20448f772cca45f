"""I8, fail means fail: an intent all of whose attempts failed for certain leaves nothing behind.

No order, no standing capture, no coupon or gift card used, no cancellation. One attempt of unknown outcome
makes the whole intent unknown, and one that is ok makes it ok; intents of visits that died with their process
may lack attempts and prove nothing. Kin: G1a, the aborted read of Adya. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import GIVING, Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import payments_of
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I8.fail_means_fail"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look for what failed intents left: orders, captures, vouchers that are used, cancelled orders."""
    case, orders, charges = Case(CHECK), books.orders, books.charges
    failed = {
        "order": _all_failed(_makings(books), ["intent"]),
        "payment": _failed_payments(books),
        "coupon": _failed(books, "shopper", Step.COUPON),
        "gift card": _failed(books, "shopper", Step.GIFT_CARD),
        "cancellation": _failed(books, "order_id", Step.CANCEL),
    }
    left = _left(orders, failed) if orders is not None else []
    if charges is not None:
        left.append(_charged(charges, failed["payment"]))
    found = pl.concat(left) if left else pl.DataFrame(schema={"order_id": pl.String, "what": pl.String})
    offenders = found["order_id"].unique(maintain_order=True).to_list()
    if not offenders and (orders is None or charges is None):
        return case.unread(orders=orders, charges=charges)
    count = sum(table.height for table in failed.values())
    if not offenders and not count and books.told.is_empty():
        return case.unknown("nothing was asked of the shop that could fail or succeed")
    effects = dict(found["what"].value_counts().sort("what").iter_rows())
    return case.judged(
        offenders,
        held=f"{count} intents failed for certain, and none left anything behind",
        broken=f"{len(offenders)} orders bear what had failed for certain"
        f" ({', '.join(f'{number} × {what}' for what, number in effects.items())})",
        evidence={"failed": {what: table.height for what, table in failed.items()}},
        proof=partial(_proof, books, found),
    )


def _failed(books: Books, by: str | tuple[str, ...], *steps: Step) -> pl.DataFrame:
    """Return what has attempts that failed for certain and no others, by intent, order or shopper."""
    keys = [by] if isinstance(by, str) else list(by)
    rows = books.ops(*steps).filter(pl.col(keys[0]) != "")
    return _all_failed(rows.join(books.aborted.lazy(), on="visit", how="anti"), keys)


def _all_failed(whole: pl.LazyFrame, keys: list[str]) -> pl.DataFrame:
    every = whole.group_by(keys).agg((pl.col("outcome") == Outcome.FAIL).all().alias("failed"))
    return every.filter("failed").select(keys).collect()


def _makings(books: Books) -> pl.LazyFrame:
    """Return the attempts at an order. A payment is one where no answer to its intent names an order.

    Elsewhere the order is there before it is paid.
    """
    known = pl.col("intent") != ""
    pays = books.ops(Step.PAY).filter(known)
    named = pays.filter(pl.col("order_id") != "").select("intent").unique()
    tries = pl.concat([books.ops(*GIVING).filter(known), pays.join(named, on="intent", how="anti")])
    return tries.join(books.aborted.lazy(), on="visit", how="anti")


def _failed_payments(books: Books) -> pl.DataFrame:
    """Return the orders and channels all of whose payments failed; of an answer without one it may be any."""
    failed = _failed(books, ("order_id", "channel"), Step.PAY)
    unsure = pl.col("outcome") != Outcome.FAIL
    unnamed = books.ops(Step.PAY).filter(unsure & (pl.col("channel") == "")).select("order_id").unique()
    any_way = books.ops(Step.PAY).filter(unsure).select("order_id").unique()
    by_name = failed.filter(pl.col("channel") != "").join(unnamed.collect(), on="order_id", how="anti")
    nameless = failed.filter(pl.col("channel") == "").join(any_way.collect(), on="order_id", how="anti")
    return pl.concat([by_name, nameless])


def _left(orders: pl.DataFrame, failed: dict[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Return the orders that bear what had failed; `what` says which."""
    status, channel = pl.col("status"), pl.col("channel")
    by_card = (status == "paid") & (channel == "card")
    paid = by_card | ((status == "confirmed") & (channel == "pay_later"))
    bearing = (
        ("order", pl.col("intent") != "", ["intent"]),
        ("payment", paid, ["order_id", "channel"]),
        ("coupon", pl.col("coupon") != "", ["shopper"]),
        ("gift card", pl.col("gift_card") != "", ["shopper"]),
        ("cancellation", status == "cancelled", ["order_id"]),
    )
    return [
        orders.filter(which)
        .join(failed[what], on=on, how="semi")
        .select("order_id", pl.lit(what).alias("what"))
        for what, which, on in bearing
    ]


def _charged(charges: pl.DataFrame, failed: pl.DataFrame) -> pl.DataFrame:
    by_card = failed.filter(pl.col("channel").is_in(["card", ""]))
    standing = payments_of(charges).filter(pl.col("charged") > 0)
    return standing.join(by_card, on="order_id", how="semi").select(
        "order_id", pl.lit("capture").alias("what")
    )


def _proof(books: Books, found: pl.DataFrame) -> proof.Proof:
    first = found["order_id"].head(1).to_list()
    orders = books.orders
    mine = None if orders is None else orders.filter(pl.col("order_id").is_in(first))
    intents = [] if mine is None else mine.filter(pl.col("intent") != "")["intent"].to_list()
    shoppers = [] if mine is None else mine["shopper"].to_list()
    vouchers = pl.col("shopper").is_in(shoppers) & pl.col("f").is_in([Step.COUPON, Step.GIFT_CARD])
    tried = pl.col("order_id").is_in(first) | pl.col("intent").is_in(intents) | vouchers
    no = tried & (pl.col("outcome") == Outcome.FAIL)
    return proof.proof_of(proof.ops(books, no, 6), proof.kept(books, first), proof.ledger(books, first)[:4])
