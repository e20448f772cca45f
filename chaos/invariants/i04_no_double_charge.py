"""I4, no double charge: captures - voids - refunds ≤ 1 for an order and an intent, and of the order's total.

The unit is the intent, not the idempotency key: a new key on retry is the very bug. Jepsen's total-queue
only reports duplicates; here they fail. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import SOLD, payments_of
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I4.no_double_charge"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Count each order's and each intent's standing charges in the provider's ledger, and compare amounts."""
    case, charges, orders = Case(CHECK), books.charges, books.orders
    if charges is None:
        return case.unread("the provider's ledger")
    strange = strange_of(charges)
    charged = (
        payments_of(strange.leave_out(charges))
        .group_by("order_id", maintain_order=True)
        .agg(pl.col("charged", "net_cents").sum())
    )
    if charged.is_empty():
        return case.unknown("nothing was charged at all, so nothing can have been charged twice")
    known = charged.join(_origins(books), on="order_id", how="left", maintain_order="left")
    twice = _twice(known)
    wrong = known.filter(
        (pl.col("charged") <= 1) & (pl.col("net_cents") != pl.col("charged") * pl.col("total_cents"))
    )
    wrong_ids = list(dict.fromkeys([*wrong["order_id"].to_list(), *_otherwise(books)]))
    offenders = list(dict.fromkeys([*twice, *wrong_ids]))
    if not offenders and orders is None:
        return case.unread("the orders")
    finding = case.judged(
        offenders,
        held=f"each of {charged.height} charged orders was charged once and with its total",
        broken=f"{len(twice)} orders charged more than once, {len(wrong_ids)} not with their total",
        evidence={"charged_orders": charged.height, "twice": len(twice), "wrong_amount": len(wrong_ids)},
        proof=partial(_proof, books, known, offenders),
    )
    return strange.qualify(finding)


def _origins(books: Books) -> pl.DataFrame:
    """Return each order's intent and total: as the shop keeps it, else as the shopper was told."""
    # Shops need not name the total when they give an order; 0 stands for that, and is no amount to charge.
    total = pl.when(pl.col("amount_cents") > 0).then("amount_cents").alias("total_cents")
    told = books.given.select("order_id", "intent", total)
    if books.orders is None:
        return told
    kept = books.orders.select("order_id", "intent", "total_cents")
    return pl.concat([kept, told]).unique("order_id", keep="first", maintain_order=True)


def _otherwise(books: Books) -> list[str]:
    """Return the sold orders of which a shopper was ever told another amount: pay later is billed too."""
    if books.orders is None:
        return []
    told = pl.concat([books.given, books.told]).filter(pl.col("amount_cents") > 0)
    sold = books.orders.filter(pl.col("status").is_in(SOLD))
    both = sold.join(told.select("order_id", "amount_cents"), on="order_id", maintain_order="left")
    return both.filter(pl.col("amount_cents") != pl.col("total_cents"))["order_id"].to_list()


def _twice(known: pl.DataFrame) -> list[str]:
    wanted = pl.col("intent").is_not_null() & (pl.col("intent") != "")
    by_intent = pl.when(wanted).then(pl.col("charged").sum().over("intent")).otherwise(pl.col("charged"))
    return known.filter((by_intent > 1) & (pl.col("charged") > 0))["order_id"].to_list()


def _proof(books: Books, known: pl.DataFrame, offenders: list[str]) -> proof.Proof:
    """Show what the first offender's intent was charged, what it came to, and what its shopper was told."""
    first = offenders[0]
    intent = known.filter(pl.col("order_id") == first)["intent"].to_list()
    same = known.filter((pl.col("intent").is_in(intent)) & (pl.col("intent") != ""))["order_id"].to_list()
    mine = list(dict.fromkeys([first, *same]))[:4]
    told = proof.ops(books, pl.col("order_id").is_in(mine) & (pl.col("amount_cents") > 0), 3)
    money = proof.ledger(books, mine, ("capture", "refund", "void"))[:5]
    return proof.proof_of(money, proof.kept(books, mine), told)
