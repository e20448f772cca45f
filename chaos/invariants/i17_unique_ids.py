"""I17, unique ids: no two orders, payments or ledger entries share an id.

Two intents that were given one order id, an id the shop's books list twice, a payment that the provider has
for two orders, a ledger entry that appears twice. That one intent has one order is I10's. Kin: Jepsen's
unique-ids. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I17.unique_ids"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look for ids that stand for more than one thing."""
    case, orders, charges = Case(CHECK), books.orders, books.charges
    found = [_shared(books.given_to.filter(pl.col("intent") != ""), "order_id", "intent")]
    if orders is not None:
        found.append(_repeated(orders, "order_id"))
    if charges is not None:
        named = charges.filter((pl.col("payment_id") != "") & (pl.col("order_id") != ""))
        found += [_shared(named, "payment_id", "order_id"), _repeated(charges, "entry_id")]
    offenders = pl.concat(found).unique(maintain_order=True).to_list()
    if not offenders and (orders is None or charges is None):
        return case.unread(orders=orders, charges=charges)
    count = sum(table.height for table in (orders, charges) if table is not None)
    if not offenders and not count:
        return case.unknown("there are no orders and no ledger entries, so no ids")
    return case.judged(
        offenders,
        held=f"the ids of {count} orders and ledger entries are unique",
        broken=f"{len(offenders)} ids stand for more than one order, payment or entry",
        proof=partial(_proof, books, offenders[:1]),
    )


def _shared(table: pl.DataFrame, name: str, by: str) -> pl.Series:
    """Return the ids that stand beside several different values."""
    counts = table.group_by(name, maintain_order=True).agg(pl.col(by).n_unique().alias("several"))
    return counts.filter(pl.col("several") > 1)[name].alias("id")


def _repeated(table: pl.DataFrame, name: str) -> pl.Series:
    named = table.filter(pl.col(name) != "")[name]
    return named.filter(named.is_duplicated()).unique(maintain_order=True).alias("id")


def _proof(books: Books, first: list[str]) -> proof.Proof:
    given = pl.col("order_id").is_in(first) & pl.col("f").is_in(["flash_buy", "order"])
    orders, charges = books.orders, books.charges
    mine = [] if orders is None else orders.filter(pl.col("order_id").is_in(first)).to_dicts()
    entries = []
    if charges is not None:
        which = pl.col("payment_id").is_in(first) | pl.col("entry_id").is_in(first)
        entries = charges.filter(which).to_dicts()
    order = "order {order_id} of {shopper}, intent {intent}"
    entry = "entry {entry_id}, {kind} of payment {payment_id} for order {order_id}"
    listed = [proof.counted("the shop's orders", order.format_map(row)) for row in mine[:4]]
    booked = [proof.counted("the provider's ledger", entry.format_map(row)) for row in entries[:4]]
    return proof.proof_of(proof.ops(books, given & (pl.col("outcome") == "ok"), 4), *listed, *booked)
