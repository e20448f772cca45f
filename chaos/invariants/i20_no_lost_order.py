"""I20, regions: every order a shopper was given is known in the end, as theirs, and tells one story.

One order given to two shoppers is lost to one of them. What a region acknowledged, its death must not
take back: an order is known if any region knows it. An id that has one content in one region and another in
the next is two orders, whatever the shop believes. Kin: Jepsen's set-full, for each region. Safety, judged
at rest.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import NAMED, Case
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I20.no_lost_order"


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Look up each acknowledged order among the final orders, and compare the regions' stories."""
    case, given, orders = Case(CHECK), books.given, books.orders
    if orders is None:
        return case.unread("the orders")
    lost = given.join(orders.select("order_id"), on="order_id", how="anti", maintain_order="left")
    strange, unlike = _of_others(books, orders), _unlike(books)
    offenders = list(dict.fromkeys([*lost["order_id"], *strange, *unlike]))
    if not offenders and given.is_empty():
        return case.unknown("no order was given at all, so none could be lost")
    if strange and not (lost.height or unlike) and _are_strangers(books, orders):
        words = "the shop's orders name none of the shoppers of this run; name self.shopper there, or nobody"
        return case.unknown(f"{words}, so whose they are is not known")
    broken = f"the shop no longer knows {lost.height} of {given.height} orders it acknowledged"
    if strange:
        broken += f", and {len(strange)} belong to another shopper than the one they were given to"
    if unlike:
        broken += f", and of {len(unlike)} the regions tell different stories"
    told_by = 0 if books.regions is None else books.regions["seen_by"].n_unique()
    return case.judged(
        offenders,
        held=f"the shop knows all {given.height} orders it acknowledged; {told_by} regions were compared",
        broken=broken,
        evidence={"acknowledged": given.height, "of_others": strange[:NAMED], "unlike": unlike[:NAMED]},
        proof=partial(_proof, books, offenders[:1]),
    )


def _of_others(books: Books, orders: pl.DataFrame) -> list[str]:
    owned = orders.select("order_id", pl.col("shopper").alias("owner")).filter(pl.col("owner") != "")
    given = books.given_to.filter(pl.col("shopper") != "")
    both = given.join(owned, on="order_id", maintain_order="left")
    return both.filter(pl.col("shopper") != pl.col("owner"))["order_id"].unique(maintain_order=True).to_list()


def _are_strangers(books: Books, orders: pl.DataFrame) -> bool:
    """Tell whether the books name shoppers otherwise than this run does: no order has one of its shoppers."""
    shoppers = books.ops().select(pl.col("shopper").unique()).filter(pl.col("shopper") != "").collect()
    return orders.join(shoppers, on="shopper", how="semi").is_empty()


def _unlike(books: Books) -> list[str]:
    """Return the orders with two contents; while anything was open a status may have changed in between."""
    if books.regions is None:
        return []
    told = ["shopper", "total_cents", "content", *(["status"] if books.at_rest else [])]
    stories = books.regions.group_by("order_id", maintain_order=True).agg(
        pl.struct(told).n_unique().alias("n")
    )
    return stories.filter(pl.col("n") > 1)["order_id"].to_list()


def _proof(books: Books, first: list[str]) -> proof.Proof:
    given = pl.col("f").is_in(["flash_buy", "order"]) & (pl.col("outcome") == "ok")
    told = proof.ops(books, given & pl.col("order_id").is_in(first), 4)
    if books.regions is None:
        return proof.proof_of(told, proof.kept(books, first))
    mine = books.regions.filter(pl.col("order_id").is_in(first)).to_dicts()
    words = "order {order_id} of {shopper} is {status}, {total_cents} cents"
    stories = [
        entry for row in mine for entry in proof.counted(f"region {row['seen_by']}", words.format_map(row))
    ]
    return proof.proof_of(told, proof.kept(books, first), stories)
