"""I5, no lost paid order: ok payments ⊆ orders paid or confirmed in the end.

An order that was paid and then cancelled, as its shopper asked, is not lost; one that the shop cancelled by
itself is. Timed-out payments are no promises. Kin: Jepsen's set, `lost`; paid orders that nobody was told of
are `recovered`, fine, and counted. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import NAMED, Case
from chaos.invariants.tables import SOLD
from rehearsal.model.history import Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I5.no_lost_paid_order"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up each acknowledged payment's order among the final orders."""
    case, told, orders = Case(CHECK), books.told, books.orders
    if orders is None:
        return case.unread("the orders")
    if told.is_empty():
        return case.unknown("no payment succeeded at all, so none could be lost")
    sold = orders.filter(pl.col("status").is_in(SOLD))
    recovered = sold.join(told, on="order_id", how="anti").height
    lost = _lost(books, orders)
    now = dict(lost.head(NAMED).select("order_id", pl.col("status").fill_null("missing")).iter_rows())
    offenders = lost["order_id"].to_list()
    return case.judged(
        offenders,
        held=f"all {told.height} orders that shoppers were told are paid are so in the end, or were cancelled"
        f" as asked; {recovered} more are paid that nobody was told of",
        broken=f"{lost.height} of {told.height} orders that shoppers were told are paid are not in the end",
        evidence={"acknowledged": told.height, "recovered": recovered, "status_now": now},
        proof=partial(_proof, books, offenders[:1]),
    )


def _lost(books: Books, orders: pl.DataFrame) -> pl.DataFrame:
    asked = books.cancels.filter(pl.col("asked_ns").is_not_null())["order_id"]
    status = orders.select("order_id", "status")
    found = books.told.join(status, on="order_id", how="left", maintain_order="left")
    as_asked = (pl.col("status") == "cancelled") & pl.col("order_id").is_in(asked.implode())
    return found.filter(~(pl.col("status").is_in(SOLD) | as_asked).fill_null(value=False))


def _proof(books: Books, first: list[str]) -> proof.Proof:
    told = pl.col("f").is_in([Step.PAY, Step.QUERY]) & (pl.col("outcome") == Outcome.OK)
    return proof.proof_of(
        proof.ops(books, told & pl.col("order_id").is_in(first), 1),
        proof.kept(books, first),
        proof.ledger(books, first)[:4],
    )
