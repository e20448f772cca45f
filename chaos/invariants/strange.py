"""Entries of the provider's ledger whose kind nobody here knows: money may have moved, either way.

An order that such an entry touches is not judged by the ledger: neither can it be blamed (the entry may be
the reversal that sets it right) nor vouched for. What the other orders break is broken; if they break
nothing, the invariant is INCONCLUSIVE and names the kinds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from msgspec.structs import replace

from rehearsal.model.checks import sentence
from rehearsal.model.readings import CHARGE_KINDS
from rehearsal.model.verdict import Finding, Status


@dataclass(frozen=True, slots=True)
class Strange:
    """The unknown kinds of a ledger with their number of entries, and the orders these touch."""

    kinds: Mapping[str, int]
    orders: frozenset[str]

    def leave_out(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return a table without the orders that an entry of unknown kind touches (column `order_id`)."""
        return table.filter(~pl.col("order_id").is_in(sorted(self.orders))) if self.orders else table

    def qualify(self, finding: Finding) -> Finding:
        """Return what a finding on the other orders means: a FAIL stands, a PASS does not."""
        if not self.kinds or finding.status is not Status.PASS:
            return finding
        told = ", ".join(f"{count} of kind {kind!r}" for kind, count in self.kinds.items())
        known = ", ".join(CHARGE_KINDS)
        words = f"the provider's ledger has entries that nobody can read ({told}); the kinds are {known}"
        return replace(
            finding,
            status=Status.INCONCLUSIVE,
            summary=sentence(words),
            measured=None,
            limit=None,
            unit="",
            evidence={**finding.evidence, "unknown_kinds": dict(self.kinds)},
        )


def strange_of(charges: pl.DataFrame) -> Strange:
    """Return what nobody can read of a ledger (columns of `reading_tables`)."""
    strange = charges.filter(~pl.col("kind").is_in(CHARGE_KINDS))
    payments = strange["payment_id"].filter(strange["payment_id"] != "").unique()
    by_payment = charges.filter(pl.col("payment_id").is_in(payments.implode()))
    counts = strange["kind"].value_counts().sort("kind")
    return Strange(dict(counts.iter_rows()), frozenset([*strange["order_id"], *by_payment["order_id"]]))
