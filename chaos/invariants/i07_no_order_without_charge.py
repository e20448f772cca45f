"""I7, no order without charge: every order paid by card has a standing capture.

An order that costs nothing needs none, and one to be paid on account is not paid yet. Kin: Jepsen's set, with
the ledger as the truth. Safety, judged at rest.
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

CHECK = "I7.no_order_without_charge"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up the capture of each order that the shop holds for paid by card."""
    case, charges, orders = Case(CHECK), books.charges, books.orders
    if charges is None or orders is None:
        return case.unread(charges=charges, orders=orders)
    strange = strange_of(charges)
    by_card = (pl.col("status") == "paid") & (pl.col("channel") == "card") & (pl.col("total_cents") > 0)
    paid = strange.leave_out(orders).filter(by_card)
    if paid.is_empty():
        return case.unknown("no order was paid by card, so none could lack its charge")
    standing = payments_of(charges).filter(pl.col("charged") > 0)
    free = paid.join(standing, on="order_id", how="anti", maintain_order="left")
    offenders = free["order_id"].to_list()
    finding = case.judged(
        offenders,
        held=f"each of {paid.height} orders paid by card was charged",
        broken=f"{free.height} of {paid.height} orders paid by card were never charged",
        evidence={"paid": paid.height},
        proof=partial(_proof, books, offenders[:1]),
    )
    return strange.qualify(finding)


def _proof(books: Books, first: list[str]) -> proof.Proof:
    money = proof.ledger(books, first) or proof.counted("the provider's ledger", f"no entry on {first[0]}")
    told = proof.ops(books, pl.col("order_id").is_in(first) & pl.col("f").is_in(["pay", "query"]), 3)
    return proof.proof_of(proof.kept(books, first), money[:6], told)
