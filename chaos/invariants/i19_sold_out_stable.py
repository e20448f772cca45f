"""I19, sold out is stable: after "sold out" no more units are sold than were given back.

When a buy of q units is refused as sold out, at most q - 1 are free. So Σ qty(orders whose first attempt was
sent after that answer) ≤ q - 1 + Σ qty(orders that expired or were cancelled), and the refusal was wrong
otherwise. Where paying makes the order, sold out may be told there, and whoever got as far as the payment and
was not told so may have held units that came back without a trace. Kin: a monotone register. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import WISH, Books
from chaos.invariants.outcome import Case
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I19.sold_out_stable"

_GONE = ("expired", "cancelled")
_NO = (pl.col("outcome") == Outcome.FAIL) & (pl.col("error") == "sold_out")


def check(books: Books, plan: Plan) -> Finding:
    """Compare what was sold after the first refusals with what came back."""
    sku = plan.sale.sku
    case, lines = Case(CHECK, sku), books.lines
    refused = _refused(books, sku)
    if refused.is_empty():
        return case.unknown(f"nobody was told that {sku} is sold out, so nothing had to stay so")
    if lines is None:
        return case.unread("the orders")
    back = int(lines.filter((pl.col("sku") == sku) & pl.col("status").is_in(_GONE))["qty"].sum())
    back += _let_go(books, sku)
    later = _later(books, sku, refused)
    over = later.filter(pl.col("units") > back + pl.col("free"))
    offenders = over["order_id"].unique(maintain_order=True).to_list()
    first_ns = int(refused["done_ns"].min() or 0)  # type: ignore[arg-type]
    tried = _buys(books, sku).filter(pl.col("sent_ns") > first_ns)
    count = int(tried.filter(pl.col("outcome") != Outcome.INFO).select(pl.len()).collect().item())
    if not offenders and not count:
        return case.unknown(f"nobody tried to buy {sku} after it was sold out")
    sold = later["order_id"].n_unique()
    return case.judged(
        offenders,
        held=f"{sku}: of {count} attempts after the first refusal {sold} got an order, and {back} units were"
        " given back",
        broken=f"{sku}: {sold} orders were asked for and given after it was sold out, but only {back} units"
        " were given back",
        evidence={"given_back": back, "later_orders": sold},
        proof=partial(_proof, books, offenders[:3], refused, f"{back} units of {sku} were given back"),
    )


def _buys(books: Books, sku: str) -> pl.LazyFrame:
    """Return the attempts to get units, payments that say of what among them, by the intent of the buy."""
    return books.ops(Step.FLASH_BUY, Step.PAY).filter(pl.col("sku") == sku).with_columns(WISH)


def _let_go(books: Books, sku: str) -> int:
    """Return the units that may have been held up to a payment that made no order."""
    buys, of_order = _buys(books, sku), pl.col("f") == Step.FLASH_BUY
    some = buys.filter(of_order & (pl.col("outcome") == Outcome.OK) & (pl.col("order_id") == ""))
    ended = pl.concat([buys.filter(_NO).select("intent"), books.given.lazy().select(WISH)])
    left = some.join(ended, on="intent", how="anti").group_by("intent").agg(pl.col("qty").max())
    return int(left.select(pl.col("qty").sum()).collect().item())


def _refused(books: Books, sku: str) -> pl.DataFrame:
    """Return the first refusal for each number of units asked for: `done_ns`, and the units left `free`."""
    rows = _buys(books, sku).filter(_NO).select((pl.col("qty").clip(1) - 1).alias("free"), "done_ns")
    return rows.group_by("free").agg(pl.col("done_ns").min()).sort("done_ns").collect()


def _later(books: Books, sku: str, refused: pl.DataFrame) -> pl.DataFrame:
    """Return, for each such refusal, the orders asked for after it and the `units` sold so far."""
    buys = _buys(books, sku).filter(pl.col("intent") != "")
    asked = buys.filter(pl.col("outcome") != Outcome.FAIL).group_by("intent").agg(pl.col("sent_ns").min())
    given = books.given.filter(pl.col("sku") == sku).with_columns(WISH).join(asked.collect(), on="intent")
    pairs = given.sort("sent_ns").join(refused, how="cross").filter(pl.col("sent_ns") > pl.col("done_ns"))
    return pairs.with_columns(pl.col("qty").cum_sum().over("free").alias("units"))


def _proof(books: Books, first: list[str], refused: pl.DataFrame, back: str) -> proof.Proof:
    no = (pl.col("error") == "sold_out") & pl.col("done_ns").is_in(refused["done_ns"].implode())
    given = pl.col("order_id").is_in(first) & pl.col("f").is_in([Step.FLASH_BUY, Step.PAY])
    sold = proof.ops(books, given & (pl.col("outcome") == Outcome.OK), 6)
    return proof.proof_of(proof.ops(books, no, 1), proof.counted("the shop's orders", back), sold)
