"""A judgement has four values; the worst one wins, and an empty set of checks never passes."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from rehearsal.model import errors


class Status(StrEnum):
    """What one check says. INCONCLUSIVE: not enough evidence. INVALID: the harness itself was at fault."""

    PASS = "PASS"  # noqa: S105 - a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"


class Verdict(StrEnum):
    """What the run as a whole says."""

    GO = "GO"
    NO_GO = "NO_GO"
    INVALID = "INVALID"
    INCONCLUSIVE = "INCONCLUSIVE"


#: The unit of a finding that counts offenders: `measured` counts all of them, `ids` names the first.
VIOLATIONS = "violations"


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One check's outcome with its evidence.

    `check` is a dotted name, its first word the family: slo, invariant, fault, recovery, ledger,
    generator, headroom, history. `subject` says where (a phase, a fault, a SKU). `measured` and
    `limit` share `unit`. `ids` name the orders, payments or intents that prove a FAIL.
    """

    check: str
    status: Status
    summary: str
    subject: str = ""
    measured: float | None = None
    limit: float | None = None
    unit: str = ""
    ids: tuple[str, ...] = ()
    evidence: dict[str, Any] = {}


EXIT_CODES = {
    Verdict.GO: errors.EXIT_OK,
    Verdict.NO_GO: errors.EXIT_FAILED,
    Verdict.INCONCLUSIVE: errors.EXIT_INCONCLUSIVE,
    Verdict.INVALID: errors.EXIT_INVALID,
}

#: The order in which findings weigh, and are shown.
WORST_FIRST = (Status.FAIL, Status.INVALID, Status.INCONCLUSIVE, Status.PASS)

_VERDICTS = {
    Status.FAIL: Verdict.NO_GO,
    Status.INVALID: Verdict.INVALID,
    Status.INCONCLUSIVE: Verdict.INCONCLUSIVE,
    Status.PASS: Verdict.GO,
}


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return NO_GO if any check failed, else INVALID, else INCONCLUSIVE; GO if all of at least one passed."""
    return _VERDICTS[worst_of(findings) or Status.INCONCLUSIVE]


def worst_of(findings: Iterable[Finding]) -> Status | None:
    """Return the status that weighs most; None if there is no finding."""
    statuses = {finding.status for finding in findings}
    return next((status for status in WORST_FIRST if status in statuses), None)
