"""I2, stock conserved: at rest initial = available + reserved + sold, and sold is what the orders say.

Restocked units of cancelled orders are among the available ones and no longer among the sold, so the sum
stays. While the sale runs, every reading of the stock lies between 0 and what there was at first.
Kin: Jepsen's bank (the total is constant). The sum is judged on the final reading: only that is at rest.
Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import SOLD
from rehearsal.model.history import Kind
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I2.stock_conserved"

_FAULT = {"sku": pl.String, "fault": pl.String}


def check(books: Books, plan: Plan) -> Finding:
    """Balance each SKU's stock and compare its sold and reserved units with the orders."""
    case, stock, lines = Case(CHECK), books.stock, books.lines
    broken = _faults(books, plan)
    if broken.is_empty():
        if stock is None or lines is None:
            return case.unread(stock=stock, orders=lines)
        if unlisted := _unlisted(stock, lines, plan):
            return case.unknown(f"the stock does not list {', '.join(unlisted)}, so nothing is known of it")
        if not books.at_rest:
            return case.unknown("orders were still open when the stock was read, so they say nothing of it")
        if not stock["sold"].sum():
            return case.unknown("nothing was sold, so the stock had nothing to conserve")
    count = 0 if stock is None else stock.height
    words = broken.select(pl.format("{}: {}", "sku", "fault")).to_series().to_list()
    return case.judged(
        broken["sku"].to_list(),
        held=f"all {count} SKUs balance: initial = available + reserved + sold, and sold as the orders say",
        broken="; ".join(words[:3]),
        evidence={"imbalances": dict(broken.head(20).iter_rows())},
        proof=partial(_proof, books, broken),
    )


def _faults(books: Books, plan: Plan) -> pl.DataFrame:
    """Return one `fault` in words for each `sku` that has any, the SKUs in order."""
    stock, found = books.stock, [_impossible(books, plan)]
    if stock is not None:
        found += [_twice(stock), _imbalances(stock, plan)]
        # Between two readings an order that is still open may change.
        if books.lines is not None and books.at_rest:
            found.append(_unlike(stock, books.lines))
    return pl.concat(found).unique("sku", keep="first", maintain_order=True).sort("sku")


def _twice(stock: pl.DataFrame) -> pl.DataFrame:
    listed = stock.group_by("sku").len().filter(pl.col("len") > 1)
    return listed.select("sku", pl.format("the stock lists it {} times", "len").alias("fault"))


def _imbalances(stock: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    total = pl.sum_horizontal("available", "reserved", "sold")
    on_sale = (pl.col("sku") == plan.sale.sku) & pl.lit(plan.has_sale)
    parts = pl.format("available {} + reserved {} + sold {}", "available", "reserved", "sold")
    fault = (
        pl.when(on_sale & (pl.col("initial") != plan.sale.stock))
        .then(pl.format(f"initial {{}}, but the plan sells {plan.sale.stock}", "initial"))
        .when(pl.min_horizontal("available", "reserved", "sold") < 0)
        .then(pl.format("a count below zero ({})", parts))
        .when(total != pl.col("initial"))
        .then(pl.format("initial {}, but {} = {}", "initial", parts, total))
    )
    return stock.select("sku", fault.alias("fault")).drop_nulls()


def _unlike(stock: pl.DataFrame, lines: pl.DataFrame) -> pl.DataFrame:
    """Return what stock and orders disagree on; units reserved for no order can never be sold."""
    status, qty = pl.col("status"), pl.col("qty")
    known = lines.group_by("sku").agg(
        qty.filter(status == "pending_payment").sum().alias("reserved_known"),
        qty.filter(status.is_in(SOLD)).sum().alias("sold_known"),
    )
    both = stock.join(known, on="sku", how="left", maintain_order="left").fill_null(0)
    words = "the stock says {} %s, the orders say {}"
    fault = (
        pl.when(pl.col("reserved") != pl.col("reserved_known"))
        .then(pl.format(words % "reserved", "reserved", "reserved_known"))
        .when(pl.col("sold") != pl.col("sold_known"))
        .then(pl.format(words % "sold", "sold", "sold_known"))
    )
    return both.select("sku", fault.alias("fault")).drop_nulls()


def _impossible(books: Books, plan: Plan) -> pl.DataFrame:
    """Return the sale SKU if it was ever seen with fewer units than none, or with more than there were."""
    if not plan.has_sale:
        return pl.DataFrame(schema=_FAULT)
    seen = books.history.filter(_odd(plan)).select("f", "qty").head(1).collect()
    words = pl.format("{} units were seen during the run", "qty").alias("fault")
    return seen.select(pl.col("f").alias("sku"), words)


def _odd(plan: Plan) -> pl.Expr:
    sale, qty = plan.sale, pl.col("qty")
    return (pl.col("kind") == Kind.STOCK) & (pl.col("f") == sale.sku) & ((qty < 0) | (qty > sale.stock))


def _unlisted(stock: pl.DataFrame, lines: pl.DataFrame, plan: Plan) -> list[str]:
    """Return the SKUs that were sold, or should have been, and that the stock says nothing of."""
    sold = set(lines.filter(pl.col("status").is_in(SOLD))["sku"].unique())
    on_sale = {plan.sale.sku} if plan.has_sale else set()
    return sorted((sold | on_sale) - set(stock["sku"]))


def _proof(books: Books, broken: pl.DataFrame) -> proof.Proof:
    sku, fault = broken.row(0)
    said = proof.counted("the shop's stock", f"{sku}: {fault}")
    seen = proof.stock_seen(books, (pl.col("f") == sku) & (pl.col("qty") < 0), 1)
    lines = books.lines
    if lines is None:
        return proof.proof_of(said, seen)
    orders = lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(SOLD))
    counted = f"{orders.height} lines of {sku} are sold, {orders['qty'].sum()} units"
    return proof.proof_of(said, proof.counted("the shop's orders", counted), seen)
