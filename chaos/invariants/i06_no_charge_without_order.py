"""I6, no charge without order: every capture that is neither refunded nor voided belongs to a paid order.

The money of a cancelled or expired order has to be back by the time of the final readings.
Kin: Jepsen's set, `unexpected`. Liveness: refunds are waited for until the shop is at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import NAMED, Case
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import payments_of
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I6.no_charge_without_order"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up the order of each payment that was captured and neither refunded nor voided.

    `confirmed` is not enough: who pays on account must not be charged by card as well.
    """
    case, charges, orders = Case(CHECK), books.charges, books.orders
    if charges is None or orders is None:
        return case.unread(charges=charges, orders=orders)
    strange = strange_of(charges)
    payments = payments_of(strange.leave_out(charges))
    if payments.is_empty():
        return case.unknown("nothing was charged at all, so no charge could lack an order")
    standing = payments.filter(pl.col("charged") > 0)
    status = orders.select("order_id", "status")
    found = standing.join(status, on="order_id", how="left", maintain_order="left")
    loose = found.filter(pl.col("status").fill_null("missing") != "paid")
    now = dict(loose.head(NAMED).select("order_id", pl.col("status").fill_null("missing")).iter_rows())
    back = payments.height - standing.height
    offenders = loose["order_id"].unique(maintain_order=True).to_list()
    finding = case.judged(
        offenders,
        held=f"all {standing.height} standing charges belong to paid orders; {back} were given back",
        broken=f"{loose.height} of {standing.height} standing charges belong to no paid order",
        evidence={"payments": payments.height, "standing": standing.height, "status_now": now},
        proof=partial(_proof, books, offenders[:1]),
    )
    return strange.qualify(finding)


def _proof(books: Books, first: list[str]) -> proof.Proof:
    told = proof.ops(books, pl.col("order_id").is_in(first) & (pl.col("f") != "logistics"), 5)
    return proof.proof_of(proof.ledger(books, first)[:6], proof.kept(books, first), told)
