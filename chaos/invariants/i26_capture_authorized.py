"""I26, capture authorized: Σ capture ≤ Σ authorize for the same payment.

A capture without an authorization takes money that nobody agreed to part with. A provider that charges in
one step is read as an authorization and a capture (`readings.ChargeReading`). Safety.
"""

from functools import partial

import polars as pl

from chaos.invariants import proof
from chaos.invariants.books import Books
from chaos.invariants.outcome import Case
from chaos.invariants.strange import strange_of
from rehearsal.model.plan import Plan
from rehearsal.model.verdict import Finding

CHECK = "I26.capture_authorized"


def check(books: Books, plan: Plan) -> Finding:
    """Compare what was captured of each payment with what was authorized for it."""
    case, charges = Case(CHECK), books.charges
    if charges is None:
        return case.unread("the provider's ledger")
    strange = strange_of(charges)
    kind, amount = pl.col("kind"), pl.col("amount_cents")
    payments = (
        strange.leave_out(charges)
        .group_by("order_id", "payment_id", maintain_order=True)
        .agg(
            amount.filter(kind == "authorize").sum().alias("authorized_cents"),
            amount.filter(kind == "capture").sum().alias("captured_cents"),
        )
    )
    captured = payments.filter(pl.col("captured_cents") > 0)
    if captured.is_empty():
        return case.unknown("nothing was captured, so no capture could lack its authorization")
    # A ledger without a single one may be an adapter that does not read them; the mock provider's has them.
    if plan.target.shop != "mock" and charges.filter(kind == "authorize").is_empty():
        return case.unread("the provider's authorizations")
    loose = captured.filter(pl.col("captured_cents") > pl.col("authorized_cents"))
    offenders = loose["order_id"].unique(maintain_order=True).to_list()
    finding = case.judged(
        offenders,
        held=f"each of {captured.height} captured payments was authorized, and for no less",
        broken=f"{loose.height} of {captured.height} captured payments were not authorized, or for less",
        evidence={"captured": captured.height},
        proof=partial(_proof, books, offenders[:1]),
    )
    return strange.qualify(finding)


def _proof(books: Books, first: list[str]) -> proof.Proof:
    money = proof.ledger(books, first, ("authorize", "capture"))
    return proof.proof_of(money or proof.ledger(books, first), proof.kept(books, first))
