"""I10, idempotent replay: same key and body → same id; same key, other body → refused; one effect in all.

All ok answers to one intent name one order, and those to one way of paying it one payment. A request that is
sent again after its answer gets that answer once more, not "sold out". What is sent otherwise under a key
that was used must fail. And the books hold one order for each intent, however often, and however much at the
same time, it was asked for. Where paying makes the order, a payment is such a request. An answer of unknown
outcome proves nothing. Kin: TigerBeetle's idempotence workload for Jepsen. Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import GIVES, GIVING, Books
from chaos.invariants.outcome import Case
from rehearsal.model.history import REFUSALS, Doing, Outcome, Step
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I10.idempotent_replay"

#: What a shop says that takes a repeated request for a new one.
_TAKEN_ANEW = (*sorted(REFUSALS), "empty_cart")

_NOTED = pl.col("note")


def check(books: Books, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Compare all answers to one intent, and count each intent's orders in the books."""
    case = Case(CHECK)
    again, otherwise = _sent(books, Doing.SENT_AGAIN), _sent(books, Doing.SENT_OTHERWISE)
    ok, no = pl.col("outcome") == Outcome.OK, pl.col("outcome") == Outcome.FAIL
    faults = {
        "got another id": _unlike(books),
        "were refused what they had been given": _anew(books, again),
        "took another body under the same key": otherwise.filter(ok)["intent"],
        "made several orders": _several(books),
    }
    offenders = list(dict.fromkeys(intent for intents in faults.values() for intent in intents))
    replayed, refused = again.filter(ok).height, otherwise.filter(no).height
    if not offenders and not replayed:
        return case.unknown("no request that was sent again was answered, so replays were never tested")
    if not offenders and not refused:
        return case.unknown("nobody was answered who sent another body under a key already used")
    told = ", ".join(f"{len(intents)} {what}" for what, intents in faults.items() if len(intents))
    return case.judged(
        offenders,
        held=f"{replayed} requests sent again got the same answer, {refused} sent otherwise were refused",
        broken=f"of the intents that were asked for more than once, {told}",
        evidence={"replayed": replayed, "refused": refused},
        proof=partial(_proof, books, offenders[:1]),
    )


def _sent(books: Books, doing: Doing) -> pl.DataFrame:
    # Without an intent nobody knows what a request was sent again for.
    known = _NOTED.str.contains(doing, literal=True) & (pl.col("intent") != "")
    rows = books.ops(*GIVING, Step.PAY).filter(known)
    return rows.select("f", "intent", "outcome", "error", "done_ns").collect()


def _unlike(books: Books) -> pl.Series:
    """Return the intents whose ok answers name several orders, or one way of paying several payments."""
    asked_so = ~_NOTED.str.contains(Doing.SENT_OTHERWISE, literal=True) & (pl.col("intent") != "")
    ok = books.ops(*GIVING, Step.PAY).filter((pl.col("outcome") == Outcome.OK) & asked_so)
    named = pl.when(pl.col("f") == Step.PAY).then("payment_id").otherwise("order_id").alias("named")
    ids = ok.select("f", "intent", "channel", named).filter(pl.col("named") != "")
    paid = ok.filter((pl.col("f") == Step.PAY) & GIVES & (pl.col("order_id") != ""))
    made = paid.select("f", "intent", named=pl.col("order_id"))
    several = [each.group_by(pl.exclude("named")).agg(pl.col("named").n_unique()) for each in (ids, made)]
    found = [each.filter(pl.col("named") > 1).select("intent") for each in several]
    return pl.concat(found).unique(maintain_order=True).collect()["intent"]


def _anew(books: Books, again: pl.DataFrame) -> pl.Series:
    """Return the intents that were given an order and, sent again, were told no."""
    no = (pl.col("outcome") == Outcome.FAIL) & pl.col("error").is_in(_TAKEN_ANEW)
    denied = again.filter(no)
    given = books.given.select("intent", "acked_ns")
    both = denied.join(given, on="intent", maintain_order="left")
    return both.filter(pl.col("acked_ns") < pl.col("done_ns"))["intent"]


def _several(books: Books) -> pl.Series:
    if books.orders is None:
        return pl.Series("intent", [], dtype=pl.String)
    named = books.orders.filter(pl.col("intent") != "")
    orders = named.group_by("shopper", "intent", maintain_order=True).agg(pl.col("order_id").n_unique())
    return orders.filter(pl.col("order_id") > 1)["intent"]


def _proof(books: Books, first: list[str]) -> proof.Proof:
    answered = (pl.col("outcome") != Outcome.INFO) & pl.col("intent").is_in(first)
    orders = books.orders
    mine = (
        [] if orders is None else orders.filter(pl.col("intent").is_in(first))["order_id"].unique().to_list()
    )
    return proof.proof_of(proof.ops(books, answered, 6), proof.kept(books, sorted(mine)[:4]))
