"""I11, callback once: effects ≤ 1 for each event of the provider's, however often it came, and in what order.

Providers deliver at least once and in no order. Safety. That an order got nowhere by a late event is I16's.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from rehearsal.model.faults import FaultKind
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I11.callback_once"

#: Faults that send events more than once: without one, that none came twice is nobody's omission.
REPEATING = frozenset({FaultKind.CALLBACK_REPEATED, FaultKind.CALLBACK_REPEATED_AND_REGION_PAUSED})


def check(books: Books, plan: Plan) -> Finding:
    """Count each event's effects."""
    case, events = Case(CHECK), books.events
    if events is None:
        return case.unread("the callback events")
    if events.is_empty():
        return case.unknown("no callback came, so none could take effect twice")
    by_event = events.group_by("event_id", maintain_order=True).agg(
        pl.col("order_id").first(), pl.col("received", "effects").sum()
    )
    twice = by_event.filter(pl.col("effects") > 1)
    repeated = by_event.filter(pl.col("received") > 1).height
    wanted = any(fault.kind in REPEATING for fault in plan.faults)
    if twice.is_empty() and wanted and not repeated:
        return case.unknown("no callback came more than once, though the plan repeats them")
    tested = f"{repeated} of them came more than once" if repeated else "none of them came more than once"
    return case.judged(
        twice["event_id"].to_list(),
        held=f"each of {by_event.height} callbacks took effect at most once; {tested}",
        broken=f"{twice.height} of {by_event.height} callbacks took effect more than once",
        evidence={"events": by_event.height, "repeated": repeated},
        proof=partial(_proof, books, twice),
    )


def _proof(books: Books, twice: pl.DataFrame) -> proof.Proof:
    row = twice.row(0, named=True)
    words = "event {event_id} on order {order_id} came {received} times and took effect {effects} times"
    took = proof.counted("the shop's callbacks", words.format_map(row))
    first = [row["order_id"]] if row["order_id"] else []
    return proof.proof_of(took, proof.kept(books, first), proof.ledger(books, first)[:6])
