"""I24, queue fairness: one order a number, one number an order, and nobody is overtaken.

A number belongs to one shopper and is used once; a shopper's orders of the sale are no more than her numbers'
uses. Whose request for a number was answered before another's was sent has the lower place. At the door a
shop may go by place, or let in whoever comes to buy: too late is who had both the lower place than somebody
let in before her, and her order before somebody let in before her asked. What overlapped in time may go
either way: that is the tolerance. Kin: a FIFO queue in real-time order. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I24.queue_fair"

_OK, _POSSIBLE = pl.col("outcome") == Outcome.OK, pl.col("outcome") != Outcome.FAIL


def check(books: Books, plan: Plan) -> Finding:
    """Count the uses of each number, and hold places and admissions against the clock."""
    sku = plan.sale.sku
    case, tokens = Case(CHECK, sku), books.tokens
    if tokens is None:
        return case.unread("the queue's numbers")
    named = books.ops(Step.QUEUE).filter(_OK & (pl.col("payment_id") != ""))
    holders = named.group_by("payment_id").agg(pl.col("shopper").n_unique()).collect()
    lists = {
        "were used more than once": tokens.filter(pl.col("uses") > 1)["token"],
        "were given to several shoppers": holders.filter(pl.col("shopper") > 1)["payment_id"],
        "stand twice in the queue": tokens.filter(pl.col("token").is_duplicated())["token"],
        "belong to shoppers with more orders than numbers": _beyond(books, tokens, sku),
        "were overtaken in the queue": _overtaken(_turns(books, Step.QUEUE), tokens, "place"),
        "were overtaken at the door": _at_the_door(books, tokens),
    }
    found = {what: names.unique(maintain_order=True) for what, names in lists.items() if not names.is_empty()}
    offenders = list(dict.fromkeys(name for names in found.values() for name in names))
    used = int((tokens["uses"] > 0).sum())
    if not offenders and not used:
        return case.unknown("no number of the queue was used, so the queue let nobody in")
    return case.judged(
        offenders,
        held=f"{used} of {tokens.height} numbers were used, each for one order and in its turn",
        broken="of the numbers, " + ", ".join(f"{names.len()} {what}" for what, names in found.items()),
        evidence={"numbers": tokens.height, "used": used},
        proof=partial(_proof, books, tokens, offenders[0] if offenders else ""),
    )


def _beyond(books: Books, tokens: pl.DataFrame, sku: str) -> pl.Series:
    """Return the shoppers with more orders of the sale than uses of their numbers."""
    if books.lines is None:
        return pl.Series([], dtype=pl.String)
    orders = books.lines.filter(pl.col("sku") == sku).group_by("shopper").agg(pl.col("order_id").n_unique())
    uses = tokens.group_by("shopper").agg(pl.col("uses").sum())
    both = orders.join(uses, on="shopper", how="left").sort("shopper")
    return both.filter(pl.col("order_id") > pl.col("uses").fill_null(0))["shopper"]


def _turns(books: Books, step: Step) -> pl.DataFrame:
    """Return who asked and was answered ok: since when it may have had effect, and when she knew."""
    asked = books.ops(step).filter(_POSSIBLE & (pl.col("shopper") != "")).group_by("shopper")
    turns = asked.agg(pl.col("sent_ns").min(), pl.col("done_ns").filter(_OK).min())
    return turns.drop_nulls("done_ns").collect()


def _at_the_door(books: Books, tokens: pl.DataFrame) -> pl.Series:
    """Return the numbers let in too late, whether a shop lets in by place or as its shoppers come to buy."""
    as_they_came = _overtaken(_turns(books, Step.FLASH_BUY), tokens, "admitted")
    return as_they_came.filter(as_they_came.is_in(_behind(tokens).implode()))


def _overtaken(turns: pl.DataFrame, tokens: pl.DataFrame, rank: str) -> pl.Series:
    """Return the numbers whose holder was answered before another asked, and yet ranks behind him."""
    # Who holds several numbers has no one place to compare.
    ranked = tokens.filter((pl.col(rank) > 0) & ~pl.col("shopper").is_duplicated())
    known = turns.join(ranked.select("shopper", "token", rank), on="shopper")
    begun = known.group_by(pl.col("sent_ns").alias("at_ns")).agg(pl.col(rank).min().alias("later"))
    ahead = begun.sort("at_ns", descending=True).with_columns(pl.col("later").cum_min()).sort("at_ns")
    ended = known.select("token", rank, pl.col("done_ns").alias("at_ns")).sort("at_ns")
    met = ended.join_asof(ahead, on="at_ns", strategy="forward", allow_exact_matches=False)
    return met.filter(pl.col("later") < pl.col(rank))["token"]


def _behind(tokens: pl.DataFrame) -> pl.Series:
    """Return the numbers admitted after one with a higher place."""
    let_in = tokens.filter(pl.col("admitted") > 0).sort("place", descending=True)
    return let_in.filter(pl.col("admitted").cum_min() < pl.col("admitted"))["token"]


def _proof(books: Books, tokens: pl.DataFrame, first: str) -> proof.Proof:
    mine = tokens.filter((pl.col("token") == first) | (pl.col("shopper") == first))
    shoppers = [*mine["shopper"], first]
    words = "number {token} of {shopper}: place {place}, admitted {admitted}, used {uses} times"
    said = [proof.counted("the shop's queue", words.format_map(row)) for row in mine.head(4).to_dicts()]
    asked = pl.col("f").is_in([Step.QUEUE, Step.FLASH_BUY]) & _OK
    holding = pl.col("shopper").is_in(shoppers) | (pl.col("payment_id") == first)
    return proof.proof_of(*said, proof.ops(books, asked & holding, 6))
