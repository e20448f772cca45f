"""How an invariant says what it found: broken, with the proof; held; or unknown, and what would settle it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chaos.invariants.proof import Proof, counted
from rehearsal.model.checks import sentence
from rehearsal.model.verdict import VIOLATIONS, Finding, Status

#: A finding names so many offenders; `measured` counts all.
NAMED = 20
#: Readings as a sentence names them.
_NAMES = {
    "stock": "the stock",
    "orders": "the orders",
    "charges": "the provider's ledger",
    "coupons": "the coupons",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One invariant before the bench; `subject` is what it is about, if it is about one thing (a SKU)."""

    check: str
    subject: str = ""

    def judged(
        self,
        offenders: Sequence[str],
        *,
        held: str,
        broken: str,
        proof: Callable[[], Proof],
        evidence: dict[str, Any] | None = None,
    ) -> Finding:
        """Return FAIL naming the offenders if there are any, else PASS; `held` and `broken` say which.

        `proof` is called for a FAIL only: it may search the history.
        """
        shown = {"proof": _drawn_up(proof)} if offenders else {}
        return Finding(
            check=f"invariant.{self.check}",
            subject=self.subject,
            status=Status.FAIL if offenders else Status.PASS,
            summary=sentence(broken if offenders else held),
            measured=float(len(offenders)),
            limit=0.0,
            unit=VIOLATIONS,
            ids=tuple(offenders[:NAMED]),
            evidence={**(evidence or {}), **shown},
        )

    def unknown(self, summary: str) -> Finding:
        """Return INCONCLUSIVE with the sentence that says what is missing."""
        return Finding(
            check=f"invariant.{self.check}",
            subject=self.subject,
            status=Status.INCONCLUSIVE,
            summary=sentence(summary),
        )

    def unread(self, *readings: str, **tables: object) -> Finding:
        """Return INCONCLUSIVE because the adapter could not read what would settle the invariant.

        Of `tables` those are named that are None: orders, stock, charges, coupons.
        """
        lacking = [_NAMES[name] for name, table in tables.items() if table is None]
        names = " and ".join([*readings, *lacking])
        return self.unknown(f"reading {names} after the run would settle this; the adapter does not")


def _drawn_up(proof: Callable[[], Proof]) -> Proof:
    """Return the proof, or why there is none: what is broken stays broken though nobody can show it."""
    try:
        return proof()
    except Exception as error:  # noqa: BLE001 - whatever the search dies of, the violation stands
        return counted("the audit", f"the proof could not be drawn up ({type(error).__name__}: {error})")
