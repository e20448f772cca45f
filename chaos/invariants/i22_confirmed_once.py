"""I22, side effects once: one confirmation for each order that was sold, and none for one that never was.

A second one frightens the shopper, a missing one makes her buy again. A confirmation that is late is not
lost: what is missing counts once the shop is at rest. Kin: Jepsen's unique-ids and total-queue. Liveness.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import SOLD
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I22.confirmed_once"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Count the confirmations of each order."""
    case, sent, orders = Case(CHECK), books.confirmations, books.orders
    if sent is None:
        return case.unread("the confirmations")
    counts = sent.group_by("order_id", maintain_order=True).agg(pl.col("sent").sum())
    twice = counts.filter(pl.col("sent") > 1)
    if orders is None and twice.is_empty():
        return case.unread("the orders")
    status = pl.DataFrame(schema={"order_id": pl.String, "status": pl.String}) if orders is None else orders
    both = status.select("order_id", "status").join(counts, on="order_id", how="left", maintain_order="left")
    none = pl.col("sent").fill_null(0) == 0
    missing = both.filter(pl.col("status").is_in(SOLD) & none)
    never = pl.col("status").is_in(["expired", "pending_payment"]) & ~none & pl.lit(books.at_rest)
    wrong, lost = both.filter(never), missing.filter(pl.lit(books.at_rest))
    offenders = pl.concat([twice["order_id"], wrong["order_id"], lost["order_id"]]).unique(
        maintain_order=True
    )
    once = both.filter(pl.col("sent") == 1).height
    if offenders.is_empty() and not once:
        return case.unknown("nobody was sent a confirmation, so none was sent twice")
    if offenders.is_empty() and not missing.is_empty():
        return case.unknown(f"{missing.height} confirmations were still to be sent when the books were read")
    return case.judged(
        offenders.to_list(),
        held=f"each of {once} orders was confirmed once",
        broken=f"{twice.height} orders were confirmed more than once, {lost.height} that were sold never, and"
        f" {wrong.height} though they were never sold",
        evidence={"once": once},
        proof=partial(_proof, books, offenders.to_list()[:1], counts),
    )


def _proof(books: Books, first: list[str], counts: pl.DataFrame) -> proof.Proof:
    mine = counts.filter(pl.col("order_id").is_in(first))["sent"].sum()
    said = proof.counted("the confirmations", f"{mine} were sent for order {first[0]}")
    told = proof.ops(books, pl.col("order_id").is_in(first) & pl.col("f").is_in(["pay", "query"]), 3)
    return proof.proof_of(said, proof.kept(books, first), told)
