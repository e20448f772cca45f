"""I14, price honoured: total = Σ qty × price - discount - gift ≥ 0; the promotion's price in its time only.

A delivery fee, or another discount than a coupon's, is a line of its own (`readings.OrderReading`). That the
provider took this total, and that the shopper was quoted it, is I4's and I21's to say. Whoever was answered
before the sale's end pays its price, whoever asked after it (and after a grace) the full one; in between
either is right. Where paying makes the order, whoever began to buy has asked. Only the mock shop is told when
the sale ends: another is not blamed. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import GIVES, GIVING, WISH, Books
from chaos.invariants.outcome import NAMED, Case
from chaos.invariants.tables import SOLD
from rehearsal.model.clock import NS_PER_S, seconds
from rehearsal.model.history import Step
from rehearsal.model.plan import Plan
from rehearsal.model.timeline import timeline_of
from rehearsal.model.verdict import Finding

CHECK = "I14.price_honoured"

#: A shopper who asked as the sale ended may still get its price.
GRACE_NS = NS_PER_S


def check(books: Books, plan: Plan) -> Finding:
    """Add up each sold order's lines, compare with its total, and the sale's prices with the clock."""
    case, orders, lines = Case(CHECK), books.orders, books.lines
    if orders is None or lines is None:
        return case.unread("the orders")
    sold = orders.filter(pl.col("status").is_in(SOLD))
    if sold.is_empty():
        return case.unknown("nothing was sold, so no price was asked")
    if lines.is_empty():
        return case.unread("the orders' lines")
    wrong = _wrong(sold, lines, plan)
    late = _untimely(books, lines, plan)
    offenders = list(dict.fromkeys([*wrong["order_id"], *late["order_id"]]))
    if not offenders and plan.sale.closes_with and not _asked_after(books, plan):
        words = f"nobody asked for {plan.sale.sku} after its sale had ended, so its price then is not known"
        return case.unknown(words)
    if offenders and wrong.is_empty() and plan.target.shop != "mock":
        named = ", ".join(offenders[:NAMED])
        words = f"nobody told this shop when the sale ends; see whether these prices were right: {named}"
        return case.unknown(words)
    return case.judged(
        offenders,
        held=f"the total of each of {sold.height} sold orders is what its lines come to"
        + (", and the sale's price was asked in its time only" if plan.sale.closes_with else ""),
        broken=f"{wrong.height} of {sold.height} sold orders do not cost what their lines come to, and"
        f" {late.height} were priced as at another time",
        evidence={"sold": sold.height, "wrong": wrong.head(NAMED).to_dicts()},
        proof=partial(_proof, books, plan, offenders[:1]),
    )


def _wrong(sold: pl.DataFrame, lines: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    line_cents = (pl.col("qty") * pl.col("price_cents")).sum().alias("lines_cents")
    sums = lines.group_by("order_id").agg(line_cents)
    both = sold.join(sums, on="order_id", how="left", maintain_order="left").fill_null(0)
    off, total = pl.col("discount_cents") + pl.col("gift_cents"), pl.col("total_cents")
    wrong = (total != pl.col("lines_cents") - off) | (total < 0) | (pl.col("discount_cents") < 0)
    if plan.coupon is not None:
        mine = pl.col("coupon") == plan.coupon.code
        wrong |= mine & (pl.col("discount_cents") > plan.coupon.cents)
    columns = ("order_id", "total_cents", "lines_cents", "discount_cents", "gift_cents")
    return both.filter(wrong | (pl.col("gift_cents") < 0)).select(columns)


def _untimely(books: Books, lines: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """Return the orders of the sale SKU whose price belongs to another time than they were asked at."""
    sale = plan.sale
    priced = lines.filter(pl.col("sku") == sale.sku).select("order_id", "price_cents")
    if not sale.closes_with:
        return priced.clear()
    closes_ns = timeline_of(plan).window_of(sale.closes_with).start_ns
    given = _asked(books).join(priced, on="order_id")
    price = pl.col("price_cents")
    early = (pl.col("acked_ns") < closes_ns) & (price != sale.price_cents)
    late = (pl.col("asked_ns") > closes_ns + GRACE_NS) & (price != sale.full_price_cents)
    return given.filter(early | late).sort("acked_ns").select("order_id", "price_cents")


def _asked(books: Books) -> pl.DataFrame:
    """Return the orders that were given, and when each was asked for first (`asked_ns`).

    All attempts of an intent count: the first may have made the order that the last was told of.
    """
    rows = books.ops(*GIVING, Step.PAY).filter(pl.col("intent") != "")
    asked = rows.group_by(WISH.alias("wish")).agg(pl.col("sent_ns").min().alias("asked_ns"))
    return books.given.with_columns(WISH.alias("wish")).join(asked.collect(), on="wish", how="left")


def _asked_after(books: Books, plan: Plan) -> bool:
    """Tell whether the shop answered, in its own words, somebody who wanted the sale SKU after the end.

    An answer to a buy that names no order has told no price: it is still to be paid for.
    """
    after_ns = timeline_of(plan).window_of(plan.sale.closes_with).start_ns + GRACE_NS
    ordered = (pl.col("outcome") == "ok") & (pl.col("order_id") != "") & (pl.col("f") == Step.FLASH_BUY)
    answered = books.ops(Step.FLASH_BUY, Step.PAY).filter(ordered | (pl.col("error") == "sold_out"))
    late = answered.filter(pl.col("sent_ns") > after_ns).select("f").head(1).collect()
    paid = _asked(books).filter((pl.col("sku") == plan.sale.sku) & (pl.col("asked_ns") > after_ns))
    return not (late.is_empty() and paid.is_empty())


def _proof(books: Books, plan: Plan, first: list[str]) -> proof.Proof:
    told = proof.ops(books, pl.col("order_id").is_in(first) & GIVES, 2)
    lines = [] if books.lines is None else books.lines.filter(pl.col("order_id").is_in(first)).to_dicts()
    words = "order {order_id} has {qty} × {sku} at {price_cents} cents"
    listed = [proof.counted("the shop's orders", words.format_map(line)) for line in lines]
    kept = [] if books.orders is None else books.orders.filter(pl.col("order_id").is_in(first)).to_dicts()
    less = "order {order_id} comes to {total_cents} cents, {discount_cents} off and {gift_cents} by gift card"
    sums = [proof.counted("the shop's orders", less.format_map(row)) for row in kept]
    return proof.proof_of(*sums, told, _ends(plan), *listed)


def _ends(plan: Plan) -> proof.Proof:
    if not plan.sale.closes_with:
        return []
    closes_s = seconds(timeline_of(plan).window_of(plan.sale.closes_with).start_ns)
    return proof.counted("the plan", f"the sale ends at {closes_s:g} s")
