"""I18, cart isolation: a cart holds what its shopper added, all of it and nothing else, until it is ordered.

For each shopper Σ ok(adds before) ≤ cart ≤ Σ (ok + info)(adds so far), whether it is looked at, refused as
empty, or ordered: then its lines are compared product by product, the order covering every one (ACIDRain's
cart attack). Each add counts once, however often it was tried. Once an order may have taken the cart, it may
be empty. Views that timed out are no evidence; nor are visits that died with their process. The ids are the
shoppers'. Kin: Jepsen's set, with a counter's bounds. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I18.cart_isolation"

_OK, _POSSIBLE = pl.col("outcome") == Outcome.OK, pl.col("outcome") != Outcome.FAIL
_EMPTY = (pl.col("f") == Step.ORDER) & (pl.col("error") == "empty_cart")


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Compare what each shopper put into the cart with what she saw in it and with what she ordered."""
    case, adds = Case(CHECK), _adds(books)
    looks = _looks(books, adds)
    seen = looks.filter((pl.col("qty") < pl.col("sure")) | (pl.col("qty") > pl.col("possible")))
    ordered = _ordered(books, adds)
    taken = ordered.filter((pl.col("qty") < pl.col("sure")) | (pl.col("qty") > pl.col("possible")))
    offenders = pl.concat([seen["shopper"], taken["shopper"]]).unique(maintain_order=True).to_list()
    if not offenders and books.lines is None:
        return case.unread("the orders")
    if not offenders and ordered.is_empty():
        given = _whole(books, Step.ORDER).filter(_OK).head(1).collect()
        words = (
            "nobody ordered a cart" if given.is_empty() else "no order is read with the intent of its cart"
        )
        return case.unknown(f"{words}, so no cart was put to the test")
    return case.judged(
        offenders,
        held=f"{ordered.height} ordered lines are what their shoppers added, and so are {looks.height} views",
        broken=f"{taken['shopper'].n_unique()} shoppers ordered something else than they added, and"
        f" {seen['shopper'].n_unique()} saw something else in their cart",
        evidence={"lines": ordered.height, "views": looks.height},
        proof=partial(_proof, books, offenders[:1], taken),
    )


def _whole(books: Books, *steps: Step) -> pl.LazyFrame:
    """Return the ops of visits that did not die with their process."""
    rows = books.ops(*steps).filter(pl.col("shopper") != "")
    return rows.join(books.aborted.lazy(), on="visit", how="anti")


def _adds(books: Books) -> pl.DataFrame:
    """Return the adds that may have had an effect: since when (`from_ns`), and from when on surely."""
    tried = _whole(books, Step.CART_ADD).filter(_POSSIBLE)
    once = tried.group_by("shopper", "intent", "sku").agg(
        pl.col("qty").max(),
        pl.col("sent_ns").min().alias("from_ns"),
        pl.col("done_ns").filter(_OK).min().alias("sure_ns"),
    )
    return once.collect()


def _looks(books: Books, adds: pl.DataFrame) -> pl.DataFrame:
    """Return every view of a cart, a refusal as empty being one, with the bounds of what it should hold."""
    viewed = (pl.col("f") == Step.CART_VIEW) & _OK
    seen = pl.when(_EMPTY).then(0).otherwise("qty").alias("qty")
    views = _whole(books, Step.CART_VIEW, Step.ORDER).filter(viewed | (_EMPTY & ~_POSSIBLE))
    asked = views.select("shopper", "sent_ns", "done_ns", seen).with_row_index("look").collect()
    taking = _whole(books, Step.ORDER).filter(_POSSIBLE).group_by("shopper").agg(pl.col("sent_ns").min())
    emptied = asked.join(taking.collect(), on="shopper", how="left", suffix="_order")
    may_be_empty = (pl.col("sent_ns_order") <= pl.col("done_ns")).fill_null(value=False)
    both = emptied.join(adds.rename({"qty": "added"}), on="shopper", how="left")
    sure = (pl.col("sure_ns") < pl.col("sent_ns")) & ~may_be_empty
    bounds = both.group_by("look", "shopper", "qty", maintain_order=True).agg(
        pl.col("added").filter(sure).sum().alias("sure"),
        pl.col("added").filter(pl.col("from_ns") <= pl.col("done_ns")).sum().alias("possible"),
    )
    return bounds.select("shopper", "qty", "sure", "possible")


_ORDERED = {"shopper": pl.String, "sku": pl.String, "qty": pl.Int64, "sure": pl.Int64, "possible": pl.Int64}


def _ordered(books: Books, adds: pl.DataFrame) -> pl.DataFrame:
    """Return each shopper's units of each product in orders of carts, with the bounds of what was added."""
    orders, lines = books.orders, books.lines
    if orders is None or lines is None:
        return pl.DataFrame(schema=_ORDERED)
    tried = _whole(books, Step.ORDER).filter(_POSSIBLE & (pl.col("intent") != ""))
    begun = tried.group_by("shopper", "intent").agg(pl.col("sent_ns").min(), _OK.any().alias("given"))
    ordering = begun.collect()
    kept = orders.select("order_id", "shopper", "intent").join(ordering, on=["shopper", "intent"])
    bought = lines.join(kept.select("order_id"), on="order_id", how="semi")
    units = bought.group_by("shopper", "sku").agg(pl.col("qty").sum())
    # Only who was given an order that the books still know can miss anything in it.
    last = kept.filter("given").group_by("shopper").agg(pl.col("sent_ns").max().alias("last_ns"))
    known = adds.join(kept.select("shopper").unique(), on="shopper", how="semi")
    until = known.join(last, on="shopper", how="left")
    bounds = until.group_by("shopper", "sku").agg(
        pl.col("qty").filter(pl.col("sure_ns") < pl.col("last_ns")).sum().alias("sure"),
        pl.col("qty").sum().alias("possible"),
    )
    both = units.join(bounds, on=["shopper", "sku"], how="full", coalesce=True)
    return both.with_columns(pl.col("qty", "sure", "possible").fill_null(0)).sort("shopper", "sku")


def _proof(books: Books, first: list[str], taken: pl.DataFrame) -> proof.Proof:
    steps = [Step.CART_ADD, Step.CART_VIEW, Step.ORDER]
    told = proof.ops(books, pl.col("shopper").is_in(first) & pl.col("f").is_in(steps), 6)
    mine = taken.filter(pl.col("shopper").is_in(first)).to_dicts()
    words = "{shopper} ordered {qty} of {sku}, added {sure} for certain and {possible} at most"
    sums = [proof.counted("the shop's orders", words.format_map(row)) for row in mine[:4]]
    return proof.proof_of(told, *sums)
