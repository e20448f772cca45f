"""I9, indeterminate resolves: what an attempt left unknown is done exactly once, or never, in the end.

An order whose payment is unknown becomes paid or certainly is not: pending for ever is a violation. A buy of
unknown outcome makes one order or none: two orders of one intent are a violation. Liveness: judged once the
shop is at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import GIVING, Books
from chaos.invariants.outcome import Case
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I9.indeterminate_resolves"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Find orders still pending with a payment of unknown state, and doubtful buys that came about twice."""
    case, orders = Case(CHECK), books.orders
    if orders is None:
        return case.unread("the orders")
    paying, buying = _doubtful(books, "order_id", Step.PAY), _doubtful(books, "intent", *GIVING)
    touched = paying if books.charges is None else pl.concat([paying, books.charges["order_id"]])
    pending = orders.filter(pl.col("status") == "pending_payment")
    stuck = pending.filter(pl.col("order_id").is_in(touched.implode()))
    twice = _twice(orders, buying)
    offenders = [*stuck["order_id"], *twice["order_id"]]
    if not offenders and books.told.is_empty():
        return case.unknown("no payment succeeded at all, so none could be resolved")
    return case.judged(
        offenders,
        held=f"none of {paying.len()} orders with a payment of unknown state was left pending, and of"
        f" {buying.len()} buys of unknown outcome each came about once or never",
        broken=f"{stuck.height} orders are still pending, with a payment nobody knows the state of, and"
        f" {twice['intent'].n_unique()} buys of unknown outcome came about more than once",
        evidence={"doubtful": paying.len(), "doubtful_buys": buying.len(), "pending": pending.height},
        proof=partial(_proof, books, offenders[0] if offenders else "", twice),
    )


def _doubtful(books: Books, name: str, *steps: Step) -> pl.Series:
    """Return what has an attempt of unknown outcome, by order or by intent."""
    info = books.ops(*steps).filter((pl.col("outcome") == Outcome.INFO) & (pl.col(name) != ""))
    return info.select(name).unique(maintain_order=True).collect()[name]


def _twice(orders: pl.DataFrame, intents: pl.Series) -> pl.DataFrame:
    bought = orders.filter(pl.col("intent").is_in(intents.implode())).select("order_id", "shopper", "intent")
    return bought.filter(pl.col("order_id").n_unique().over("shopper", "intent") > 1)


def _proof(books: Books, first: str, twice: pl.DataFrame) -> proof.Proof:
    intent = twice.filter(pl.col("order_id") == first)["intent"]
    same = [first, *twice.filter(pl.col("intent").is_in(intent.implode()))["order_id"]]
    mine = pl.col("order_id").is_in(same) | pl.col("intent").is_in(intent.implode())
    doubt = mine & pl.col("f").is_in([Step.PAY, Step.QUERY, *GIVING])
    ids = list(dict.fromkeys(same))[:3]
    return proof.proof_of(proof.ops(books, doubt, 4), proof.kept(books, ids), proof.ledger(books, ids)[:5])
