"""I23, gift cards: 0 ≤ balance ≤ worth, and worth - balance = Σ gift_cents of the orders that stand.

Expired and cancelled orders give back what they drew. Put to the test when two orders drew on one card, or a
shopper was told that hers is empty. Kin: Jepsen's bank, negative-value. Safety, the sum judged at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.tables import LIVE
from rehearsal.model.history import Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I23.gift_card_balance"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Balance each card against the orders that drew on it."""
    case, cards, orders = Case(CHECK), books.gift_cards, books.orders
    if cards is None:
        return case.unread("the gift cards")
    balances = _balances(cards, orders)
    left, worth = pl.col("balance_cents"), pl.col("initial_cents")
    unequal = (worth - left != pl.col("drawn_cents")) & pl.lit(orders is not None and books.at_rest)
    broken = balances.filter((left < 0) | (left > worth) | unequal)
    offenders = broken["code"].to_list()
    if not offenders and orders is None:
        return case.unread("the orders")
    if not offenders and not books.at_rest:
        return case.unknown("orders were still open when the cards were read, so their sums say nothing")
    used, shared = balances.filter(pl.col("orders") > 0).height, balances.filter(pl.col("orders") > 1).height
    if not offenders and not (shared or _was_empty(books)):
        return case.unknown(f"{used} cards were used and none of them twice, so nobody fought for a balance")
    return case.judged(
        offenders,
        held=f"{used} cards were drawn on, {shared} of them by several orders, and all balance",
        broken=f"{len(offenders)} of {cards.height} cards do not balance",
        evidence={"used": used, "shared": shared, "wrong": broken.head(20).to_dicts()},
        proof=partial(_proof, books, broken),
    )


def _balances(cards: pl.DataFrame, orders: pl.DataFrame | None) -> pl.DataFrame:
    """Return each card, also one that only orders know, with what live orders drew and how many ever did."""
    if orders is None:
        return cards.with_columns(drawn_cents=pl.lit(0), orders=pl.lit(0))
    drew = orders.filter(pl.col("gift_card") != "").group_by(pl.col("gift_card").alias("code"))
    sums = drew.agg(
        pl.col("gift_cents").filter(pl.col("status").is_in(LIVE)).sum().alias("drawn_cents"),
        pl.len().cast(pl.Int64).alias("orders"),
    )
    known = cards.join(sums, on="code", how="full", coalesce=True)
    return known.with_columns(pl.exclude("code").fill_null(0)).sort("code")


def _was_empty(books: Books) -> bool:
    no = books.ops(Step.GIFT_CARD, Step.ORDER).filter(pl.col("error") == "gift_card_empty")
    return not no.select("f").head(1).collect().is_empty()


def _proof(books: Books, broken: pl.DataFrame) -> proof.Proof:
    row = broken.row(0, named=True)
    words = "card {code} was worth {initial_cents} cents, {balance_cents} are left, orders drew {drawn_cents}"
    said = proof.counted("the shop's gift cards", words.format_map(row))
    if books.orders is None:
        return said
    drew = books.orders.filter((pl.col("gift_card") == row["code"]) & (pl.col("gift_cents") > 0)).head(8)
    took = "order {order_id} of {shopper} is {status} and drew {gift_cents} cents"
    listed = [proof.counted("the shop's orders", took.format_map(order)) for order in drew.to_dicts()]
    return proof.proof_of(said, *listed)
