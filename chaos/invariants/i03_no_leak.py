"""I3, no leak: at rest reserved = 0, and nobody was told "sold out" while units were free.

A unit reserved for no order, or for one that nobody will pay any more, can never be sold. A refusal was wrong
if stock - Σ qty(buys sent before its answer, ok or of unknown outcome) still left what was asked for: a
counter's bounds, so a unit that may have been held at that moment excuses the shop, and so do orders in the
books that no shopper of ours made. Liveness: reservations have run out by the time of the final readings.
How long that takes is known of the mock shop only (`store.reservation_s`, `limits.quiesce_s`).
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I3.no_leak"


def check(books: Books, plan: Plan) -> Finding:
    """Find units reserved for nobody, reservations that never ran out, and buyers refused for no reason."""
    case, stock, orders, lines = Case(CHECK), books.stock, books.orders, books.lines
    if stock is None or orders is None or lines is None:
        return case.unread(stock=stock, orders=orders)
    of_sale = lines.filter(pl.col("sku") == plan.sale.sku)
    known = of_sale.join(orders.select("order_id", "intent"), on="order_id")
    stuck, refused = _stuck(books, plan), _refused(books, known, plan)
    # The mock's orders are read before its stock: a reservation that ends meanwhile is no loose one.
    settled = books.at_rest or plan.target.shop == "mock"
    loose = _loose(stock if settled else stock.clear(), lines)
    offenders = [*loose["sku"], *stuck.to_list(), *refused["intent"]]
    if not offenders and lines.is_empty():
        return case.unknown("no order was made, so nothing was ever reserved")
    still = lines.filter(pl.col("status") == "pending_payment")["order_id"].n_unique()
    if not offenders and still and plan.target.shop != "mock":
        words = f"{still} orders still hold units, and how long a reservation lasts nobody told us"
        return case.unknown(words)
    freed = lines.filter(pl.col("status") == "expired")["order_id"].n_unique()
    return case.judged(
        offenders,
        held=f"no unit is reserved for nobody; {freed} reservations ran out and were freed",
        broken=f"{loose['units'].sum()} units are reserved for no order, {stuck.len()} reservations never ran"
        f" out, and {refused.height} buyers were told sold out while there were units left",
        evidence={"freed": freed, "still_reserved": still},
        proof=partial(_proof, books, loose, stuck, refused),
    )


def _loose(stock: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return the SKUs with more units reserved than pending orders hold, and how many `units` more."""
    pending = lines.filter(pl.col("status") == "pending_payment")
    held = pending.group_by("sku").agg(pl.col("qty").sum())
    both = stock.join(held, on="sku", how="left", maintain_order="left")
    units = (pl.col("reserved") - pl.col("qty").fill_null(0)).alias("units")
    return both.select("sku", "reserved", units).filter(pl.col("units") > 0)


def _stuck(books: Books, plan: Plan) -> pl.Series:
    """Return the orders that hold units though their time is over; a payment in doubt is I9's matter."""
    orders = books.orders
    waited = plan.target.shop == "mock" and plan.limits.quiesce_s > plan.store.reservation_s
    if orders is None or not waited:
        return pl.Series("order_id", [], dtype=pl.String)
    info = books.ops(Step.PAY).filter(pl.col("outcome") == Outcome.INFO).select("order_id").collect()
    paying = [info["order_id"], *([] if books.charges is None else [books.charges["order_id"]])]
    pending = orders.filter(pl.col("status") == "pending_payment")["order_id"]
    return pending.filter(~pending.is_in(pl.concat(paying).implode()))


def _refused(books: Books, known: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return the buys that were refused as sold out while there certainly were units enough."""
    sku, ours = plan.sale.sku, (pl.col("outcome") != Outcome.FAIL) & (pl.col("intent") != "")
    buys = books.ops(Step.FLASH_BUY).filter((pl.col("sku") == sku) & pl.lit(plan.has_sale))
    taking = buys.filter(ours).group_by("intent").agg(pl.col("sent_ns").min(), pl.col("qty").max())
    taken = taking.sort("sent_ns").with_columns(pl.col("qty").cum_sum().alias("taken")).collect()
    no = (pl.col("outcome") == Outcome.FAIL) & (pl.col("error") == "sold_out")
    refused = buys.filter(no).select("intent", "done_ns", "qty").sort("done_ns").collect()
    bound = taken.select(pl.col("sent_ns").alias("done_ns"), "taken")
    met = refused.join_asof(bound, on="done_ns").with_columns(pl.col("taken").fill_null(0))
    free = plan.sale.stock - _of_others(known, taken) - pl.col("taken")
    return met.filter(free >= pl.col("qty").clip(1))


def _of_others(known: pl.DataFrame, taken: pl.DataFrame) -> int:
    """Count the units of orders that no buy in the history stands for; when they were made nobody knows."""
    others = known.join(taken.select("intent"), on="intent", how="anti")
    return int(others["qty"].sum())


def _proof(books: Books, loose: pl.DataFrame, stuck: pl.Series, refused: pl.DataFrame) -> proof.Proof:
    if not refused.is_empty():
        row = refused.row(0, named=True)
        no = (pl.col("done_ns") == row["done_ns"]) & (pl.col("intent") == row["intent"])
        words = f"at most {row['taken']} units were taken by then"
        return proof.proof_of(proof.ops(books, no, 1), proof.counted("the history", words))
    if not loose.is_empty():
        words = "{reserved} units of {sku} are reserved, {units} of them for no order"
        return proof.proof_of(proof.counted("the shop's stock", words.format_map(loose.row(0, named=True))))
    first = stuck.head(1).to_list()
    return proof.proof_of(proof.kept(books, first), proof.ops(books, pl.col("order_id").is_in(first), 4))
