"""I21, ledger balance: Σ capture - Σ refund = Σ totals of the orders paid by card, order by order.

Two witnesses that must agree: the shop's orders and the provider's own ledger. An order that was cancelled
owes nothing and must have got everything back. Kin: Jepsen's bank. Safety, judged at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import payments_of
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I21.ledger_balance"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Compare what the provider took for each order with what the shop says was paid by card."""
    case, charges, orders = Case(CHECK), books.charges, books.orders
    if charges is None or orders is None:
        return case.unread(charges=charges, orders=orders)
    strange = strange_of(charges)
    taken = (
        payments_of(strange.leave_out(charges))
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("net_cents").sum())
    )
    by_card = (pl.col("status") == "paid") & (pl.col("channel") == "card")
    owed = strange.leave_out(orders).filter(by_card).select("order_id", "total_cents")
    if taken.is_empty() and owed.is_empty():
        return case.unknown("nothing was charged and nothing paid by card, so there is nothing to balance")
    both = owed.join(taken, on="order_id", how="full", coalesce=True, maintain_order="left_right").fill_null(
        0
    )
    unequal = both.filter(pl.col("total_cents") != pl.col("net_cents"))
    sums = {
        "taken_cents": int(taken["net_cents"].sum()),
        "paid_by_card_cents": int(owed["total_cents"].sum()),
    }
    account = "the provider took {taken_cents} cents, the shop's orders paid by card are {paid_by_card_cents}"
    offenders = unequal["order_id"].to_list()
    finding = case.judged(
        offenders,
        held=f"{account.format_map(sums)}, equal for each order",
        broken=f"{account.format_map(sums)}; {unequal.height} orders differ",
        evidence=sums,
        proof=partial(_proof, books, offenders[:1]),
    )
    return strange.qualify(finding)


def _proof(books: Books, first: list[str]) -> proof.Proof:
    return proof.proof_of(proof.kept(books, first), proof.ledger(books, first))
