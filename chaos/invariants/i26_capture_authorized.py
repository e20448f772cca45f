"""I26, capture authorized: nothing is captured beyond what was authorized for the same payment.

A capture without an authorization takes money that nobody agreed to part with. A provider that charges in
one step is read as an authorization and a capture (`readings.ChargeReading`).
"""

import polars as pl

from chaos.invariants.outcome import judged, unknown, unread
from chaos.invariants.strange import strange_of
from chaos.invariants.tables import charges_of
from rehearsal.model.plan import Plan
from rehearsal.model.readings import FinalReadings
from rehearsal.model.verdict import Finding

CHECK = "I26.capture_authorized"


def check(frame: pl.DataFrame, readings: FinalReadings, plan: Plan) -> Finding:  # noqa: ARG001 - one face for all
    """Compare what was captured of each payment with what was authorized for it."""
    charges = charges_of(readings)
    if charges is None:
        return unread(CHECK, "the provider's ledger")
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
        return unknown(CHECK, "nothing was captured, so no capture could lack its authorization")
    if charges.filter(kind == "authorize").is_empty():
        return unread(CHECK, "the provider's authorizations")
    loose = captured.filter(pl.col("captured_cents") > pl.col("authorized_cents"))
    finding = judged(
        CHECK,
        loose["order_id"].unique(maintain_order=True).to_list(),
        held=f"each of {captured.height} captured payments was authorized, and for no less",
        broken=f"{loose.height} of {captured.height} captured payments were not authorized, or for less",
        evidence={"captured": captured.height},
    )
    return strange.qualify(finding)
