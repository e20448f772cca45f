"""I16, legal states: every order's status moves along the arrows of one graph and never back.

    pending_payment → paid | confirmed | expired | cancelled      paid → cancelled
    confirmed → paid | cancelled                                  expired, cancelled: the end

The last change is what the order says in the end. Where the shop does not tell its orders' changes, what
shoppers were told can still prove the failure: paid, and in a later answer not paid, for good. A stale answer
that a later one corrects is none; how late one came is measured (`stable_s`). Kin: Jepsen's set-full,
stable-latency. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from rehearsal.model.clock import seconds
from rehearsal.model.history import PENDING, Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I16.legal_states"

_ARROWS = (
    ("", "pending_payment"),
    ("", "paid"),
    ("", "confirmed"),
    ("pending_payment", "paid"),
    ("pending_payment", "confirmed"),
    ("pending_payment", "expired"),
    ("pending_payment", "cancelled"),
    ("paid", "cancelled"),
    ("confirmed", "paid"),
    ("confirmed", "cancelled"),
)
KNOWN = frozenset(status for arrow in _ARROWS for status in arrow if status)
_LEGAL = pl.DataFrame(_ARROWS, schema={"was": pl.String, "status": pl.String}, orient="row")


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Follow each order's changes of status, and what its shopper was told one after another."""
    case, changes = Case(CHECK), books.transitions
    back, stable_s = _told_back(books)
    illegal = None if changes is None else _illegal(changes)
    loose = [] if changes is None else _otherwise_in_the_end(books, changes)
    wrong = [] if illegal is None else illegal["order_id"].unique(maintain_order=True).to_list()
    offenders = list(dict.fromkeys([*wrong, *loose, *back]))
    if not offenders and changes is None:
        return case.unread("the changes of the orders' status")
    if not offenders and changes is not None:
        strange = sorted(set(changes["status"].unique()) - KNOWN)
        if strange:
            return case.unknown(f"orders have states that nobody here knows: {', '.join(strange)}")
        if changes["order_id"].is_unique().all():
            return case.unknown("no order ever changed its status")
    height = 0 if changes is None else changes.height
    return case.judged(
        offenders,
        held=f"{height} changes of status are legal; the last stale answer came {stable_s:g} s late",
        broken=f"{len(wrong)} orders changed their status as none may, {len(loose)} are something else in the"
        f" end than their last change says, and {len(back)} were told paid and then for good not paid",
        evidence={"changes": height, "stable_s": stable_s},
        proof=partial(_proof, books, offenders[:1]),
    )


def _illegal(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the changes that are not in the graph; a status written anew is no change."""
    was = pl.col("status").shift(1, fill_value="").over("order_id").alias("was")
    steps = changes.sort("seq", maintain_order=True).with_columns(was)
    moved = steps.filter((pl.col("was") != pl.col("status")) & pl.col("status").is_in([*KNOWN]))
    known = moved.filter(pl.col("was").is_in(["", *KNOWN]))
    return known.join(_LEGAL, on=["was", "status"], how="anti", maintain_order="left")


def _otherwise_in_the_end(books: Books, changes: pl.DataFrame) -> list[str]:
    if books.orders is None or not books.at_rest:
        return []
    ends = changes.sort("seq", maintain_order=True).unique("order_id", keep="last", maintain_order=True)
    final = books.orders.select("order_id", pl.col("status").alias("final"))
    both = ends.join(final, on="order_id", maintain_order="left")
    return both.filter(pl.col("final") != pl.col("status"))["order_id"].to_list()


def _told_back(books: Books) -> tuple[list[str], float]:
    """Return the orders told unpaid for good after paid, and the age of the latest stale answer (seconds)."""
    asked = books.ops(Step.QUERY).select("order_id", "sent_ns", "done_ns", "outcome", "error")
    later = asked.join(books.told.lazy().select("order_id", "acked_ns"), on="order_id")
    read = later.filter(pl.col("sent_ns") > pl.col("acked_ns")).sort("done_ns").collect()
    unpaid = pl.col("error").is_in([PENDING, "expired", "declined"])
    stale = read.filter((pl.col("outcome") != Outcome.OK) & unpaid)
    good = read.filter(pl.col("outcome") == Outcome.OK).group_by("order_id").agg(pl.col("done_ns").max())
    last = stale.join(good, on="order_id", how="left", suffix="_good")
    for_good = last.filter(pl.col("done_ns_good").is_null() | (pl.col("done_ns_good") < pl.col("sent_ns")))
    longest = stale.select((pl.col("sent_ns") - pl.col("acked_ns")).max().fill_null(0)).item()
    return for_good["order_id"].unique(maintain_order=True).to_list(), round(seconds(int(longest)), 3)


def _proof(books: Books, first: list[str]) -> proof.Proof:
    told = pl.col("order_id").is_in(first) & pl.col("f").is_in([Step.PAY, Step.QUERY, Step.CANCEL])
    return proof.proof_of(proof.changes(books, first), proof.kept(books, first), proof.ops(books, told, 4))
