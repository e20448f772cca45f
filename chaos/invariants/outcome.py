"""How an invariant says what it found: broken, with the ids; held; or not known, and what would settle it."""

from collections.abc import Sequence
from typing import Any

from rehearsal.model.checks import sentence
from rehearsal.model.verdict import VIOLATIONS, Finding, Status

#: A finding names so many offenders; `measured` counts all.
NAMED = 20


def judged(
    check: str,
    offenders: Sequence[str],
    *,
    held: str,
    broken: str,
    subject: str = "",
    evidence: dict[str, Any] | None = None,
) -> Finding:
    """Return FAIL naming the offenders if there are any, else PASS; `held` and `broken` are the sentences."""
    return Finding(
        check=f"invariant.{check}",
        subject=subject,
        status=Status.FAIL if offenders else Status.PASS,
        summary=sentence(broken if offenders else held),
        measured=float(len(offenders)),
        limit=0.0,
        unit=VIOLATIONS,
        ids=tuple(offenders[:NAMED]),
        evidence=evidence or {},
    )


def unknown(check: str, summary: str, *, subject: str = "") -> Finding:
    """Return INCONCLUSIVE with the sentence that says what is missing."""
    return Finding(
        check=f"invariant.{check}", subject=subject, status=Status.INCONCLUSIVE, summary=sentence(summary)
    )


def unread(check: str, *readings: str, subject: str = "") -> Finding:
    """Return INCONCLUSIVE because the adapter could not read what would settle the invariant."""
    names = " and ".join(readings)
    return unknown(
        check, f"reading {names} after the run would settle this; the adapter does not", subject=subject
    )
